"""What the machinery costs: a unit that does nothing, the status of a thousand units, and starting up."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reprise.experiment.study import Parameters, Study
from reprise.experiment.unit import Unit

UNITS = 1000


def do_nothing(context: object, *, number: int) -> int:
    """The unit that is measured."""
    return number


class Nothing(Study):
    """A study of units that do nothing."""

    name = "nothing"

    def units(self, parameters: Parameters) -> list[Unit]:
        return [Unit(f"unit/{i}", do_nothing, {"number": i}) for i in range(UNITS)]

    def collect(self, parameters: Parameters, values: object) -> dict[str, object]:
        return {"datasets": {}, "cells": [], "comparisons": []}


def benchmark() -> list[dict[str, Any]]:
    """Overhead of a unit, `reprise status`, `import reprise` and `reprise --help`, each against its goal."""
    run, status = _run_and_status()
    return [
        _row("a unit that does nothing, of 1,000 in one process", run / UNITS, 0.010),
        _row("status of 1,000 units", status, 1.0),
        _row("import reprise", _best("import reprise") - _best("pass"), 0.3),
        _row("reprise --help", _best("from reprise.cli import main; main(['--help'])"), 0.6),
    ]


def _row(what: str, seconds: float, goal: float) -> dict[str, Any]:
    return {"name": what, "ours_s": seconds, "goal_s": goal}


def _run_and_status() -> tuple[float, float]:
    """Seconds of a cold run of all units, and of telling their status after it."""
    from reprise.experiment.run import run_study
    from reprise.experiment.status import study_status

    before = os.environ.get("REPRISE_CACHE")
    with tempfile.TemporaryDirectory(prefix="reprise-bench-") as folder:
        root = Path(folder)
        (root / "params" / "default").mkdir(parents=True)
        (root / "params" / "default" / "nothing.yaml").write_text("{}\n")
        os.environ["REPRISE_CACHE"] = str(root / "cache")
        try:
            start = time.perf_counter()
            run_study(Nothing(), Parameters(), profile="default", root=root, jobs=1, progress=False)
            middle = time.perf_counter()
            study_status(Nothing(), "default", root)
            return middle - start, time.perf_counter() - middle
        finally:
            if before is None:
                del os.environ["REPRISE_CACHE"]
            else:
                os.environ["REPRISE_CACHE"] = before


def _best(code: str, times: int = 3) -> float:
    """The fastest of some runs of a fresh interpreter, in seconds."""

    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    return min(once() for _ in range(times))
