"""What may run beside what: threads, memory, GPUs, and the choice between one process and several."""

from concurrent.futures import Future

import pytest

from reprise.experiment import schedule
from reprise.experiment.display import Display
from reprise.experiment.executors import Here
from reprise.experiment.keys import Recipe
from reprise.experiment.schedule import Room, run_units
from reprise.experiment.unit import Unit
from reprise.experiment.work import Outcome


def function(context):
    return None


def recipe(name, needs=(), **unit):
    made = Unit(name, function, needs={n: n for n in needs}, **unit)
    return Recipe(made, f"key-{name}", {}, {n: f"key-{n}" for n in needs}, {})


class Recorded(Here):
    """An executor that ends units when it is told to, and records which ran side by side."""

    slots = 4

    def __init__(self):
        self.running, self.together, self.devices = {}, [], {}

    def submit(self, recipe, cache, device, report):
        future = Future()
        self.running[recipe.name] = (future, recipe)
        self.devices[recipe.name] = device
        self.together.append(sorted(self.running))
        return future

    def end_all(self):
        for name, (future, one) in list(self.running.items()):
            del self.running[name]
            future.set_result(Outcome(name, one.key, "ran"))


def run(monkeypatch, recipes, threads=4, memory=16.0, gpus=0):
    """Run with an executor that ends whatever runs each time the loop waits; what ran together."""
    executor = Recorded()

    def wait(futures, timeout, return_when):
        executor.end_all()
        return set(futures), set()

    monkeypatch.setattr(schedule, "_choose", lambda *arguments: executor)
    monkeypatch.setattr(schedule, "machine_size", lambda: (threads, memory))
    monkeypatch.setattr(schedule, "gpu_count", lambda: gpus)
    monkeypatch.setattr(schedule, "wait", wait)
    outcomes = run_units(recipes, no_cache(), Display())
    assert [o.state for o in outcomes.values()] == ["ran"] * len(recipes)
    return executor


def no_cache():
    from pathlib import Path

    return Path("/nonexistent")


def test_narrow_units_share_the_machine_and_wide_ones_have_it_alone(monkeypatch):
    done = run(monkeypatch, [recipe("a"), recipe("b"), recipe("wide", threads=4), recipe("c")])
    assert done.together == [["a"], ["a", "b"], ["wide"], ["c"]]


def test_memory_is_not_promised_twice(monkeypatch):
    done = run(monkeypatch, [recipe("a", memory_gb=10), recipe("b", memory_gb=10), recipe("c", memory_gb=6)])
    assert done.together == [["a"], ["b"], ["b", "c"]]


def test_a_unit_larger_than_the_machine_runs_alone(monkeypatch):
    done = run(monkeypatch, [recipe("a"), recipe("huge", memory_gb=100, threads=64), recipe("b")])
    assert done.together == [["a"], ["huge"], ["b"]]


def test_one_unit_a_gpu(monkeypatch):
    done = run(monkeypatch, [recipe(name, gpu=True) for name in "abc"] + [recipe("cpu")], gpus=2)
    assert done.together == [["a"], ["a", "b"], ["c"], ["c", "cpu"]]
    assert (done.devices["a"], done.devices["b"], done.devices["cpu"]) == ("cuda:0", "cuda:1", "cpu")
    assert done.devices["c"].startswith("cuda:")


def test_a_unit_waits_for_those_that_it_needs(monkeypatch):
    done = run(monkeypatch, [recipe("a"), recipe("b", needs=["a"]), recipe("c")])
    assert done.together == [["a"], ["a", "c"], ["b"]]


def test_twins_by_content_run_once(monkeypatch):
    a, twin = recipe("a"), recipe("twin")
    twin = Recipe(twin.unit, a.key, {}, {}, {})
    executor = Recorded()
    monkeypatch.setattr(schedule, "_choose", lambda *arguments: executor)
    monkeypatch.setattr(schedule, "wait", lambda futures, **_: (executor.end_all(), (set(futures), set()))[1])
    assert list(run_units([a, twin], no_cache(), Display())) == ["a"]


@pytest.mark.parametrize(
    ("threads", "cores", "jobs", "slots"),
    [
        ((1, 1, 1), 2, None, 2),
        ((1, 1, 2), 2, None, 1),
        ((1, 2, 2), 8, None, 3),
        ((2, 2), 2, 2, 2),
        ((1, 1), 8, 1, 1),
    ],
)
def test_how_many_processes(threads, cores, jobs, slots):
    units = [recipe(str(i), threads=n) for i, n in enumerate(threads)]
    executor = schedule._choose(units, cores, jobs, None)
    assert executor.slots == slots
    executor.close(kill=True)


def test_a_room_gives_back_what_was_taken():
    room = Room(1, 2.0, 1, Recorded())
    one = recipe("a", gpu=True)
    assert room.take(one) == "cuda:0"
    assert not room.fits(recipe("b"))
    room.leave(one)
    assert room.fits(recipe("b", gpu=True)) and room.take(recipe("b", gpu=True)) == "cuda:0"
