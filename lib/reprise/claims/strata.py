"""The contrasts of a row with what an interval says of each; and of those that are taken together.

An interval inside the region is for the claim, one outside against it, one below half of what the paper
prints "too small"; the rest is open. Taken together are the contrasts of a *stratum*: of one value of each
factor that the claim must hold within, and with one of the systems that it compares with, so that a gain on
one cannot hide a loss on another. It is the mean of their relative effects, as collections differ in level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reprise.claims.claim import Claim, Row
from reprise.claims.comparison import Comparison
from reprise.claims.effect import PaperEffect, in_unit
from reprise.claims.region import INFINITE
from reprise.claims.verdict import Says
from reprise.errors import InputError
from reprise.evaluation.contrast import Estimate, add, contrast
from reprise.evaluation.simultaneous import Interval


@dataclass(frozen=True)
class Tested:
    """A comparison with its estimate, the ends of its region and the paper's effect (see `paper_effects`)."""

    comparison: Comparison
    estimate: Estimate
    bounds: tuple[float, float]
    effect: PaperEffect | None

    def half(self, row: Row) -> float | None:
        """Half of the paper's effect, where the region is bounded by no difference and all must lie in it."""
        if self.effect is None or not self.effect.claimed or 0.0 not in self.bounds or row.needs != "all":
            return None
        return in_unit(row, self.comparison, self.effect.size, 0.5)

    def says(self, row: Row, interval: Interval, own: Interval) -> Says:
        """What it says, by the family's interval, or in a conjunction for the claim by its own."""
        if row.region.two_sided:
            inside = self.bounds[0] <= own.low and own.high <= self.bounds[1]
            return Says.FOR if inside else says(row, interval, self.bounds, None)
        return says(row, interval, self.bounds, self.half(row))


def says(row: Row, interval: Interval, bounds: tuple[float, float], half: float | None) -> Says:
    """What an interval says of a region; an exact one lies in it or not.

    >>> row = Row(id="x", system={"s": "a"}, than={"s": "b"}, region={"above": 0})
    >>> says(row, Interval(0.5, -0.5, 1.5, 0.5, 2), (0.0, INFINITE), half=2.0)
    <Says.SMALL: 'too small'>
    """
    low, high = bounds
    if interval.error == 0:
        strict = row.region.above is not None or row.region.below is not None
        within = low < interval.value < high if strict else low <= interval.value <= high
        return Says.FOR if within else Says.AGAINST
    if interval.high < low or interval.low > high:
        return Says.AGAINST
    if low <= interval.low and interval.high <= high and not row.region.two_sided:
        return Says.FOR
    if half is None:
        return Says.OPEN
    return Says.SMALL if (interval.high < half if low > -INFINITE else interval.low > half) else Says.OPEN


@dataclass(frozen=True)
class Stratum:
    """Places of the contrasts that are taken together, and their mean.

    `relative` says whether it is one of log ratios; `half` and `paper` are half of the paper's effect and all
    of it, None where one of the contrasts has none.
    """

    group: dict[str, str]
    link: str
    places: list[int]
    mean: Estimate
    relative: bool
    half: float | None
    paper: float | None


def strata_of(row: Row, tested: Sequence[Tested]) -> list[Stratum]:
    """The strata of a row's contrasts.

    Raises `InputError` where the region of a difference is bounded by a number that has no relative form.
    """
    places: dict[tuple[str, ...], list[int]] = {}
    for place, each in enumerate(tested):
        c = each.comparison
        places.setdefault((*(c.group[name] for name in row.within), c.link), []).append(place)
    found = []
    for key, mine in places.items():
        group = dict(zip(row.within, key[:-1], strict=True))
        found.append(Stratum(group, key[-1], mine, *_mean(row, [tested[i] for i in mine])))
    return found


def _mean(row: Row, tested: Sequence[Tested]) -> tuple[Estimate, bool, float | None, float | None]:
    """The mean effect, whether it is relative, and the paper's in the same unit: half of it and all.

    It is one of effects as they are where a value is not above 0, where the claim speaks of points, where the
    region has another end than no difference, and where there is one contrast alone.
    """
    estimates, relative = [t.estimate for t in tested], all(t.comparison.as_ratio for t in tested)
    points = isinstance(row, Claim) and row.effect == "points"
    from_none = all(abs(end) in (0.0, INFINITE) for end in tested[0].bounds)
    if row.contrast == "difference" and not points and from_none and len(tested) > 1:
        try:
            found = [t.comparison for t in tested]
            estimates = [contrast(c.cells, c.coefficients, logarithmic=True) for c in found]
            relative = True
        except InputError:
            pass
    half, paper = (_mean_effect(row, tested, relative, share) for share in (0.5, 1.0))
    return add(estimates, [1 / len(tested)] * len(tested)), relative, half, paper


def _mean_effect(row: Row, tested: Sequence[Tested], relative: bool, share: float) -> float | None:
    if any(t.half(row) is None for t in tested):
        return None
    sizes = [(t.comparison, t.effect.size) for t in tested]
    effects = [share * size if relative else in_unit(row, c, size, share) for c, size in sizes]
    return float(np.mean(effects))
