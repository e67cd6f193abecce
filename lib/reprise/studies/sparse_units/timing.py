"""How times are taken: all that is compared in turn, many times, in one process; every time is kept.

A timing is not reproducible to the byte. What is kept is each repetition's time, so that its spread can be
seen, and ratios are taken repetition by repetition: a slow moment of the machine meets both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

LEAST = 3
"""Repetitions that are made even when the time is up."""


def interleave(
    calls: Mapping[str, Callable[[], Any]], repeats: int, seconds: float
) -> dict[str, list[float]]:
    """Milliseconds of each call by repetition; each is called once untimed before it is timed.

    Ends early when `seconds` are over, all calls having the same number of times.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    end = perf_counter() + seconds
    for done in range(repeats):
        if done >= LEAST and perf_counter() > end:
            break
        for name, call in calls.items():
            call()
            start = perf_counter()
            call()
            times[name].append(1000 * (perf_counter() - start))
    return times


def summed(times: list[list[float]], weights: list[int]) -> list[float]:
    """Sums over layers, repetition by repetition, each layer as often as it occurs.

    >>> summed([[1.0, 2.0], [10.0, 10.0, 10.0]], [1, 2])
    [21.0, 22.0]
    """
    count = min(len(t) for t in times)
    return [sum(w * t[i] for t, w in zip(times, weights, strict=True)) for i in range(count)]


def cell(dataset: str, measure: str, factors: Mapping[str, str], samples: list[float]) -> dict[str, Any]:
    """A cell of timings: the median, with every repetition."""
    return {
        "dataset": dataset,
        "measure": measure,
        "factors": dict(factors),
        "value": median(samples),
        "n": len(samples),
        "samples": {str(i): value for i, value in enumerate(samples)},
    }


def ratios(numerator: list[float], denominator: list[float]) -> list[float]:
    """Ratio by repetition.

    >>> ratios([6.0, 8.0], [2.0, 4.0])
    [3.0, 2.0]
    """
    return [a / b for a, b in zip(numerator, denominator, strict=False)]


def share(zeros: float) -> str:
    """A sparsity as a factor's value: "0.9"."""
    return f"{zeros:g}"


@contextmanager
def threads_of_torch(n: int) -> Iterator[None]:
    """torch and BLAS held to `n` threads; the unit has the whole machine, so that nothing runs beside it."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        with threadpool_limits(n):
            yield
    finally:
        torch.set_num_threads(before)
