"""Results on more collections than are here are not replaced by fewer, unless that is asked for."""

import json

import pytest

from reprise.cli import run_command
from reprise.errors import EnvironmentNotReady
from reprise.experiment.kept_results import refuse_fewer
from reprise.experiment.requirement import Requirement

STORED = {"words": {}, "cacm": {"collection": "ir/cacm"}, "images": {"kind": "image task"}}


def needed(name, there, optional=True):
    return Requirement("collection", name, lambda: there, "set REPRISE_DATA", optional=optional)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps({"datasets": STORED, "cells": []}))
    return tmp_path


@pytest.mark.parametrize("name", ["ir/cacm", "images", "words"])
def test_what_is_stored_and_not_here_is_named(folder, name):
    needs = [needed(name, False), needed("ir/new", False), needed("beir/nq", False, optional=False)]
    with pytest.raises(EnvironmentNotReady, match=f"hold what is not here: {name};.*REPRISE_DATA.*--fewer"):
        refuse_fewer(needs, folder, "toy", "open")


def test_what_is_here_or_was_never_stored_is_no_matter(folder, tmp_path):
    refuse_fewer([needed("ir/cacm", True), needed("ir/new", False)], folder, "toy", "open")
    refuse_fewer([needed("ir/cacm", False)], tmp_path / "nothing", "toy", "open")
    (folder / "results.json").write_text("{")
    refuse_fewer([needed("ir/cacm", False)], folder, "toy", "open")


def test_the_command_refuses_before_any_unit_and_replaces_when_told(project, capsys, monkeypatch):
    there = {"words": True}
    needs = [Requirement("collection", "words", lambda: there["words"], "fetch it", optional=True)]
    monkeypatch.setattr(type(project.study), "requirements", lambda self, parameters: needs, raising=False)
    run = ["run", "toy", "--no-notebook", "--jobs", "1"]
    assert run_command(run) == 0
    kept = (project.results() / "results.json").read_bytes()
    there["words"] = False
    project.edit("params/default/toy.yaml", "{}", "{weight: 0.25}")
    project.ran()
    capsys.readouterr()
    assert run_command(run) == 3
    err = capsys.readouterr().err
    assert "hold what is not here: words" in err and "fetch it" in err and "--fewer" in err
    assert (project.results() / "results.json").read_bytes() == kept and project.ran() == []
    assert run_command([*run, "--fewer"]) == 0
    assert (project.results() / "results.json").read_bytes() != kept
