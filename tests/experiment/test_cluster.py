"""Units on a real Dask cluster of two worker processes on this machine."""

import os
import sys

import pytest

from reprise.errors import EnvironmentNotReady
from reprise.experiment.run import run_study

from ..dask_cluster import dask_cluster, wait_for_workers

pytest.importorskip("distributed", reason="Dask is an extra: pip install 'reprise[cluster]'")


@pytest.fixture(scope="module")
def cluster():
    with dask_cluster() as made:
        yield made


def run(toy, **options):
    return run_study(
        toy.study, toy.study.Parameters(), profile="default", root=toy.root, progress=False, **options
    )


def test_a_cluster_gives_the_bytes_of_a_serial_run_and_a_killed_worker_costs_its_unit(
    toy, cluster, monkeypatch
):
    run(toy, jobs=1)
    serial = (toy.results() / "results.json").read_bytes()
    (toy.results() / "manifest.json").unlink()
    monkeypatch.setenv("REPRISE_CACHE", str(toy.root / "shared-cache"))
    toy.ran()
    address, start_worker = cluster
    marker = toy.root / "killed"
    toy.edit(
        "lib/toy/study.py",
        'if os.environ.get("TOY_KILL") == name:',
        f'if os.environ.get("TOY_KILL") == name and not os.path.exists("{marker}"):\n'
        f'        open("{marker}", "w").close()',
    )
    for _ in range(2):
        path = os.pathsep.join([str(toy.root / "lib"), *sys.path])
        start_worker(
            PYTHONPATH=path,
            TOY_LOG=str(toy.root / "log"),
            TOY_KILL="step/1",
            REPRISE_CACHE=str(toy.root / "shared-cache"),
        )
    wait_for_workers(address, 2)
    run(toy, cluster=address)
    ran = toy.ran()
    assert marker.exists()
    assert sorted(ran) == ["base", "step/0", "step/1", "step/1", "step/2", "step/3", "total"]
    assert (toy.results() / "results.json").read_bytes() == serial


def test_a_scheduler_that_does_not_answer(toy, monkeypatch):
    monkeypatch.setattr("reprise.experiment.executors.PATIENCE", "1s")
    with pytest.raises(EnvironmentNotReady, match="no Dask scheduler answers"):
        run(toy, cluster="tcp://127.0.0.1:9")
