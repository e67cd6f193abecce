"""Audit: what a count over the paper's own table comes to.

`expected` is the count that we found; the claim is reproduced when counting again gives the same, and
not reproduced otherwise, so a change of one published number shows here. There is no partly. The
expected count is one of the published table, so ours is shown beside it and not judged.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from reprise.claims.claim import Claim, Factors, Strict, label, no_numbers
from reprise.claims.evidence import Evidence
from reprise.claims.kinds.majority import count_first_places
from reprise.claims.verdict import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    Check,
    Finding,
    breakdown,
    exceptions,
)


class Expected(Strict):
    """A count, of how many."""

    holds: int = Field(ge=0)
    of: int = Field(ge=1)


class Audit(Claim):
    """Counts comparisons among systems.

    `count` is "first places" (the system is the best or shares that place) or "marks" (the systems that
    carry `mark` are exactly those with the highest value).
    """

    kind: Literal["audit"]
    count: Literal["first places", "marks"]
    among: list[Factors] = Field(min_length=2)
    system: Factors | None = None
    mark: str | None = None
    expected: Expected

    @model_validator(mode="after")
    def _has_what_its_count_needs(self) -> Audit:
        if (self.count == "marks") != (self.mark is not None) or (self.count == "first places") != (
            self.system is not None
        ):
            raise ValueError("first places need a system, marks need a mark")
        if self.system is not None and self.system not in self.among:
            raise ValueError("the system must be one of those in among")
        return self

    def judge(self, evidence: Evidence) -> Finding:
        """Count, and compare with what was counted before."""
        gathered = self.gather(evidence, self.among)
        if not gathered or (self.mark and not evidence.published):
            return no_numbers(evidence)
        names = [label(s, *(o for o in self.among if o is not s)) for s in self.among]
        details = []
        for group, cells in gathered.complete:
            _, _, shared = count_first_places([(group, cells)], names, None, "highest")
            first = {name for name in names if shared[name]}
            if self.mark:
                marked = {name for name, cell in zip(names, cells, strict=True) if self.mark in cell.marks}
                holds, text = marked == first, f"{self.mark}: {_named(marked)}; highest: {_named(first)}"
            else:
                holds = names[self.among.index(self.system)] in first
                text = f"highest: {_named(first)}"
            details.append(
                Check(
                    group,
                    holds,
                    text,
                    {n: c.value for n, c in zip(names, cells, strict=True)},
                    tie=len(first) > 1,
                )
            )
        holds, of = sum(c.holds for c in details), len(details)
        what = (
            f"{self.mark} marks the highest value"
            if self.mark
            else f"{names[self.among.index(self.system)]} is highest, alone or shared,"
        )
        text = (
            f"{what} in {holds} of {of} comparisons"
            + (breakdown(details, self.by) if self.by else "")
            + (exceptions(details) if self.mark else "")
            + gathered.note
            + "."
        )
        if not evidence.published:
            return Finding(
                NOT_TESTABLE,
                f"{text[:-1]}; the count under audit is the published table's.",
                f"{holds} of {of}",
                holds,
                of,
                details,
            )
        as_counted = (holds, of) == (self.expected.holds, self.expected.of)
        return Finding(
            REPRODUCED if as_counted else NOT_REPRODUCED, text, f"{holds} of {of}", holds, of, details
        )


def _named(names: set[str]) -> str:
    return " and ".join(sorted(names)) or "none"
