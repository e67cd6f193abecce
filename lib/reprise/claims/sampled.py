"""The comparisons of a row in our results that can be tested, with simultaneous intervals."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cached_property
from math import exp, isfinite

from reprise.claims.claim import Row
from reprise.claims.comparison import Comparison, gather
from reprise.claims.effect import in_unit, paper_effects
from reprise.claims.evidence import Evidence
from reprise.claims.strata import Stratum, Tested, strata_of
from reprise.claims.verdict import Ends, Line, Says
from reprise.errors import InputError
from reprise.evaluation.cells import Cell
from reprise.evaluation.contrast import Estimate, contrast, refuse_unlike
from reprise.evaluation.simultaneous import FEWEST, FEWEST_SEEDS, Family, Interval

OWN_LEVEL = 0.90
"""Of each contrast's interval in a conjunction: two one-sided tests at 5 %."""


class Sampled:
    """What of a row can be tested in our results (`counted`), what cannot and why (`untested`).

    `strata` are the contrasts that are taken together: none in a conjunction, where one could hide another,
    and none where a share of them is asked for. The seed of the resamples is derived from the row's id.
    """

    def __init__(self, row: Row, evidence: Evidence) -> None:
        self.row = row
        self.seed = int(hashlib.sha256(row.id.encode()).hexdigest()[:12], 16)
        self.gathered = gather(row, evidence.list(row.cells), evidence.reference)
        found = self.gathered.comparisons
        self.untested: list[tuple[Comparison, str]] = []
        self.tested: list[Tested] = []
        effects = paper_effects(row, found, evidence.reference)
        unclaimed = any(effect is not None and not effect.claimed for effect in effects)
        self.paper_outside = row.needs == "all" and unclaimed
        for comparison, effect in zip(found, effects, strict=True):
            try:
                estimate = _estimate(row, comparison)
                self.tested.append(Tested(comparison, estimate, comparison.bounds(row), effect))
            except InputError as error:
                self.untested.append((comparison, str(error)))
        self.counted = [t for t in self.tested if t.comparison.counted]
        together = row.needs == "all" and not row.region.two_sided and row.contrast != "value"
        self.strata: list[Stratum] = strata_of(row, self.counted) if together and not self.why_not else []

    @cached_property
    def why_not(self) -> str:
        """Why nothing can be judged; "" when something can."""
        if not self.counted:
            reasons = Counter(reason for comparison, reason in self.untested if comparison.counted)
            return reasons.most_common(1)[0][0] if reasons else "the results hold no such numbers"
        kinds = {draw.of for t in self.counted for draw in t.estimate.draws.values()}
        if len(kinds) > 1:
            return f"its contrasts rest on unlike samples: {', '.join(sorted(kinds))}"
        try:
            refuse_unlike([t.estimate for t in self.tested])
        except InputError as error:
            return str(error)
        return ""

    @property
    def draws(self) -> set[str]:
        """The draws that it rests on."""
        return {name for t in self.counted for name in t.estimate.draws}

    @property
    def pools(self) -> list[list[int]]:
        """Places of the counted contrasts by the values that the claim must hold within."""
        found: dict[tuple[str, ...], list[int]] = {}
        for place, tested in enumerate(self.counted):
            key = tuple(tested.comparison.group[name] for name in self.row.within)
            found.setdefault(key, []).append(place)
        return list(found.values())

    @cached_property
    def family(self) -> Family:
        return Family([t.estimate for t in self.counted], self.seed)

    @cached_property
    def intervals(self) -> list[Interval]:
        return self.family.intervals()

    @property
    def joint_intervals(self) -> list[Interval]:
        """Those of the strata, a family of their own; a stratum of one contrast is that contrast."""
        together = Family([s.mean for s in self.strata], self.seed).intervals() if self.strata else []
        alone = [self.intervals[s.places[0]] if len(s.places) == 1 else None for s in self.strata]
        return [one or mean for one, mean in zip(alone, together, strict=True)]

    @cached_property
    def words(self) -> list[Says]:
        """What each counted contrast says."""
        own = self.family.own_intervals(OWN_LEVEL)
        return [t.says(self.row, *both) for t, *both in zip(self.counted, self.intervals, own, strict=True)]

    @property
    def note(self) -> str:
        """A clause about what was left out, and why."""
        reasons = Counter(reason for comparison, reason in self.untested if comparison.counted)
        said = self.gathered.note + "".join(f"; {n} not tested: {why}" for why, n in reasons.items())
        outside = "; a number that the paper prints lies outside the region that its claim names"
        return said + outside * self.paper_outside

    def lines(self) -> list[Line]:
        """Every comparison as a line: those that count, the curve, and those that cannot be tested."""
        untested = [Line(c.group, Says.UNTESTED, link=c.link, text=why) for c, why in self.untested]
        if self.why_not:
            return untested
        shown = self.family.own_intervals(OWN_LEVEL) if self.row.region.two_sided else self.intervals
        found = [_line(self.row, *each) for each in zip(self.counted, shown, self.words, strict=True)]
        curve = [t for t in self.tested if not t.comparison.counted]
        intervals = Family([t.estimate for t in curve], self.seed).intervals() if curve else []
        found += [_line(self.row, t, i, Says.CURVE) for t, i in zip(curve, intervals, strict=True)]
        return found + untested


def unit_of(row: Row, comparison: Comparison) -> tuple[str, Ends]:
    """The unit in which a row's contrasts are shown, and its region in that unit."""
    if row.contrast == "value" and row.value is None:  # each has a margin of its own
        return "value", (None, None)
    low, high = comparison.bounds(row)
    if comparison.as_ratio:
        return "ratio", (exp(low), exp(high) if isfinite(high) else None)
    return row.contrast, (low if isfinite(low) else None, high if isfinite(high) else None)


def _estimate(row: Row, comparison: Comparison) -> Estimate:
    """The estimate of a comparison; `InputError` says why there is none."""
    if row.contrast == "value":  # the same topics as the paper's, or a count: nothing is drawn
        return Estimate(comparison.cells[0].value)
    sampled = [cell for cell in comparison.cells if cell.drawn.of != "count"]
    if sampled and len({value for cell in comparison.cells for value in _samples(cell)}) == 1:
        raise InputError("every value is the same, at its floor or its ceiling")
    found = contrast(comparison.cells, comparison.coefficients, logarithmic=comparison.logarithmic)
    for draw in found.draws.values():
        if len(draw.names) < FEWEST:
            raise InputError(f"{len(draw.names)} {draw.of} are too few: {FEWEST} are needed")
    for run in found.runs.values():
        if len(run.seeds) < FEWEST_SEEDS:
            raise InputError(f"{len(run.seeds)} seeds are too few: {FEWEST_SEEDS} are needed")
    return found


def _samples(cell: Cell) -> list[float]:
    if cell.drawn.of == "count":
        return [cell.value]
    return [v for part in ([p for _, p in cell.parts] or [cell]) for v in part.samples.values()]


def _line(row: Row, tested: Tested, interval: Interval, word: Says) -> Line:
    c = tested.comparison
    change = exp if c.as_ratio else float
    values = {side: cell.value for side, cell in zip(("system", "than"), c.pair or (), strict=False)}
    paper = in_unit(row, c, tested.effect.size) if tested.effect else None
    if row.contrast == "value":
        values, paper = {"ours": c.cells[0].value, "published": c.expected}, c.expected
    bounds = (change(x) for x in (interval.value, interval.low, interval.high))
    return Line(c.group, word, *bounds, None if paper is None else change(paper), c.link, values=values)
