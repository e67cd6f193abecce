"""One unit, done: taken from the store when it is there, run and stored when it is not.

This is what every executor calls, in this process or in another. Failures are given back as data, because not
every exception survives the way between processes.
"""

from __future__ import annotations

import errno
import shutil
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reprise.errors import EnvironmentNotReady, RepriseError, StudyFailed
from reprise.experiment.context import Context, Report
from reprise.experiment.keys import Recipe
from reprise.experiment.locks import hold
from reprise.experiment.measure import measure
from reprise.experiment.store import Store
from reprise.experiment.threads import limit_threads


@dataclass(frozen=True)
class Outcome:
    """How it went: `state` is "reused", "ran" or "failed"; `notes` are sentences for the user."""

    name: str
    key: str
    state: str
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    message: str = ""
    exit_code: int = 0


def do_unit(recipe: Recipe, cache: Path, device: str = "cpu", report: Report | None = None) -> Outcome:
    """Make sure that the unit is in the store, and say how that went; its own errors are not raised."""
    store, notes = Store(cache), []
    started = time.perf_counter()
    try:
        with hold(store.locks, recipe.key, lambda note: notes.append(note.replace(recipe.key, recipe.name))):
            # another process may have made it while this one waited
            if store.find(recipe.key):
                return Outcome(recipe.name, recipe.key, "reused", time.perf_counter() - started, tuple(notes))
            if (store.units / recipe.key).exists():
                notes.append(f"{recipe.name}: what was stored is damaged; made anew")
            seconds = _run(recipe, store, device, report)
        return Outcome(recipe.name, recipe.key, "ran", seconds, tuple(notes))
    except Exception as error:
        return _failure(recipe, store, error, time.perf_counter() - started, tuple(notes))


def _run(recipe: Recipe, store: Store, device: str, report: Report | None) -> float:
    unit = recipe.unit
    folder = store.begin(recipe.key)
    needs = {role: store.units / key for role, key in recipe.needs.items()}
    context = Context(folder, store.checkpoints / recipe.key, needs, unit.seed, unit.threads, device, report)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with measure() as cost, limit_threads(unit.threads):
            value = unit.function(context, **unit.parameters)
        store.publish(
            recipe.key,
            folder,
            value,
            {
                "schema": "reprise/unit/1",
                "name": unit.name,
                "ingredients": dict(recipe.ingredients),
                "began": began,
                "device": device,
                "wall_seconds": cost.seconds,
                "peak_memory_gb": cost.peak_memory_gb,
            },
        )
    except BaseException:  # an interrupt too: only a kill leaves the folder, for the next owner to remove
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return cost.seconds


def _failure(
    recipe: Recipe, store: Store, error: Exception, seconds: float, notes: tuple[str, ...]
) -> Outcome:
    problem = _explain(recipe, error)
    message = str(problem)
    try:
        file = store.note_failure(
            recipe.key,
            {
                "name": recipe.name,
                "message": message,
                "traceback": "".join(traceback.format_exception(error)),
            },
        )
        if not isinstance(error, RepriseError):
            message += f" The whole traceback is in {file}"
    except OSError:
        pass  # a full disk must not hide what happened
    return Outcome(recipe.name, recipe.key, "failed", seconds, notes, message, problem.exit_code)


def _explain(recipe: Recipe, error: Exception) -> RepriseError:
    if isinstance(error, RepriseError):
        renamed = StudyFailed(f"unit {recipe.name!r}: {error}")
        renamed.exit_code = error.exit_code
        return renamed
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return EnvironmentNotReady(
            f"unit {recipe.name!r} ran out of disk: {error.strerror}",
            remedy="free some space, or set REPRISE_CACHE to a folder on another disk",
        )
    if isinstance(error, MemoryError):
        return EnvironmentNotReady(
            f"unit {recipe.name!r} ran out of memory", remedy="close other programs, or use a smaller profile"
        )
    return StudyFailed(
        f"unit {recipe.name!r} failed with {type(error).__name__}: {error}",
        remedy="mend the cause and run again; finished units are kept",
    )
