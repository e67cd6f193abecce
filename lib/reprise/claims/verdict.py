"""Verdicts: what judging a claim on one source comes to, with the contrasts that it rests on.

On ours five words. *Reproduced*, *not reproduced* and *partly* (some for, some against) are told by
intervals; *undecided* says that the data cannot tell, and what would; *not testable* that they do not speak
of it. On the paper's own cells there are no samples, and the question is another one: there the words are
*borne out by its table*, *partly*, *not borne out*, *not testable* and *unread*.
A row whose outcome the set-up fixes is no claim but a check of the code, which *holds* or *fails*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

REPRODUCED, PARTLY, NOT_REPRODUCED = "reproduced", "partly", "not reproduced"
UNDECIDED, NOT_TESTABLE = "undecided", "not testable"
VERDICTS = (REPRODUCED, PARTLY, NOT_REPRODUCED, UNDECIDED, NOT_TESTABLE)
CHECK_HOLDS, CHECK_FAILS = "check holds", "check fails"
CHECKS = (CHECK_HOLDS, CHECK_FAILS)
BORNE_OUT, NOT_BORNE_OUT, UNREAD = "borne out by its table", "not borne out", "unread"
PRINTED_VERDICTS = (BORNE_OUT, PARTLY, NOT_BORNE_OUT, NOT_TESTABLE, UNREAD)
CHECK = "by construction"
Ends = tuple[float | None, float | None]


class Says(StrEnum):
    """What one contrast says of its claim.

    SMALL is for the direction, and smaller than half of what the paper prints; CURVE a smaller scale than the
    claim's, shown and not counted; UNTESTED what cannot be tested.
    """

    FOR = "for"
    AGAINST = "against"
    SMALL = "too small"
    OPEN = "open"
    CURVE = "curve"
    UNTESTED = "not tested"


@dataclass(frozen=True)
class Line:
    """One contrast: where, what it says, its estimate and interval in the unit of `Finding.unit`.

    `paper` is the paper's own effect in the same unit, `values` are the numbers behind it, `text` is what
    else there is to say ("3 of 4 alone"; why it is not tested).
    """

    group: Mapping[str, str]
    word: Says
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    paper: float | None = None
    link: str = ""
    text: str = ""
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where, in a few words."""
        return ", ".join(filter(None, [*self.group.values(), self.link])) or "overall"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one source of numbers says of a row; `rule` names what decided.

    `lines` are its contrasts in `unit` ("difference", "ratio", "slope" or "value"), `region` is the claim's
    in it (None: an open end; values have a margin each). `joint` are the contrasts taken together, one within
    each value that the claim must hold in, in `joint_unit` ("relative": a ratio of the two sides). `share` is
    that of the combinations that hold, with its bounds. `suspicious` says why numbers look wrong.
    """

    verdict: str
    text: str
    rule: str
    shown: str = ""
    lines: Sequence[Line] = ()
    joint: Sequence[Line] = ()
    unit: str = "difference"
    joint_unit: str = "relative"
    region: Ends = (None, None)
    share: tuple[float, float, float] | None = None
    suspicious: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict(Finding):
    """A claim judged on one source (`judged_on`: "published" or "ours") at a profile.

    `counted` is what it counts as: "paper", "ours", "second-hand", or "by construction" for a check of the
    code. `meaningful` is False on the smoke profile.
    """

    id: str
    claim: str
    source: str
    origin: str
    counted: str
    contrast: str
    judged_on: str
    profile: str
    meaningful: bool

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def combine(words: Sequence[str]) -> str:
    """The verdict on a claim that must hold within each of several values, from that on each.

    >>> combine(["reproduced", "not reproduced"]), combine(["reproduced", "undecided"])
    ('partly', 'undecided')
    """
    found = set(words)
    if found == {REPRODUCED}:
        return REPRODUCED
    if PARTLY in found or {REPRODUCED, NOT_REPRODUCED} <= found:
        return PARTLY
    return NOT_REPRODUCED if NOT_REPRODUCED in found else UNDECIDED


def not_testable(why: str, rule: str = "nothing to judge by") -> Finding:
    """The finding that nothing can be said, for a reason."""
    return Finding(verdict=NOT_TESTABLE, text=f"{why[:1].upper()}{why[1:]}.", rule=rule)
