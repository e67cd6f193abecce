"""How sure a mean is: intervals of cells and of differences between cells, always the same ones.

BCa bootstrap over the samples (topics, kinds of targets); with fewer than ten samples, of which a bootstrap
makes too narrow an interval, Student's t. The value of a timing is a median, and so is what its interval is
of. The generator's seed comes from the dataset and the measure alone, so the same numbers have the same
interval in every table and figure.
"""

from __future__ import annotations

from functools import lru_cache

from reprise.evaluation.cells import Cell
from reprise.evaluation.contrast import by_cluster

FEWEST = 3
"""Two values have an interval of 13 standard errors either way, which says nothing."""

FEW = 10
LEVEL = 0.95
STUDENT = "Student's t"


def interval_of(cell: Cell) -> tuple[float, float] | None:
    """The 95 % interval of a cell's value; None with fewer than three samples, and for what is counted.

    >>> interval_of(Cell("toy", "MAP", {}, 2.0, samples={"a": 1.0, "b": 2.0, "c": 3.0}))
    (-0.484138, 4.484138)
    >>> interval_of(Cell("toy", "MAP", {}, 2.0)) is None
    True
    """
    if cell.drawn.of == "count" or not cell.samples:
        return None
    if cell.drawn.of == "rounds":
        return _of_median(sorted(cell.samples.values()))
    samples = by_cluster(cell.samples) if cell.drawn.clustered else cell.samples
    return _interval(tuple(samples.values()), f"{cell.dataset} {cell.measure}")


def interval_of_difference(left: Cell, right: Cell) -> tuple[float, float] | None:
    """The 95 % interval of left - right, paired over the samples that both have; None for fewer than 3."""
    shared = [name for name in left.samples if name in right.samples]
    differences = tuple(round(left.samples[name] - right.samples[name], 6) for name in shared)
    return _interval(differences, f"{left.dataset} {left.measure} difference")


def interval_kind(cell: Cell) -> tuple[str, int]:
    """What kind of interval a cell gets, and from how many samples.

    >>> interval_kind(Cell("toy", "MAP", {}, 2.0, samples={"a": 1.0, "b": 2.0, "c": 3.0}))
    ("of the mean, Student's t", 3)
    """
    if cell.drawn.of == "rounds":
        return "of the median, order statistics", len(cell.samples)
    n = len(by_cluster(cell.samples) if cell.drawn.clustered else cell.samples)
    return f"of the mean, {'BCa bootstrap' if n >= FEW else STUDENT}", n


def _of_median(ordered: list[float]) -> tuple[float, float] | None:
    """The narrowest pair of values, as many from either end, that holds the median in 95 % of samples.

    >>> _of_median([float(i) for i in range(15)])  # 96.5 %: the fourth from either end
    (3.0, 11.0)
    """
    from scipy.stats import binom

    if len(ordered) < FEWEST:
        return None
    outside = max(int(binom.ppf((1 - LEVEL) / 2, len(ordered), 0.5)), 1)
    return ordered[outside - 1], ordered[-outside]


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
