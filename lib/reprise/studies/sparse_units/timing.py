"""How times are taken: all that is compared in turn, many times, in one process; every time is kept.

A timing is not reproducible to the byte. What is kept is each repetition's time, so that its spread can be
seen, and ratios are taken repetition by repetition: a slow moment of the machine meets both sides.

On a machine with other work a call is now and then put aside by the system. For code of one thread that can
be seen: the wall clock goes on while the thread's own processor time stands. Such a call is *disturbed* and
is made again, a few times. The wall clock of an undisturbed call is what is kept; where all were disturbed
it is the least processor time, because long calls are disturbed more often than short ones, which would
flatter whoever is faster. How many calls were disturbed is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, thread_time
from typing import Any, TypeVar

Key = TypeVar("Key")

LEAST = 3
"""Repetitions that are made even when the time is up."""
WARM = 3
"""Untimed calls before a timed one: after other code had the caches, the first takes up to 2.5 times as long
as the fourth (a 1x1 layer of 112 x 112 pixels), which would be laid on whoever comes after it."""
TRIES = 8
_ALLOWED, _CLOCKS = 1.02, 2e-5
"""A call is disturbed when its wall time is above 1.02 times its processor time and 20 us for the clocks."""


@dataclass
class Times:
    """Milliseconds of each call by repetition, and how many of all calls were disturbed."""

    times: dict[str, list[float]]
    calls: int = 0
    disturbed: int = 0
    kept_disturbed: int = field(default=0)

    def __getitem__(self, name: str) -> list[float]:
        return self.times[name]

    def about(self) -> dict[str, int]:
        """The counts, for results."""
        return {"calls": self.calls, "disturbed": self.disturbed, "kept disturbed": self.kept_disturbed}


def interleave(calls: Mapping[str, Callable[[], Any]], repeats: int, seconds: float) -> Times:
    """Time each call, of one thread, in turn; each is called some times untimed before it is timed.

    Ends early when `seconds` are over, all calls having the same number of times.
    """
    found = Times({name: [] for name in calls})
    end = perf_counter() + seconds
    for done in range(repeats):
        if done >= LEAST and perf_counter() > end:
            break
        for name, call in calls.items():
            for _ in range(WARM):
                call()
            found.times[name].append(1000 * _time(call, found, TRIES))
    return found


def interleave_rows(
    calls: Mapping[Key, Callable[[], Any]], repeats: int, seconds: float, row: int
) -> dict[Key, list[float]]:
    """As `interleave`, for calls of several threads: a time is the median of `row` calls one after the other.

    Whether such a call was disturbed cannot be told; the median leaves out single calls that were.
    """
    found: dict[Key, list[float]] = {key: [] for key in calls}
    end = perf_counter() + seconds
    for done in range(repeats):
        if done >= LEAST and perf_counter() > end:
            break
        for key, call in calls.items():
            call()
            times = []
            for _ in range(row):
                start = perf_counter()
                call()
                times.append(1000 * (perf_counter() - start))
            found[key].append(median(times))
    return found


def _time(call: Callable[[], Any], found: Times, tries: int) -> float:
    """Seconds of an undisturbed call, or the least processor time of `tries` that were all disturbed."""
    least = float("inf")
    for _ in range(tries):
        own, start = thread_time(), perf_counter()
        call()
        wall, used = perf_counter() - start, thread_time() - own
        found.calls += 1
        least = min(least, used)
        if wall <= _ALLOWED * used + _CLOCKS:
            return wall
        found.disturbed += 1
    found.kept_disturbed += 1
    return least


def added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Sums of what `Times.about` gave.

    >>> added([{"calls": 2, "disturbed": 1}, {"calls": 3, "disturbed": 0}])
    {'calls': 5, 'disturbed': 1}
    """
    return {name: sum(c[name] for c in counts) for name in counts[0]} if counts else {}


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
