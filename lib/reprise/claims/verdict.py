"""Verdicts: what judging a claim on one source comes to, with the contrasts that it rests on.

On ours five words. *Reproduced*, *not reproduced* and *partly* (some for, some against) are told by
intervals; *undecided* says that the data cannot tell, and what would; *not testable* that they do not speak
of it. On the paper's own cells there are no samples, and the question is another one: there the words are
*borne out by its table*, *partly*, *not borne out*, *not testable* and *unread*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

REPRODUCED, PARTLY, NOT_REPRODUCED = "reproduced", "partly", "not reproduced"
UNDECIDED, NOT_TESTABLE = "undecided", "not testable"
VERDICTS = (REPRODUCED, PARTLY, NOT_REPRODUCED, UNDECIDED, NOT_TESTABLE)
BORNE_OUT, NOT_BORNE_OUT, UNREAD = "borne out by its table", "not borne out", "unread"
PRINTED_VERDICTS = (BORNE_OUT, PARTLY, NOT_BORNE_OUT, NOT_TESTABLE, UNREAD)

FOR, AGAINST, SMALL, OPEN = "for", "against", "too small", "open"
CURVE, UNTESTED = "curve", "not tested"
CHECK = "by construction"


@dataclass(frozen=True)
class Line:
    """One contrast: where, its estimate and interval in the unit of `Verdict.unit`, and what it says.

    `word` is "for", "against", "too small" (for the direction, and smaller than half of what the paper
    prints), "open", "curve" (a smaller scale: shown, not counted) or "not tested" (`text` says why). `paper`
    is the paper's own effect in the same unit, None without one. `values` are the numbers behind it.
    """

    group: Mapping[str, str]
    word: str
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
        return ", ".join([*self.group.values(), *([self.link] if self.link else [])]) or "overall"


@dataclass(frozen=True)
class Finding:
    """What one source of numbers says of a row.

    `lines` are its contrasts, `joint` those taken together (one within each value that the claim must hold
    in), whose unit is "relative" (a ratio of the two sides) unless `joint_unit` says otherwise. `rule` names
    what decided.
    """

    verdict: str
    text: str
    rule: str
    shown: str = ""
    lines: Sequence[Line] = ()
    joint: Sequence[Line] = ()
    unit: str = "difference"
    joint_unit: str = "relative"
    region: tuple[float | None, float | None] = (None, None)
    share: tuple[float, float, float] | None = None
    suspicious: str = ""

    def count(self, *words: str) -> int:
        """How many contrasts say one of these words."""
        return sum(line.word in words for line in self.lines)


@dataclass(frozen=True)
class Verdict:
    """A claim judged on one source (`judged_on`: "published" or "ours"), with all that its `Finding` holds.

    `counted` is what it counts as: "paper", "ours", "second-hand", or "by construction" for a check of the
    code. `meaningful` is False on the smoke profile. `unit` is that of `lines`, `region` and `share` its
    bounds (None: open) and the share of combinations in it with its bounds. `suspicious` says why numbers
    look wrong.
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
    verdict: str
    text: str
    rule: str
    shown: str
    lines: tuple[Line, ...]
    joint: tuple[Line, ...]
    unit: str
    joint_unit: str
    region: tuple[float | None, float | None]
    share: tuple[float, float, float] | None
    suspicious: str

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


def finite(bounds: tuple[float, float]) -> tuple[float | None, float | None]:
    """Bounds as JSON has them: None where they are open."""
    low, high = (bound if math.isfinite(bound) else None for bound in bounds)
    return low, high


def not_testable(why: str, rule: str = "nothing to judge by") -> Finding:
    """The finding that nothing can be said, for a reason."""
    return Finding(NOT_TESTABLE, f"{why[:1].upper()}{why[1:]}.", rule)
