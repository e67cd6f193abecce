"""How sure a mean is: intervals of cells and of differences between cells, always the same ones.

BCa bootstrap over the samples (topics, targets, repetitions); with fewer than ten samples, of which a
bootstrap makes too narrow an interval, Student's t. The generator's seed comes from the dataset and the
measure alone, so the same numbers have the same interval in every table and figure.
"""

from __future__ import annotations

from functools import lru_cache

from reprise.evaluation.cells import Cell

FEWEST = 3
"""Two values have an interval of 13 standard errors either way, which says nothing."""

FEW = 10
LEVEL = 0.95


def interval_of(cell: Cell) -> tuple[float, float] | None:
    """The 95 % interval of a cell's mean; None with fewer than three samples.

    >>> interval_of(Cell("toy", "MAP", {}, 2.0, samples={"a": 1.0, "b": 2.0, "c": 3.0}))
    (-0.484138, 4.484138)
    >>> interval_of(Cell("toy", "MAP", {}, 2.0)) is None
    True
    """
    return _interval(tuple(cell.samples.values()), f"{cell.dataset} {cell.measure}")


def interval_of_difference(left: Cell, right: Cell) -> tuple[float, float] | None:
    """The 95 % interval of left - right, paired over the samples that both have; None for fewer than 3."""
    shared = [name for name in left.samples if name in right.samples]
    differences = tuple(round(left.samples[name] - right.samples[name], 6) for name in shared)
    return _interval(differences, f"{left.dataset} {left.measure} difference")


def interval_kind(n: int) -> str:
    """What kind of interval n samples get.

    >>> interval_kind(50), interval_kind(3)
    ('BCa bootstrap', "Student's t")
    """
    return "BCa bootstrap" if n >= FEW else "Student's t"


@lru_cache(maxsize=20_000)
def _interval(values: tuple[float, ...], label: str) -> tuple[float, float] | None:
    import numpy as np

    from reprise.evaluation.intervals import bootstrap_interval, t_interval
    from reprise.experiment.unit import seed_for

    if len(values) < FEWEST:
        return None
    if len(set(values)) == 1:
        return values[0], values[0]
    if len(values) < FEW:
        low, high = t_interval(values, LEVEL)
    else:
        generator = np.random.default_rng(seed_for("report", "interval", label))
        low, high = bootstrap_interval(values, generator, level=LEVEL, resamples=1000)
    return round(low, 6), round(high, 6)
