"""The verdict of a row that needs all: contrast by contrast, or else those that are taken together.

All for is reproduced, some for and some against partly, some against and none for not reproduced (where none
is outside, but some are too small and the mean is for it, partly). When none is against and not all are for,
the mean decides, within each stratum. A conjunction is never taken together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from reprise.claims.sampled import Sampled
from reprise.claims.strata import Stratum, says
from reprise.claims.verdict import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    Line,
    Says,
    combine,
)
from reprise.evaluation.simultaneous import Interval

ALL_INSIDE = "every interval is inside"


@dataclass(frozen=True)
class Joint:
    """A stratum with its interval and what that says; `alone` of its contrasts are for it by themselves."""

    stratum: Stratum
    interval: Interval
    word: Says
    alone: int

    def line(self) -> Line:
        """As a line; a relative effect as the ratio of the two sides."""
        s, i = self.stratum, self.interval
        bounds = (exp(x) if s.relative else x for x in (i.value, i.low, i.high))
        paper = exp(s.paper) if s.relative and s.paper is not None else s.paper
        return Line(s.group, self.word, *bounds, paper, s.link, f"{self.alone} of {len(s.places)} alone")


def take_together(sampled: Sampled) -> list[Joint]:
    """The joint effect of every stratum."""
    joints = []
    for stratum, interval in zip(sampled.strata, sampled.joint_intervals, strict=True):
        first = stratum.places[0]
        word = says(sampled.row, interval, sampled.counted[first].bounds, stratum.half)
        alone = sum(sampled.words[place] == Says.FOR for place in stratum.places)
        joints.append(Joint(stratum, interval, word, alone))
    return joints


def verdict_on_all(sampled: Sampled, joints: Sequence[Joint]) -> tuple[str, str]:
    """The verdict of a row that needs all, and what decided."""
    each = [(joint.stratum.places, joint.word) for joint in joints] or [(p, None) for p in sampled.pools]
    found = [_on([sampled.words[place] for place in places], word) for places, word in each]
    verdict = combine([word for word, _ in found])
    rules = [rule for word, rule in found if word == verdict] or ["not the same within each value"]
    return verdict, next((rule for rule in rules if rule != ALL_INSIDE), rules[0])


def _on(words: Sequence[Says], together: Says | None) -> tuple[str, str]:
    """The verdict within one stratum, and what decided."""
    if set(words) == {Says.FOR}:
        return REPRODUCED, ALL_INSIDE
    if {Says.AGAINST, Says.SMALL} & set(words):
        if Says.FOR in words:
            return PARTLY, "some intervals are inside, some outside"
        if Says.AGAINST in words:
            return NOT_REPRODUCED, "an interval is outside"
        if together == Says.FOR:
            return PARTLY, "together for it, but smaller than half of the paper's in places"
        return NOT_REPRODUCED, "smaller than half of the paper's"
    if together is None:
        return UNDECIDED, "an interval reaches beyond the margin"
    return {
        Says.FOR: (REPRODUCED, "taken together"),
        Says.AGAINST: (NOT_REPRODUCED, "taken together"),
        Says.SMALL: (NOT_REPRODUCED, "together smaller than half of the paper's"),
        Says.OPEN: (UNDECIDED, "the data cannot tell"),
    }[together]
