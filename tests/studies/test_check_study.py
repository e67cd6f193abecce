"""What every study must pass; a new paper is accepted when this is green for it (`-k NAME`).

The checks of files take seconds. The others look at one smoke run a study, made when it is first asked for.
"""

import json
import shutil

import pytest

from reprise import studies
from reprise.experiment.checks.file_rules import FILE_CHECKS
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.checks.notebook_rules import NOTEBOOK_CHECKS
from reprise.experiment.checks.outcome import without_timings
from reprise.experiment.checks.outcome_rules import OUTCOME_CHECKS
from reprise.experiment.project import find_root
from reprise.experiment.store import Store

AGAIN_SECONDS = 5.0
"""Units that are made a second time may have taken this long together when they were made first."""

every_study = pytest.mark.parametrize("name", studies.names())


def called(check):
    return check.__name__.removeprefix("check_")


@every_study
@pytest.mark.parametrize("check", [*NOTEBOOK_CHECKS, *FILE_CHECKS], ids=called)
def test_files(name, check):
    assert check(StudyFiles(studies.load_study(name), find_root())) == []


@every_study
@pytest.mark.parametrize("check", OUTCOME_CHECKS, ids=called)
def test_smoke_run(name, check, smoke):
    assert check(smoke.outcome(name)) == []


@every_study
def test_smoke_run_says_where_its_results_are_and_no_traceback(name, smoke):
    out, err = smoke.said(name)
    assert f"{name}: results/smoke/{name}" in out
    assert "Traceback" not in out + err


@every_study
def test_units_made_again_and_a_resumed_run_give_the_same(name, smoke):
    """Some units and all results are removed; a run makes exactly these again, in another process."""
    outcome = smoke.outcome(name)
    timings = outcome.files.study.timings
    store, recipes = Store(smoke.cache), smoke.recipes(name)
    before = {recipe.key: store.find(recipe.key) for recipe in recipes}
    assert all(before.values())
    values = {key: stored.value() for key, stored in before.items()}
    again = quickest(before)
    whole = {file: (outcome.folder / file).read_bytes() for file in ("results.json", "notebook.ipynb")}
    for key in again:
        shutil.rmtree(store.units / key)
    shutil.rmtree(outcome.folder)
    code, _, err = smoke.run(name, PYTHONHASHSEED="2")
    assert code == 0, err[-3000:]
    after = {recipe.key: store.find(recipe.key) for recipe in recipes}
    remade = {
        key for key, stored in after.items() if stored.manifest["began"] != before[key].manifest["began"]
    }
    assert remade == again
    for key, stored in after.items():
        assert without_timings(stored.value(), timings) == without_timings(values[key], timings)
    results = (outcome.folder / "results.json").read_bytes()
    if not timings:
        assert results == whole["results.json"]
    assert without_timings(json.loads(results), timings) == without_timings(
        json.loads(whole["results.json"]), timings
    )


def quickest(stored):
    """Keys of the quickest units, at least one and at most half of them, within the seconds allowed."""
    by_time = sorted(stored, key=lambda key: stored[key].manifest["wall_seconds"])
    chosen, seconds = set(), 0.0
    for key in by_time[: max(len(by_time) // 2, 1)]:
        seconds += stored[key].manifest["wall_seconds"]
        if chosen and seconds > AGAIN_SECONDS:
            break
        chosen.add(key)
    return chosen
