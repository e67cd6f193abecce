"""Run the missing units of a study in the order of their needs, never more than the machine can hold.

A unit says how many threads and how much memory it takes. Of the units that are ready those with the longest
way behind them start first, as long as those that are running leave room for the next one; one that is larger
than the whole machine runs alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from pathlib import Path

from reprise.errors import StudyFailed
from reprise.experiment.display import Display
from reprise.experiment.executors import Cluster, Executor, Here, Processes
from reprise.experiment.gpu import gpu_count
from reprise.experiment.keys import Recipe
from reprise.experiment.longest_first import longest_first
from reprise.experiment.progress_file import forget_progress, read_progress
from reprise.experiment.work import Outcome

TRIES = 2
"""How often a unit is tried when the process that runs it is killed from outside."""


def run_units(
    missing: Sequence[Recipe],
    cache: Path,
    show: Display,
    *,
    jobs: int | None = None,
    cluster: str | None = None,
    seconds: Mapping[str, float] | None = None,
) -> dict[str, Outcome]:
    """Run these units; outcomes by unit name, of those that were begun.

    `seconds` is how long units took before, by name, where that is known (see `longest_first`).
    After a failure nothing new is started and what is running is finished. Raises what interrupts it, after
    the workers have been stopped.
    """
    if not missing:
        return {}
    cores, memory = machine_size()
    executor = _choose(missing, cores, jobs, cluster)
    room = Room(max(cores, executor.slots), memory, gpu_count(), executor)
    killed = True
    try:
        outcomes = _loop(longest_first(missing, seconds or {}), cache, show, executor, room)
        killed = False
        return outcomes
    finally:
        executor.close(kill=killed)


def machine_size() -> tuple[int, float]:
    """Cores and GB of memory that this process may use, limits of a container counted."""
    import psutil
    from joblib.externals.loky import cpu_count

    memory = psutil.virtual_memory().total
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(name).read_text()))
        except (OSError, ValueError):
            continue
    return cpu_count(), memory / 1e9


def _choose(missing: Sequence[Recipe], cores: int, jobs: int | None, cluster: str | None) -> Executor:
    if cluster:
        return Cluster(cluster)
    # as many as can each have the threads of the widest unit: on fewer cores than that, workers would only
    # import everything again and wait for each other
    widest = max(recipe.unit.threads for recipe in missing)
    slots = min(max(cores // widest, 1) if jobs is None else jobs, len(missing))
    return Processes(slots) if slots > 1 else Here()


class Room:
    """What is free of the machine; on a cluster a unit takes a worker, whatever it needs."""

    def __init__(self, threads: int, memory_gb: float, gpus: int, executor: Executor) -> None:
        self._threads, self._memory, self._executor = threads, memory_gb, executor
        self._gpus = list(range(gpus))
        self._running: dict[str, tuple[int, float, int | None]] = {}

    def fits(self, recipe: Recipe) -> bool:
        """Whether the unit can start beside those that are running."""
        if not self._running:
            return True
        if len(self._running) >= self._executor.slots:
            return False
        if self._executor.remote:
            return True
        threads = sum(t for t, _, _ in self._running.values()) + recipe.unit.threads
        memory = sum(m for _, m, _ in self._running.values()) + recipe.unit.memory_gb
        return (
            threads <= self._threads and memory <= self._memory and (not recipe.unit.gpu or bool(self._gpus))
        )

    def take(self, recipe: Recipe) -> str:
        """Mark the unit as running; the device it gets."""
        local = recipe.unit.gpu and not self._executor.remote  # a worker of a cluster uses its own
        gpu = self._gpus.pop(0) if local and self._gpus else None
        self._running[recipe.key] = (recipe.unit.threads, recipe.unit.memory_gb, gpu)
        return "cpu" if gpu is None else f"cuda:{gpu}"

    def leave(self, recipe: Recipe) -> None:
        """Mark the unit as done."""
        gpu = self._running.pop(recipe.key)[2]
        if gpu is not None:
            self._gpus.append(gpu)


def _loop(
    missing: list[Recipe], cache: Path, show: Display, executor: Executor, room: Room
) -> dict[str, Outcome]:
    unique: dict[str, Recipe] = {}
    for recipe in missing:
        unique.setdefault(recipe.key, recipe)  # twins by content run once
    waiting = list(unique.values())
    unfinished = {recipe.key for recipe in waiting}
    running: dict[Future[Outcome], Recipe] = {}
    tries: Counter[str] = Counter()
    outcomes: dict[str, Outcome] = {}
    failed = False
    while waiting or running:
        for recipe in [] if failed else [r for r in waiting if unfinished.isdisjoint(r.needs.values())]:
            if not room.fits(recipe):
                break  # in order: a wide unit is not starved by narrow ones behind it
            waiting.remove(recipe)
            show.unit_started(recipe.name)
            future = executor.submit(
                recipe, cache, room.take(recipe), partial(show.unit_progress, recipe.name)
            )
            running[future] = recipe
            if future.done():  # in this process: what it gave is looked at before the next one starts
                break
        if not running:
            break
        done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in done:
            recipe = running.pop(future)
            room.leave(recipe)
            forget_progress(cache, recipe.key)
            tries[recipe.key] += 1
            if future.exception() is not None and tries[recipe.key] < TRIES and not failed:
                show.note(f"{recipe.name}: the process that ran it was killed; it is started again")
                waiting.insert(0, recipe)
                continue
            outcome = _outcome(recipe, future)
            outcomes[recipe.name] = outcome
            for note in outcome.notes:
                show.note(note)
            show.unit_done(outcome)
            if outcome.state == "failed":
                failed = True
            else:
                unfinished.discard(recipe.key)
        for recipe in running.values():
            if (progress := read_progress(cache, recipe.key)) is not None:
                show.unit_progress(recipe.name, *progress)
    return outcomes


def _outcome(recipe: Recipe, future: Future[Outcome]) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    problem = StudyFailed(
        f"unit {recipe.name!r}: the process that ran it ended {TRIES} times without a result "
        f"({type(error).__name__}: {error})",
        remedy="see whether memory runs out, and use fewer --jobs",
    )
    return Outcome(recipe.name, recipe.key, "failed", message=str(problem), exit_code=problem.exit_code)
