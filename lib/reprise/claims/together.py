"""The contrasts of a claim taken together: one by one, or else the mean of their relative effects.

`needs: all`: all for is reproduced, some for and some against partly, some against and none for not
reproduced (where none is outside, but some are too small, and the mean is for it, partly). When none is
against and not all are for, the mean decides, within each value that the claim must
hold in and for each system that it compares with, so that a gain on one cannot hide a loss on another. A
conjunction (a region with two ends) is never taken together: one contrast can hide another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from reprise.claims.claim import Claim, Row
from reprise.claims.effect import in_unit
from reprise.claims.sampled import Sampled, one_sided
from reprise.claims.verdict import (
    AGAINST,
    FOR,
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    SMALL,
    UNDECIDED,
    Line,
    combine,
)
from reprise.errors import InputError
from reprise.evaluation.contrast import Estimate, contrast
from reprise.evaluation.contrast import combine as add
from reprise.evaluation.simultaneous import Family, Interval

ALL_INSIDE = "every interval is inside"


@dataclass(frozen=True)
class Joint:
    """The comparisons of one value of `within` and one link taken together: their mean relative effect."""

    group: Mapping[str, str]
    link: str
    word: str
    interval: Interval
    relative: bool
    paper: float | None
    alone: tuple[int, int]


def take_together(sampled: Sampled) -> list[Joint]:
    """The joint effect of every stratum (a value of each factor of `within`, and a link).

    None for a conjunction, and none for values, which are compared one by one.
    """
    if sampled.row.region.two_sided or sampled.row.contrast == "value":
        return []
    row, strata = sampled.row, strata_of(sampled)
    means = {key: _mean(row, sampled, places) for key, places in strata.items()}
    intervals = Family([estimate for estimate, _ in means.values()], sampled.seed).intervals()
    joints = []
    for (key, places), interval in zip(strata.items(), intervals, strict=True):
        relative = means[key][1]
        half, paper = (_mean_effect(row, sampled, places, relative, share) for share in (0.5, 1.0))
        word = one_sided(interval, _mean_bounds(row, sampled, places, relative), half)
        if len(places) == 1:  # by itself, and not once more on another scale
            interval, word = sampled.intervals[places[0]], sampled.words[places[0]]
        alone = sum(sampled.words[i] == FOR for i in places)
        group = dict(zip(row.within, key[:-1], strict=True))
        joints.append(Joint(group, key[-1], word, interval, relative, paper, (alone, len(places))))
    return joints


def strata_of(sampled: Sampled) -> dict[tuple[str, ...], list[int]]:
    """Places of the comparisons by the values of `within` and by link."""
    strata: dict[tuple[str, ...], list[int]] = {}
    for place, tested in enumerate(sampled.counted):
        c = tested.comparison
        strata.setdefault((*(c.group[name] for name in sampled.row.within), c.link), []).append(place)
    return strata


def _mean(row: Row, sampled: Sampled, places: Sequence[int]) -> tuple[Estimate, bool]:
    """The mean of the relative effects, and whether it is one.

    It is one of effects as they are where a value is not above 0, where the claim speaks of points, and where
    there is one alone.
    """
    mine = [sampled.counted[i] for i in places]
    weights = [1 / len(mine)] * len(mine)
    points = isinstance(row, Claim) and row.effect == "points"
    if row.contrast == "difference" and not points and len(mine) > 1:
        try:
            ratios = [contrast(t.comparison.cells, t.comparison.coefficients, logarithmic=True) for t in mine]
            return add(ratios, weights), True
        except InputError:
            pass
    return add([t.estimate for t in mine], weights), all(t.comparison.as_ratio for t in mine)


def _mean_bounds(row: Row, sampled: Sampled, places: Sequence[int], relative: bool) -> tuple[float, float]:
    bounds = [sampled.counted[i].bounds for i in places]
    if relative and row.contrast == "difference" and any(b not in (0.0, np.inf, -np.inf) for b in bounds[0]):
        raise InputError(
            "a difference other than none has no relative form: say `effect: points`", given=row.id
        )
    return bounds[0]


def _mean_effect(
    row: Row, sampled: Sampled, places: Sequence[int], relative: bool, share: float
) -> float | None:
    """That share of the paper's effect, over these comparisons; None where one has none."""
    mine = [sampled.counted[i] for i in places]
    if any(0.0 not in t.bounds or t.effect is None for t in mine):
        return None
    effects = [share * t.effect if relative else in_unit(row, t.comparison, t.effect, share) for t in mine]
    return None if None in effects else float(np.mean(effects))


def verdict_on_all(sampled: Sampled, joints: Sequence[Joint]) -> tuple[str, str]:
    """The verdict of a row that needs all, and what decided."""
    words = {}
    strata = strata_of(sampled)
    for joint, (key, places) in zip(joints or [None] * len(strata), strata.items(), strict=True):
        words[key] = _on_stratum([sampled.words[i] for i in places], joint)
    verdict = combine([word for word, _ in words.values()])
    rules = [rule for word, rule in words.values() if word == verdict] or ["not the same within each value"]
    return verdict, next((rule for rule in rules if rule != ALL_INSIDE), rules[0])


def _on_stratum(words: Sequence[str], joint: Joint | None) -> tuple[str, str]:
    for_it, against = words.count(FOR), words.count(AGAINST) + words.count(SMALL)
    if for_it == len(words):
        return REPRODUCED, ALL_INSIDE
    if against:
        if for_it:
            return PARTLY, "some intervals are inside, some outside"
        if AGAINST in words:
            return NOT_REPRODUCED, "an interval is outside"
        if joint is not None and joint.word == FOR:
            return PARTLY, "together for it, but smaller than half of the paper's in places"
        return NOT_REPRODUCED, "smaller than half of the paper's"
    if joint is None:
        return UNDECIDED, "an interval reaches beyond the margin"
    if joint.word == FOR:
        return REPRODUCED, "taken together"
    if joint.word in (AGAINST, SMALL):
        small = joint.word == SMALL
        return NOT_REPRODUCED, "together smaller than half of the paper's" if small else "taken together"
    return UNDECIDED, "the data cannot tell"


def lines_of(row: Row, joints: Sequence[Joint]) -> list[Line]:
    """The joint effects as lines; a relative one as the ratio of the two sides."""
    found = []
    for joint in joints:
        i = joint.interval
        bounds = (exp(x) if joint.relative else x for x in (i.value, i.low, i.high))
        paper = exp(joint.paper) if joint.relative and joint.paper is not None else joint.paper
        text = f"{joint.alone[0]} of {joint.alone[1]} alone"
        found.append(Line(joint.group, joint.word, *bounds, paper, joint.link, text))
    return found
