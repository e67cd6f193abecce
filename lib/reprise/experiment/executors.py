"""Where units run: in this process, in worker processes of this machine, or on a Dask cluster.

An executor offers `slots` (how many units at once), `submit` (a future of an `Outcome`) and `close`. Loky is
joblib's process pool; Dask's executor is used through the same few calls.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

from reprise.errors import EnvironmentNotReady
from reprise.experiment.context import Report
from reprise.experiment.gpu import gpu_count
from reprise.experiment.keys import Recipe
from reprise.experiment.progress_file import report_to
from reprise.experiment.work import Outcome, do_unit

PATIENCE = "20s"
"""How long a Dask scheduler may take to answer."""

GROWTH = 2_000_000_000
"""Bytes that a worker process may have grown by since its first unit; with more it is started anew."""


class Executor(Protocol):
    """Runs units one or several at a time."""

    slots: int
    remote: bool

    def submit(self, recipe: Recipe, cache: Path, device: str, report: Report) -> Future[Outcome]: ...
    def close(self, kill: bool) -> None: ...


class Here:
    """One after another, in this process: nothing is imported twice."""

    slots, remote = 1, False

    def submit(self, recipe: Recipe, cache: Path, device: str, report: Report) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(do_unit(recipe, cache, device, report))
        return future

    def close(self, kill: bool) -> None:
        pass


class Processes:
    """Worker processes on this machine, started when needed and ended with the run."""

    remote = False

    def __init__(self, slots: int) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        self.slots = slots
        self._make = lambda: ProcessPoolExecutor(
            max_workers=slots, timeout=None, initializer=_begin_worker, initargs=(os.getpid(),)
        )
        self._pool = self._make()

    def submit(self, recipe: Recipe, cache: Path, device: str, report: Report) -> Future[Outcome]:
        try:
            return self._pool.submit(_work, recipe, cache, device)
        except BrokenProcessPool:  # a worker was killed: the pool is lost, the units are not
            self._pool = self._make()
            return self._pool.submit(_work, recipe, cache, device)

    def close(self, kill: bool) -> None:
        self._pool.shutdown(wait=True, kill_workers=kill)


class Cluster:
    """A running Dask cluster; the cache folder must be on a file system that every worker sees."""

    remote = True

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise EnvironmentNotReady(
                "running on a cluster needs Dask", given=address, remedy="pip install 'reprise[cluster]'"
            ) from error
        try:
            self._client = Client(address, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise EnvironmentNotReady(
                f"no Dask scheduler answers: {error}",
                given=address,
                remedy="start one with `dask scheduler` and give its address",
            ) from error
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise EnvironmentNotReady(
                "the Dask cluster has no workers",
                given=address,
                remedy="start some with `dask worker ADDRESS --nthreads 1`",
            )
        self.slots = len(workers)

    def submit(self, recipe: Recipe, cache: Path, device: str, report: Report) -> Future[Outcome]:
        packed = pickle.dumps(recipe)  # the scheduler need not know the study's modules
        return _as_future(self._client.submit(_work_packed, packed, cache, pure=False, retries=2))

    def close(self, kill: bool) -> None:
        self._client.close()


def _as_future(dask_future: Any) -> Future[Outcome]:
    future: Future[Outcome] = Future()

    def finish(done: Any) -> None:
        error = done.exception() if done.status == "error" else None
        if error is not None:
            future.set_exception(error)
        elif done.status == "finished":
            future.set_result(done.result())
        else:
            future.set_exception(RuntimeError(f"the cluster gave the unit up: {done.status}"))

    dask_future.add_done_callback(finish)
    future.kept = dask_future  # Dask forgets what nobody holds
    return future


def _work(recipe: Recipe, cache: Path, device: str) -> Outcome:
    return do_unit(recipe, cache, device, report_to(cache, recipe.key))


def _work_packed(packed: bytes, cache: Path) -> Outcome:
    """On a worker of a cluster: on its own first GPU when the unit's key says GPU, else on its CPU."""
    recipe: Recipe = pickle.loads(packed)
    wants_gpu = recipe.ingredients.get("device") == "cuda"
    if wants_gpu and not gpu_count():
        problem = EnvironmentNotReady(
            f"unit {recipe.name!r} is to run on a GPU and this worker of the cluster has none",
            remedy="start the workers on nodes with GPUs",
        )
        return Outcome(recipe.name, recipe.key, "failed", message=str(problem), exit_code=3)
    return _work(recipe, cache, "cuda:0" if wants_gpu else "cpu")


def _begin_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, end with it, and do not take loaded libraries for a leak."""
    from joblib.externals.loky import process_executor

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # loky ends a worker that grew by 300 MB, as torch and Java make it, and would load them time and again
    process_executor._MAX_MEMORY_LEAK_SIZE = GROWTH

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
