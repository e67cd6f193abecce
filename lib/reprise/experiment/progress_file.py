"""How far a unit in another process is: a small file that the worker replaces and the parent reads."""

from __future__ import annotations

import json
import os
from pathlib import Path

from reprise.experiment.context import Report


def report_to(cache: Path, key: str) -> Report:
    """A report that leaves (label, done, total) in the cache folder."""
    file = _file(cache, key)

    def report(label: str, done: int, total: int | None) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps([label, done, total]))
            os.replace(fresh, file)
        except OSError:
            pass  # a bar that stands still is no reason to fail

    return report


def read_progress(cache: Path, key: str) -> tuple[str, int, int | None] | None:
    """What was last reported for the unit; None when nothing was."""
    try:
        label, done, total = json.loads(_file(cache, key).read_text())
    except (OSError, ValueError):
        return None
    return label, done, total


def forget_progress(cache: Path, key: str) -> None:
    """Remove the unit's progress file."""
    _file(cache, key).unlink(missing_ok=True)


def _file(cache: Path, key: str) -> Path:
    return cache / "progress" / f"{key}.json"
