"""Intervals of single cells: of means, of a timing's median, of kinds of tasks, none of counts."""

from reprise.evaluation.cells import Cell, Sampling
from reprise.report.spread import interval_kind, interval_of


def cell(values, **sampling):
    samples = values if isinstance(values, dict) else {str(i): v for i, v in enumerate(values)}
    return Cell("toy", "ms", {}, 1.0, len(samples), samples, sampling=Sampling(**sampling))


def test_the_interval_of_a_timing_holds_its_median_whatever_the_slow_rounds():
    """Fifteen rounds, the last ten times as slow: the fourth from either end, 96.5 %."""
    rounds = cell([*map(float, range(1, 15)), 150.0], of="rounds")
    assert interval_of(rounds) == (4.0, 12.0)
    assert interval_kind(rounds) == ("of the median, order statistics", 15)


def test_targets_of_a_kind_are_one_sample():
    """Means of 1, 2 and 3 by kind: 2 -+ 4.303 / sqrt(3), as of three values and not of thirty."""
    targets = {f"{kind}/{i}": float(kind) for kind in (1, 2, 3) for i in range(10)}
    kinds = cell(targets, of="targets", clustered=True)
    assert interval_of(kinds) == (-0.484138, 4.484138)
    assert interval_kind(kinds) == ("of the mean, Student's t", 3)


def test_what_is_counted_and_what_has_no_samples_has_none():
    assert interval_of(cell([1.0, 2.0, 3.0], of="count")) is None
    assert interval_of(cell([], of="targets", clustered=True)) is None
    assert interval_of(cell([1.0, 2.0], of="rounds")) is None
