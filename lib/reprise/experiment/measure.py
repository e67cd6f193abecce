"""Wall time and peak memory of a piece of work."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    """Seconds of wall time; `peak_memory_gb` is the process's highest resident size meanwhile."""

    seconds: float = 0.0
    peak_memory_gb: float = 0.0
    _before: int = 0


_OPEN: list[Cost] = []


@contextmanager
def measure() -> Iterator[Cost]:
    """Measure the body; the numbers are there when it has ended, also when it failed.

    One measurement may stand inside another: the outer one covers it too.
    """
    cost = Cost()
    for outer in _OPEN:  # the mark is the process's, and is about to be forgotten
        outer._before = max(outer._before, _peak_bytes())
    _OPEN.append(cost)
    _reset_peak()
    start = time.perf_counter()
    try:
        yield cost
    finally:
        _OPEN.remove(cost)
        cost.seconds = round(time.perf_counter() - start, 3)
        cost.peak_memory_gb = round(max(_peak_bytes(), cost._before) / 1e9, 3)


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # Linux: forget the high-water mark of earlier units


def _peak_bytes() -> int:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
