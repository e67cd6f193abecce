"""The table of edits: what each makes of results that were fresh (reliability, item 4)."""

import json
import os
import re
import shutil

import pytest

from reprise.experiment.libraries import library_versions
from reprise.experiment.notebook import presentation_key
from reprise.experiment.parameters import load_parameters
from reprise.experiment.publish import publish
from reprise.experiment.run import RunLog, run_study
from reprise.experiment.status import study_status


@pytest.fixture
def fresh(toy):
    """The toy with fresh results; the notebook is out of the way, the report stands in as published."""
    (toy.root / "notebooks" / "toy.ipynb").unlink()
    (toy.root / "params" / "claims").mkdir()
    (toy.root / "params" / "claims" / "toy.yaml").write_text("tolerance: 0.1\n")
    run(toy)
    toy.ran()
    return toy


def run(toy):
    log = RunLog()
    parameters = load_parameters(toy.study, "default", toy.root)
    run_study(toy.study, parameters, profile="default", root=toy.root, jobs=1, progress=False, log=log)
    publish_report(toy)
    return log


def publish_report(toy):
    key = presentation_key(toy.study, toy.results(), toy.root)
    publish(toy.results(), "report", key, {"tables/t.md": b"t\n"})


def state(toy):
    return study_status(toy.study, "default", toy.root)


def test_untouched_results_are_fresh_and_running_again_runs_nothing(fresh):
    assert state(fresh).state == "fresh"
    assert [outcome.state for outcome in run(fresh).outcomes] == ["reused"] * 6
    assert fresh.ran() == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("lib/toy/method.py", "# a comment", "# another comment"),
        ("lib/toy/method.py", "Multiply by a constant.", "Another docstring."),
        ("lib/toy/method.py", "FACTOR = 3.0", "FACTOR = (3.0)"),
        ("lib/toy/unrelated.py", "UNUSED = 1", "UNUSED = 2"),
        (
            "lib/toy/method.py",
            "FACTOR = 3.0",
            "UNUSED = [1]\nFACTOR = 3.0\n\n\ndef added():\n    return UNUSED",
        ),
        ("params/default/toy.yaml", "{}", "# as the defaults\nsteps: 4\nweight: 0.5\ninner: {factor: 2}"),
        ("data/words.txt", "sparse", "sparse"),
    ],
    ids=[
        "comment",
        "docstring",
        "layout",
        "unrelated module",
        "another function",
        "defaults written out",
        "touched input",
    ],
)
def test_edits_that_change_nothing(fresh, path, old, new):
    fresh.edit(path, old, new)
    os.utime(fresh.root / path)
    assert state(fresh).state == "fresh"


def test_a_function_that_moves_to_another_file_changes_nothing(fresh):
    method = (fresh.root / "lib" / "toy" / "method.py").read_text()
    scale = method[method.index("def scale") :]
    fresh.edit("lib/toy/method.py", scale, "")
    fresh.edit("lib/toy/unrelated.py", "UNUSED = 1", f"from toy.method import FACTOR\n\n\n{scale}")
    fresh.edit("lib/toy/study.py", "from toy.method import scale", "from toy.unrelated import scale")
    assert state(fresh).state == "fresh"
    fresh.edit("lib/toy/unrelated.py", "FACTOR * x", "FACTOR + x")
    now = state(fresh)
    assert (now.state, now.reason) == ("stale", "code: toy.unrelated.scale")


def test_a_caption_changes_what_is_shown_and_no_result(fresh):
    fresh.edit(
        "lib/toy/study.py",
        '"""The study."""',
        '"""The study."""\n\n    def tables(self, results):\n        return []\n',
    )
    now = state(fresh)
    assert (now.state, now.reason, now.missing) == ("incomplete", "report to be made again", ())


@pytest.mark.parametrize(
    ("path", "old", "new", "reason", "missing"),
    [
        ("lib/toy/method.py", "FACTOR = 3.0", "FACTOR = 4.0", "code: toy.method.FACTOR", 5),
        ("data/words.txt", "vector", "vectox", "input: words.txt", 6),
        ("params/default/toy.yaml", "{}", "inner: {factor: 3}", "parameters: factor", 5),
        ("params/default/toy.yaml", "{}", "weight: 0.25", "parameters: weight", 1),
        ("params/default/toy.yaml", "{}", "steps: 5", "units: step/4 is new", 2),
        ("params/default/toy.yaml", "{}", "label: other", "parameters: label", 0),
    ],
    ids=["constant", "one byte of input", "parameter", "late parameter", "more units", "unused parameter"],
)
def test_edits_that_make_results_stale_and_why(fresh, path, old, new, reason, missing):
    fresh.edit(path, old, new)
    now = state(fresh)
    assert now.state == "stale"
    assert reason in now.reason
    assert len(now.missing) == missing


def test_another_version_of_a_numeric_library_makes_results_stale(fresh, monkeypatch):
    changed = {**library_versions(), "numpy": "1.0"}
    monkeypatch.setattr("reprise.experiment.keys.library_versions", lambda: changed)
    now = state(fresh)
    assert (now.state, len(now.missing)) == ("stale", 5)  # the first unit counts words without it
    assert "libraries: numpy 1.0" in now.reason


def test_a_tolerance_is_judged_again_and_nothing_is_run(fresh):
    fresh.edit("params/claims/toy.yaml", "0.1", "0.2")
    now = state(fresh)
    assert (now.state, now.reason, now.missing) == ("incomplete", "report to be made again", ())
    run(fresh)
    assert (state(fresh).state, fresh.ran()) == ("fresh", [])


def test_results_edited_by_hand_are_tampered_and_a_run_restores_them(fresh):
    before = (fresh.results() / "results.json").read_bytes()
    fresh.edit("results/default/toy/results.json", '"value": ', '"value": 1')
    assert (state(fresh).state, state(fresh).reason) == ("tampered", "results.json")
    run(fresh)
    assert (fresh.results() / "results.json").read_bytes() == before
    assert (state(fresh).state, fresh.ran()) == ("fresh", [])


def test_a_table_edited_by_hand_is_tampered(fresh):
    fresh.edit("results/default/toy/tables/t.md", "t", "better")
    assert (state(fresh).state, state(fresh).reason) == ("tampered", "tables/t.md")


def test_a_fresh_clone_has_results_made_elsewhere_and_runs_them_here(fresh):
    shutil.rmtree(fresh.cache)
    now = state(fresh)
    assert (now.state, now.present) == ("elsewhere", 0)
    before = (fresh.results() / "results.json").read_bytes()
    assert {outcome.state for outcome in run(fresh).outcomes} == {"ran"}
    assert (fresh.results() / "results.json").read_bytes() == before
    assert state(fresh).state == "fresh"


def test_results_of_another_machine_are_replaced_by_what_the_units_gave_here(fresh):
    """Committed results with other last digits, with a valid manifest, and no unit in the cache."""
    here = (fresh.results() / "results.json").read_bytes()
    shutil.rmtree(fresh.cache)
    elsewhere = here.replace(b'"value": ', b'"value": 1')
    manifest = json.loads((fresh.results() / "manifest.json").read_bytes())
    for unit in manifest["units"].values():
        unit["value"] = "0" * 64
    del manifest["files"], manifest["parts"]["results"]["files"]
    publish(
        fresh.results(),
        "results",
        manifest.pop("parts")["results"]["key"],
        {"results.json": elsewhere},
        about=manifest,
    )
    publish_report(fresh)
    assert state(fresh).state == "elsewhere"
    run(fresh)
    assert (fresh.results() / "results.json").read_bytes() == here
    assert state(fresh).state == "fresh"


def test_the_seed_and_the_threads_are_part_of_the_key(toy):
    import dataclasses

    from reprise.experiment.keys import make_recipes

    unit = toy.study.units(toy.study.Parameters())[0]
    keys = [
        make_recipes([u])[0].key
        for u in (
            unit,
            dataclasses.replace(unit, seed=1),
            dataclasses.replace(unit, threads=2),
            dataclasses.replace(unit, name="another name", memory_gb=9),
        )
    ]
    assert len(set(keys[:3])) == 3
    assert keys[3] == keys[0]  # a name and a need of memory change no number


def test_a_manifest_says_what_the_results_were_made_from_and_not_where(fresh):
    text = (fresh.results() / "manifest.json").read_text()
    manifest = json.loads(text)
    assert manifest["units"]["base"]["inputs"].keys() == {"words.txt"}
    assert manifest["units"]["step/1"]["seed"] > 0
    assert manifest["method"]["parameters"]["steps"] == 4
    modules = manifest["implementation"]["source"]["modules"]
    assert modules["toy.method"].keys() == {"FACTOR", "scale"}
    assert modules["toy.study"].keys() == {
        *("Inner", "ToyParameters", "_begin", "base", "step", "total"),
        "Toy.collect",
    }
    assert {"cpu", "ram", "gpu"} <= manifest["platform"]["hardware"].keys()
    for private in (str(fresh.root), str(fresh.root.parent), os.uname().nodename):
        assert not re.search(
            rf"(?<!\w){re.escape(private)}(?!\w)", text
        )  # a host may have a name such as "vm"
