"""What a cluster's worker does with a unit that asks for a GPU; a run without Dask; a worker that grows."""

import os
import pickle
import sys
import time

import pytest

from reprise.errors import EnvironmentNotReady
from reprise.experiment import executors
from reprise.experiment.executors import Cluster, Here, Processes
from reprise.experiment.keys import Recipe
from reprise.experiment.schedule import Room
from reprise.experiment.unit import Unit


def function(context):
    return None


def recipe(device=None):
    ingredients = {} if device is None else {"device": device}
    return Recipe(Unit("train", function, gpu=device is not None), "key", ingredients, {}, {})


@pytest.mark.parametrize(
    ("device", "gpus", "used"),
    [("cuda", 2, "cuda:0"), ("cpu", 2, "cpu"), ("cpu", 0, "cpu"), (None, 2, "cpu")],
)
def test_a_worker_runs_a_unit_on_the_device_that_its_key_names(monkeypatch, tmp_path, device, gpus, used):
    seen = []
    monkeypatch.setattr(executors, "gpu_count", lambda: gpus)
    monkeypatch.setattr(executors, "_work", lambda recipe, cache, device: seen.append(device))
    executors._work_packed(pickle.dumps(recipe(device)), tmp_path)
    assert seen == [used]


def test_a_worker_without_the_gpu_says_so_and_stores_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(executors, "gpu_count", lambda: 0)
    outcome = executors._work_packed(pickle.dumps(recipe("cuda")), tmp_path)
    assert (outcome.state, outcome.exit_code) == ("failed", 3)
    assert "this worker of the cluster has none" in outcome.message
    assert list(tmp_path.iterdir()) == []


def test_the_gpus_of_this_machine_are_not_given_to_a_clusters_units():
    class Remote(Here):
        slots, remote = 4, True

    room = Room(2, 8.0, 2, Remote())
    assert room.take(recipe("cuda")) == "cpu", "the worker chooses its own"
    assert Room(2, 8.0, 2, Here()).take(recipe("cuda")) == "cuda:0"


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EnvironmentNotReady, match=r"needs Dask.*reprise\[cluster\]"):
        Cluster("tcp://127.0.0.1:8786")


KEPT = []


def grow(megabytes):
    """Keep so much memory, as loaded libraries do, and say which process this is."""
    KEPT.append(b"\1" * (megabytes * 2**20))
    time.sleep(1.1)  # loky looks at a worker's memory once a second
    return os.getpid()


def test_a_worker_that_grows_as_libraries_make_it_is_kept():
    processes = Processes(1)
    try:
        workers = [processes._pool.submit(grow, size).result() for size in (1, 600, 1, 1)]
    finally:
        processes.close(kill=True)
    assert len(set(workers)) == 1
