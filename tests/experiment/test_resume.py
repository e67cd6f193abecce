"""Kills, interrupts and two runs at once (reliability, items 2, 3 and 10)."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

UNITS = ["base", "step/0", "step/1", "step/2", "step/3", "total"]
RUN = ("run", "--no-notebook", "--jobs", "1")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """results.json of an uninterrupted run."""
    return {}


def reference(toy, expected):
    if not expected:
        assert toy.drive(*RUN, REPRISE_CACHE=str(toy.root / "reference"))[0] == 0
        expected["bytes"] = (toy.results() / "results.json").read_bytes()
        for file in toy.results().iterdir():
            file.unlink()
        toy.ran()
    return expected["bytes"]


def leftovers(toy):
    return [p for p in toy.root.rglob("*") if p.suffix in (".tmp", ".next", ".owner")] + list(
        (toy.cache / "building").glob("*")
    )


@pytest.mark.parametrize("k", range(len(UNITS)))
def test_after_a_kill_exactly_the_missing_units_run_and_the_bytes_are_the_same(toy, expected, k):
    wanted = reference(toy, expected)
    code, _, _ = toy.drive(*RUN, TOY_KILL=UNITS[k])
    assert code == -signal.SIGKILL
    assert toy.ran() == UNITS[: k + 1]
    code, _, err = toy.drive(*RUN)
    assert code == 0
    assert toy.ran() == UNITS[k:]
    assert "taken over from process" in err
    assert (toy.results() / "results.json").read_bytes() == wanted
    assert leftovers(toy) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_with_its_code_and_leaves_nothing(toy, number, code, jobs):
    process = toy.start("run", "--no-notebook", "--jobs", jobs, TOY_SLEEP="step/1")
    wait_for(lambda: "step/1" in (toy.root / "log").read_text() if (toy.root / "log").exists() else False)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err.splitlines()[-1].startswith("reprise: interrupted")
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    if jobs == "1":
        assert leftovers(toy) == []
    toy.ran()
    assert toy.drive(*RUN)[0] == 0
    assert "base" not in toy.ran()
    assert leftovers(toy) == []


def test_workers_end_when_their_parent_is_killed(toy):
    process = toy.start("run", "--no-notebook", "--jobs", "2", TOY_SLEEP="step/1")
    wait_for(lambda: "step/1" in (toy.root / "log").read_text() if (toy.root / "log").exists() else False)
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.kill()
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive


def test_a_killed_worker_costs_its_unit_one_more_try(toy, tmp_path):
    marker = tmp_path / "killed"
    toy.edit(
        "lib/toy/study.py",
        'if os.environ.get("TOY_KILL") == name:',
        f'if os.environ.get("TOY_KILL") == name and not os.path.exists("{marker}"):\n'
        f'        open("{marker}", "w").close()',
    )
    code, _, err = toy.drive("run", "--no-notebook", "--jobs", "2", TOY_KILL="step/1")
    assert code == 0, err
    ran = toy.ran()
    assert ran.count("step/1") == 2
    assert (ran.count("base"), ran.count("total")) == (1, 1)


def test_two_runs_at_once_run_every_unit_and_the_notebook_once(toy):
    toy.edit(
        "notebooks/toy.ipynb",
        'print(\\"made in\\"',
        'open(os.environ[\\"TOY_LOG\\"], \\"a\\").write(\\"notebook \\")\\nprint(\\"made in\\"',
    )
    both = [toy.start("run", "--jobs", "2") for _ in range(2)]
    outcomes = [process.communicate(timeout=90) for process in both]
    assert [process.returncode for process in both] == [0, 0], outcomes
    assert sorted(toy.ran()) == sorted([*UNITS, "notebook"])


def test_a_checkpoint_survives_a_kill_and_is_gone_after(tmp_path, monkeypatch):
    from reprise.experiment.keys import make_recipes
    from reprise.experiment.unit import Unit
    from reprise.experiment.work import do_unit

    recipe = make_recipes([Unit("training", trains)])[0]
    first = os.fork()
    if first == 0:
        do_unit(recipe, tmp_path)
        os._exit(0)  # not reached: the unit kills its process after step 2
    os.waitpid(first, 0)
    assert (tmp_path / "checkpoints" / recipe.key / "step").read_text() == "2"
    outcome = do_unit(recipe, tmp_path)
    assert outcome.state == "ran", outcome.message
    assert (tmp_path / "units" / recipe.key / "value.json").read_text() == "[2, 3, 4]\n"
    assert not (tmp_path / "checkpoints" / recipe.key).exists()


def trains(context):
    """Five steps; each is noted, and the process is killed after the third when it began at the first."""
    file = context.checkpoints / "step"
    start = int(file.read_text()) if file.exists() else 0
    for done in range(start, 5):
        file.write_text(str(done))
        if start == 0 and done == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    return list(range(start, 5))


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_atomic_publishing_under_random_kills(tmp_path):
    """A child publishes two versions in turn and is killed at odd moments: what is found is always whole."""
    from reprise.experiment.publish import read_manifest, tampered_files

    folder = tmp_path / "results"
    for moment in range(12):
        child = os.fork()
        if child == 0:
            _publish_for_ever(folder)
        time.sleep(0.03 + 0.0013 * moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        manifest = read_manifest(folder)
        if manifest is not None and not (folder / "manifest.json.next").exists():
            assert tampered_files(folder, manifest) == []
            assert len({(folder / n).read_bytes()[:1] for n in ("results.json", "more.json")}) == 1


def _publish_for_ever(folder: Path):
    from reprise.experiment.publish import publish

    version = 0
    while True:
        version = (version + 1) % 2
        content = str(version).encode() * 200_000
        publish(folder, "results", str(version), {"results.json": content, "more.json": content}, about={})
