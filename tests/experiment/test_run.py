"""A study is run: what is reused, in which order, with which bytes, and what a failure leaves."""

import json
import os

import pytest

from reprise.errors import InputError, ParameterError, StudyFailed
from reprise.experiment.keys import make_recipes
from reprise.experiment.results import Results
from reprise.experiment.run import RunLog, run_study
from reprise.experiment.store import Store
from reprise.experiment.unit import Unit

ALL = ["base", "step/0", "step/1", "step/2", "step/3", "total"]


def run(toy, parameters=None, **options):
    options = {"jobs": 1, "progress": False} | options
    return run_study(
        toy.study, parameters or toy.study.Parameters(), profile="default", root=toy.root, **options
    )


def test_units_run_in_the_order_of_their_needs_and_once(toy):
    results = run(toy)
    assert toy.ran() == ALL
    assert results.cells.get(measure="total").n == 1
    run(toy)
    assert toy.ran() == []


def test_units_are_shared_by_content_whatever_they_are_run_for(toy):
    run(toy, toy.study.Parameters(steps=2))
    assert toy.ran() == ["base", "step/0", "step/1", "total"]
    run(toy, toy.study.Parameters(steps=3))
    assert toy.ran() == ["step/2", "total"]


def test_worker_processes_give_the_bytes_of_a_serial_run(toy, monkeypatch):
    run(toy)
    serial = (toy.results() / "results.json").read_bytes()
    monkeypatch.setenv("REPRISE_CACHE", str(toy.root / "other-cache"))
    toy.ran()
    (toy.results() / "manifest.json").unlink()
    run(toy, jobs=2)
    ran = toy.ran()
    assert (ran[0], sorted(ran[1:5]), ran[5]) == ("base", ALL[1:5], "total")
    assert (toy.results() / "results.json").read_bytes() == serial


def test_unchanged_results_are_not_written_again(toy):
    run(toy)
    before = {f: f.stat().st_mtime_ns for f in toy.results().iterdir()}
    run(toy)
    assert {f: f.stat().st_mtime_ns for f in toy.results().iterdir()} == before


def test_other_parameters_than_the_profiles_are_a_trial(toy):
    run(toy)
    published = (toy.results() / "results.json").read_bytes()
    trial = run(toy, toy.study.Parameters(weight=0.25))
    assert trial.folder.is_relative_to(toy.cache / "trials")
    assert trial.parameters["weight"] == 0.25
    assert (toy.results() / "results.json").read_bytes() == published


def test_a_failure_names_the_unit_and_keeps_what_is_done(toy, monkeypatch):
    monkeypatch.setenv("TOY_FAIL", "step/2")
    log = RunLog()
    with pytest.raises(
        StudyFailed, match=r"unit 'step/2' failed with ValueError: the toy was told to fail"
    ) as caught:
        run(toy, log=log)
    assert caught.value.exit_code == 1
    assert [(o.name, o.state) for o in log.outcomes] == [
        ("base", "ran"),
        ("step/0", "ran"),
        ("step/1", "ran"),
        ("step/2", "failed"),
    ]
    assert not toy.results().exists()
    monkeypatch.delenv("TOY_FAIL")
    toy.ran()
    run(toy)
    assert toy.ran() == ["step/2", "step/3", "total"]
    assert not list((toy.cache / "failures").iterdir())


def test_an_error_that_the_unit_explains_keeps_its_exit_code(toy, monkeypatch):
    monkeypatch.setenv("TOY_REFUSE", "base")
    with pytest.raises(StudyFailed, match="the toy does not like its input") as caught:
        run(toy)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("damage", ["truncated value", "changed file", "no file", "broken manifest"])
def test_a_damaged_unit_is_made_again(toy, damage):
    run(toy)
    before = (toy.results() / "results.json").read_bytes()
    toy.ran()
    base = toy.cache / "units" / make_recipes(toy.study.units(toy.study.Parameters()))[0].key
    if damage == "truncated value":
        (base / "value.json").write_text("{")
    elif damage == "changed file":  # of the same size: only the hash can tell
        text = (base / "copy.txt").read_text()
        (base / "copy.txt").write_text(text.swapcase())
    elif damage == "no file":
        (base / "copy.txt").unlink()
    else:
        (base / "manifest.json").write_text('{"key": ')
    assert Store(toy.cache).find(base.name) is None
    run(toy)
    assert toy.ran() == ["base"]
    assert (toy.results() / "results.json").read_bytes() == before


def test_results_that_were_changed_are_not_loaded(toy):
    folder = run(toy).folder
    assert Results.load(folder).study == "toy"
    toy.edit("results/default/toy/results.json", '"value": ', '"value": 1')
    with pytest.raises(InputError, match=r"changed after they were published.*results\.json"):
        Results.load(folder)


def test_results_are_rounded_and_sorted(toy):
    text = (run(toy).folder / "results.json").read_text()
    body = json.loads(text)
    assert list(body) == sorted(body)
    assert all(round(c["value"], 6) == c["value"] for c in body["cells"])
    assert str(toy.root) not in text


def test_the_hash_seed_changes_nothing(toy):
    outcomes = []
    for seed in ("0", "1"):
        assert (
            toy.drive(
                "run",
                "--no-notebook",
                "--jobs",
                "1",
                PYTHONHASHSEED=seed,
                REPRISE_CACHE=str(toy.root / f"cache-{seed}"),
            )[0]
            == 0
        )
        outcomes.append((toy.results() / "results.json").read_bytes())
        os.unlink(toy.results() / "manifest.json")
    assert outcomes[0] == outcomes[1]


def function(context):
    return None


@pytest.mark.parametrize(
    ("units", "complaint"),
    [
        ([Unit("a", function), Unit("a", function)], "two units have the name 'a'"),
        ([Unit("a", function, needs={"x": "b"}), Unit("b", function)], "do not stand before it"),
        ([Unit("a", function, {"x": float("nan")})], "cannot be written as JSON"),
        ([Unit("a", function, {"x": object()})], "cannot be written as JSON"),
    ],
)
def test_units_that_do_not_fit_together(units, complaint, monkeypatch):
    with pytest.raises(ParameterError, match=complaint):
        make_recipes(units)
