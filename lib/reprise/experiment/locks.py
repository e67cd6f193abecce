"""One owner at a time, between processes: a file lock that the system drops when its owner dies.

The owner's process number stands beside the lock while it is held, so that whoever takes over from a dead
owner can say so. A lock held by a living process is waited for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reprise.data.disk import culprit, way_out
from reprise.errors import EnvironmentNotReady


@contextmanager
def hold(folder: Path, name: str, tell: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the lock `name` in `folder`; `tell` is given a sentence when it has to wait or takes over.

    Raises `EnvironmentNotReady` when the lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    owner = folder / f"{name}.owner"
    lock = FileLock(folder / f"{name}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if tell:
                tell(f"{name} is being made by {_owner(owner)}; waiting for it")
            lock.acquire(poll_interval=0.1)
        try:
            if owner.exists() and tell:
                tell(f"{name}: taken over from {_owner(owner)}, which ended without finishing")
            owner.write_text(str(os.getpid()))
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(str(folder)):
            raise
        raise EnvironmentNotReady(
            f"the lock {name!r} cannot be taken: {error.strerror}",
            given=culprit(error, folder),
            remedy=way_out(error, "set REPRISE_CACHE to a folder that you can write to"),
        ) from error


@contextmanager
def try_hold(folder: Path, name: str) -> Iterator[bool]:
    """Hold the lock if nobody else does; whether it is held is what the body is given."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _owner(file: Path) -> str:
    try:
        return f"process {int(file.read_text())}"
    except (OSError, ValueError):
        return "another process"
