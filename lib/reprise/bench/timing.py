"""How benchmarks take time: ours and the peer's in turn, several times, in one process."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np


def compare_times(
    name: str, ours: Callable[[], Any], peer: Callable[[], Any], note: str, repeats: int = 5
) -> dict[str, Any]:
    """Time both in turn, so that a slow moment of the machine meets both; each runs once untimed before.

    Gives medians in seconds, `ratio` (peer / ours: above 1 ours is faster) and `spread`, the first and third
    quartile of the ratios.
    """
    ours()
    peer()
    times = np.array([[_time(ours), _time(peer)] for _ in range(repeats)])
    ratios = times[:, 1] / times[:, 0]
    low, high = np.percentile(ratios, [25, 75])
    ours_s, peer_s = np.median(times, axis=0)
    return {
        "name": name,
        "ours_s": float(ours_s),
        "peer_s": float(peer_s),
        "ratio": float(peer_s / ours_s),
        "spread": [float(low), float(high)],
        "note": note,
    }


def _time(function: Callable[[], Any]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start
