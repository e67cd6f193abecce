"""Verdicts: what judging a claim on one source comes to.

Four words, the same for every kind: *reproduced*, *partly*, *not reproduced*, *not testable*. What
"partly" means is each kind's own and stands in its module; for kinds that count single comparisons it
is, unless the kind says otherwise, "in more than half of them but not in all": half is what a coin
would give. Verdicts are two-sided: a value above the published one is as far off as one below it, and
significant differences against a claim are counted beside those for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE = "reproduced", "partly", "not reproduced", "not testable"
VERDICTS = (REPRODUCED, PARTLY, NOT_REPRODUCED, NOT_TESTABLE)


@dataclass(frozen=True)
class Check:
    """One of the single comparisons that a verdict rests on.

    `group` says where ({"dense": "ance", "dataset": "dl19", "measure": "MAP"}), `text` what was seen,
    `values` the numbers by system. `p` is the adjusted p of the difference and `significant` what it
    says: 1 for the claim, -1 against it, 0 neither, None not tested.
    """

    group: Mapping[str, str]
    holds: bool
    text: str
    values: Mapping[str, float] = field(default_factory=dict)
    tie: bool = False
    p: float | None = None
    significant: int | None = None

    @property
    def place(self) -> str:
        """Where, in a few words."""
        return ", ".join(self.group.values()) or "overall"


@dataclass(frozen=True)
class Finding:
    """What a kind of claim makes of one source of numbers, before it is known which profile it was."""

    verdict: str
    text: str
    shown: str = ""
    holds: int | None = None
    of: int | None = None
    details: Sequence[Check] = ()
    suspicious: str = ""


@dataclass(frozen=True)
class Verdict:
    """A claim judged on one source (`judged_on`: "published" or "ours").

    `text` is one generated sentence with the numbers, `shown` what a table shows ("10 of 12"),
    `meaningful` is False on the smoke profile, `suspicious` says why equal numbers look wrong ("" if they
    do not).
    """

    id: str
    claim: str
    source: str
    origin: str
    kind: str
    judged_on: str
    profile: str
    verdict: str
    meaningful: bool
    text: str
    shown: str
    holds: int | None
    of: int | None
    details: tuple[Check, ...]
    suspicious: str

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "details": [asdict(check) for check in self.details]}


def verdict_by_count(holds: int, of: int, needs: str = "all", fails: int | None = None) -> str:
    """The verdict on a claim that holds in `holds` of `of` comparisons.

    `needs="all"`: reproduced in all, partly in more than half. `needs="most"`: reproduced in more than half;
    partly when it holds more often than it fails (`fails`; the rest being ties).

    >>> verdict_by_count(18, 18), verdict_by_count(10, 12), verdict_by_count(6, 12)
    ('reproduced', 'partly', 'not reproduced')
    >>> verdict_by_count(7, 12, "most"), verdict_by_count(6, 12, "most", fails=4)
    ('reproduced', 'partly')
    """
    if of == 0:
        return NOT_TESTABLE
    if holds == of or (needs == "most" and holds > of / 2):
        return REPRODUCED
    if needs == "all" and holds > of / 2:
        return PARTLY
    if needs == "most" and holds > (of - holds if fails is None else fails):
        return PARTLY
    return NOT_REPRODUCED


def exceptions(details: Sequence[Check], most: int = 3) -> str:
    """The places where it does not hold, as a clause; the first few by name."""
    failed = [check for check in details if not check.holds]
    if not failed or len(failed) == len(details):
        return ""
    named = "; ".join(f"{check.place} ({check.text})" for check in failed[:most])
    more = f" and {len(failed) - most} more" if len(failed) > most else ""
    return f"; not in {named}{more}"


def breakdown(details: Sequence[Check], by: str) -> str:
    """The count by the values of one factor, as a clause: " (bm25 8 of 18, unicoil 18 of 18)"."""
    values = dict.fromkeys(check.group[by] for check in details)
    parts = [[check.holds for check in details if check.group[by] == value] for value in values]
    counted = ", ".join(
        f"{value} {sum(part)} of {len(part)}" for value, part in zip(values, parts, strict=True)
    )
    return f" ({counted})" if len(values) > 1 else ""


def significance_clause(details: Sequence[Check], how: str, alpha: float) -> str:
    """How many of the differences are significant for and against the claim, as a clause."""
    tested = [check.significant for check in details if check.significant is not None]
    if not tested:
        return ""
    return (
        f"; of {len(tested)} differences {tested.count(1)} are significant for the claim and "
        f"{tested.count(-1)} against it ({how}, level {alpha:g})"
    )
