"""The states that a study can be in and are not the outcome of an edit (those are in test_edits)."""

import shutil

import pytest

from reprise.experiment.parameters import load_parameters
from reprise.experiment.run import run_study
from reprise.experiment.status import study_status


def run(toy):
    parameters = load_parameters(toy.study, "default", toy.root)
    return run_study(toy.study, parameters, profile="default", root=toy.root, jobs=1, progress=False)


def state(toy):
    return study_status(toy.study, "default", toy.root)


def test_nothing_is_there(toy):
    now = state(toy)
    assert (now.state, now.present, now.units, len(now.missing)) == ("missing", 0, 6, 6)
    assert (now.age, now.wall_seconds) == (None, None)
    assert not toy.results().exists(), "asking makes nothing"


def test_k_of_n_units_after_a_failure(toy, monkeypatch):
    monkeypatch.setenv("TOY_FAIL", "step/2")
    with pytest.raises(Exception, match="step/2"):
        run(toy)
    now = state(toy)
    assert (now.state, now.reason) == ("failed", "step/2 (3 of 6 units are done)")
    assert now.missing == ("step/2", "step/3", "total")
    shutil.rmtree(toy.cache / "failures")  # as after a kill, which leaves no word
    assert (state(toy).state, state(toy).reason) == ("incomplete", "3 of 6 units")


def test_what_is_still_to_be_made_of_published_results(toy):
    run(toy)
    now = state(toy)
    assert (now.state, now.reason) == ("incomplete", "notebook and report to be made again")
    assert now.present == now.units == 6
    assert now.age is not None and now.age < 3600 and now.size > 0 and now.wall_seconds >= 0


def test_publishing_that_was_cut_short(toy):
    run(toy)
    (toy.results() / "manifest.json.next").write_text("{}")
    assert state(toy).reason == "publishing was cut short"
    run(toy)
    assert not (toy.results() / "manifest.json.next").exists()


def test_a_manifest_that_cannot_be_read_is_none(toy):
    run(toy)
    (toy.results() / "manifest.json").write_text('{"files": ')
    assert state(toy).state == "incomplete"
    before = (toy.results() / "results.json").read_bytes()
    toy.ran()
    run(toy)
    assert toy.ran() == [] and (toy.results() / "results.json").read_bytes() == before
