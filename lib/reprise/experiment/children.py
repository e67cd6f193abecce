"""End a process and everything that it started."""

from __future__ import annotations

import contextlib


def end_family(pid: int, patience: float = 3.0) -> None:
    """Ask a process and its descendants to end, and kill those that have not after `patience` seconds."""
    import psutil

    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        _tell(process, "terminate")
    _, alive = psutil.wait_procs(family, timeout=patience)
    for process in alive:
        _tell(process, "kill")
    psutil.wait_procs(alive, timeout=patience)


def _tell(process: object, what: str) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        getattr(process, what)()
