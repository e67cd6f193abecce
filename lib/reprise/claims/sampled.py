"""The comparisons of a row in our results that can be tested, each with its interval and what that says.

An interval inside the region is for the claim, one outside against it, one below half of what the paper
prints "too small"; the rest is open. A region with two ends (equivalence, "about") is a conjunction: a
contrast is for it by its own 90 % interval (two one-sided tests), and against it by the family's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, isfinite

from reprise.claims.claim import Row
from reprise.claims.comparison import Comparison, gather
from reprise.claims.effect import in_unit, paper_effects
from reprise.claims.evidence import Evidence
from reprise.claims.verdict import AGAINST, CURVE, FOR, OPEN, SMALL, UNTESTED, Line, finite
from reprise.errors import InputError
from reprise.evaluation.cells import Cell
from reprise.evaluation.contrast import Estimate, contrast
from reprise.evaluation.simultaneous import FEWEST, FEWEST_SEEDS, Family, Interval

OWN_LEVEL = 0.90
"""Of each contrast's interval in a conjunction: two one-sided tests at 5 %."""


@dataclass(frozen=True)
class Tested:
    """A comparison with its estimate, the ends of its region and the paper's effect."""

    comparison: Comparison
    estimate: Estimate
    bounds: tuple[float, float]
    effect: float | None

    def word(self, row: Row, interval: Interval, own: Interval) -> str:
        """For, against, too small or open."""
        low, high = self.bounds
        if row.region.two_sided:
            return (
                FOR
                if low <= own.low and own.high <= high
                else AGAINST
                if _outside(interval, low, high)
                else OPEN
            )
        return one_sided(interval, self.bounds, self.half(row))

    def half(self, row: Row) -> float | None:
        """Half of the paper's effect, where the region is bounded by no difference and all must lie in it."""
        asked = 0.0 in self.bounds and row.needs == "all"
        return in_unit(row, self.comparison, self.effect, 0.5) if asked else None


def one_sided(interval: Interval, bounds: tuple[float, float], half: float | None) -> str:
    """What an interval says of a region with one end.

    >>> one_sided(Interval(0.5, -0.5, 1.5, 0.5, 2), (0.0, float("inf")), half=2.0)
    'too small'
    """
    low, high = bounds
    if (
        low <= interval.low
        and interval.high <= high
        and (interval.error > 0 or interval.value not in (low, high))
    ):
        return FOR
    if _outside(interval, low, high):
        return AGAINST
    if half is None:
        return OPEN
    return SMALL if (interval.high < half if isfinite(low) else interval.low > half) else OPEN


def _outside(interval: Interval, low: float, high: float) -> bool:
    return (
        interval.high < low
        or interval.low > high
        or (interval.error == 0 and not low < interval.value < high)
    )


class Sampled:
    """The comparisons of a row in our results that can be tested, with their intervals."""

    def __init__(self, row: Row, evidence: Evidence, seed: int) -> None:
        self.row, self.seed = row, seed
        self.gathered = gather(row, evidence.list(row.cells), evidence.reference)
        found = self.gathered.comparisons
        effects = paper_effects(row, found, evidence.reference)
        self.untested: list[tuple[Comparison, str]] = []
        self.tested: list[Tested] = []
        for comparison, effect in zip(found, effects, strict=True):
            try:
                estimate = _estimate(row, comparison)
                self.tested.append(Tested(comparison, estimate, comparison.bounds(row), effect))
            except InputError as error:
                self.untested.append((comparison, str(error)))
        self.counted = [t for t in self.tested if t.comparison.counted]

    @property
    def why_not(self) -> str:
        """Why nothing can be judged; "" when something can."""
        if not self.gathered.comparisons:
            return "the results hold no such numbers"
        if not self.counted:
            reasons = Counter(reason for comparison, reason in self.untested if comparison.counted)
            return reasons.most_common(1)[0][0] if reasons else "the results hold no such numbers"
        kinds = {draw.of for t in self.counted for draw in t.estimate.draws.values()}
        if len(kinds) > 1:
            return f"its contrasts rest on unlike samples: {', '.join(sorted(kinds))}"
        return ""

    @cached_property
    def family(self) -> Family:
        return Family([t.estimate for t in self.counted], self.seed)

    @cached_property
    def intervals(self) -> list[Interval]:
        return self.family.intervals()

    @cached_property
    def own(self) -> list[Interval]:
        return self.family.own_intervals(OWN_LEVEL)

    @cached_property
    def words(self) -> list[str]:
        return [
            t.word(self.row, i, o) for t, i, o in zip(self.counted, self.intervals, self.own, strict=True)
        ]

    @property
    def note(self) -> str:
        """A clause about what was left out, and why."""
        reasons = Counter(reason for comparison, reason in self.untested if comparison.counted)
        return self.gathered.note + "".join(f"; {n} not tested: {why}" for why, n in reasons.items())

    def lines(self) -> list[Line]:
        """Every comparison as a line: those that count, the curve, and those that cannot be tested."""
        shown = self.own if self.row.region.two_sided else self.intervals
        found = [_line(self.row, t, i, w) for t, i, w in zip(self.counted, shown, self.words, strict=True)]
        curve = [t for t in self.tested if not t.comparison.counted]
        if curve:
            family = Family([t.estimate for t in curve], self.seed)
            found += [_line(self.row, t, i, CURVE) for t, i in zip(curve, family.intervals(), strict=True)]
        return found + self.untested_lines()

    def untested_lines(self) -> list[Line]:
        """The comparisons that cannot be tested, with the reason."""
        return [Line(c.group, UNTESTED, link=c.link, text=why) for c, why in self.untested]


def unit_of(row: Row, comparison: Comparison) -> tuple[str, tuple[float | None, float | None]]:
    """The unit in which a row's contrasts are shown, and its region in that unit."""
    bounds = comparison.bounds(row)
    if comparison.as_ratio:
        return "ratio", finite((exp(bounds[0]), exp(bounds[1])))
    if row.contrast == "value" and row.value is None:  # each has a margin of its own
        return "value", (None, None)
    return row.contrast, finite(bounds)


def _estimate(row: Row, comparison: Comparison) -> Estimate:
    if row.contrast == "value":
        return Estimate(comparison.cells[0].value)
    if _is_stuck(comparison):
        raise InputError("every value is the same, at its floor or its ceiling")
    found = contrast(comparison.cells, comparison.coefficients, logarithmic=comparison.logarithmic)
    if 0 < found.fewest < FEWEST:
        fewest = min(found.draws.values(), key=lambda draw: len(draw.names))
        raise InputError(f"{len(fewest.names)} {fewest.of} are too few: {FEWEST} are needed")
    if few := [run for run in found.runs.values() if len(run.seeds) < FEWEST_SEEDS]:
        raise InputError(f"{len(few[0].seeds)} seeds are too few: {FEWEST_SEEDS} are needed")
    return found


def _is_stuck(comparison: Comparison) -> bool:
    """Whether nothing could have differed: all samples of all sides are one and the same number."""
    values = {v for cell in comparison.cells for v in _samples(cell)}
    return len(values) == 1 and all(cell.drawn.of != "count" for cell in comparison.cells)


def _samples(cell: Cell) -> Sequence[float]:
    if cell.parts:
        return [v for _, part in cell.parts for v in part.samples.values()]
    return list(cell.samples.values())


def _line(row: Row, tested: Tested, interval: Interval, word: str) -> Line:
    c = tested.comparison
    change: Callable[[float], float] = exp if c.as_ratio else float
    paper = in_unit(row, c, tested.effect)
    sides = c.cells if c.pair else ()
    values = {side: cell.value for side, cell in zip(("system", "than"), sides, strict=False)}
    if row.contrast == "value":
        values, paper = {"ours": c.cells[0].value, "published": c.expected}, c.expected
    bounds = (change(x) for x in (interval.value, interval.low, interval.high))
    return Line(c.group, word, *bounds, None if paper is None else change(paper), c.link, values=values)
