"""Value: a number is the published one within a tolerance, either way.

Judged for every published cell that the claim speaks of and that ours has with the same factors; how
many ours lacks is said. Partly: more than half of the values lie within the tolerance. The published
cells are the yardstick, so only a value that the text states (`value`) is judged on them too. Values
that are all equal to the last printed digit are marked suspicious, unless the claim says that what is
computed is deterministic.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reprise.claims.claim import Claim, Factors, Tolerance, no_numbers
from reprise.claims.evidence import Evidence
from reprise.claims.verdict import NOT_TESTABLE, Check, Finding, verdict_by_count
from reprise.evaluation.cells import Cell, Cells

SUSPICIOUS_FROM = 3
"""Fewer equal values than this can be chance: one in ten agrees in its last digit by luck."""


class Value(Claim):
    """The values of the cells picked out by `systems` (and `for_every`), against the published ones."""

    kind: Literal["value"]
    systems: list[Factors] = Field(min_length=1)
    value: float | None = None
    tolerance: Tolerance
    deterministic: bool = False

    def judge(self, evidence: Evidence) -> Finding:
        """Count the values within the tolerance, and show the largest difference."""
        if evidence.published and self.value is None:
            return Finding(NOT_TESTABLE, "The published values are what ours are compared with.")
        details, equal = [], 0
        for cell in self._cells(evidence.cells):
            expected, decimals = self._expected(cell, evidence)
            if expected is None:
                continue
            difference = cell.value - expected
            group = {**cell.factors, "dataset": cell.dataset, "measure": cell.measure}
            details.append(
                Check(
                    group,
                    self.tolerance.allows(cell.value, expected),
                    f"{cell.value:.4f} v {expected:.4f}, {difference:+.4f}",
                    {"ours": cell.value, "published": expected},
                )
            )
            equal += round(cell.value, decimals) == expected
        if not details:
            return self._nothing(evidence)
        holds, of = sum(check.holds for check in details), len(details)
        worst = max(details, key=lambda c: abs(c.values["ours"] - c.values["published"]))
        above = sum(not c.holds and c.values["ours"] > c.values["published"] for c in details)
        text = (
            f"{holds} of {of} values lie within {self.tolerance} of the published "
            f"{'one' if self.value is not None else 'ones'}; {above} are above and "
            f"{of - holds - above} below; the largest difference is at {worst.place} "
            f"({worst.text}){self._unmatched(evidence, of)}."
        )
        suspicious = ""
        if equal == of >= SUSPICIOUS_FROM and not self.deterministic and not evidence.published:
            suspicious = (
                f"all {of} values equal the published ones to the last digit, "
                "which a run that is not deterministic should not do"
            )
        return Finding(
            verdict_by_count(holds, of), text, f"{holds} of {of} values", holds, of, details, suspicious
        )

    def _cells(self, cells: Cells) -> list[Cell]:
        listed = {k: v for k, v in self.for_every.items() if v != "all"}
        found = [
            cell for system in self.systems for cell in cells.select(**{**self.where, **listed, **system})
        ]
        return list({id(cell): cell for cell in found}.values())

    def _nothing(self, evidence: Evidence) -> Finding:
        if self.value is None and self._cells(evidence.cells) and evidence.reference:
            return Finding(NOT_TESTABLE, "No value of the results has a published counterpart.")
        return no_numbers(evidence)

    def _unmatched(self, evidence: Evidence, matched: int) -> str:
        """A clause about the published values that ours has no counterpart of."""
        lacking = 0 if self.value is not None else len(self._cells(evidence.reference)) - matched
        return f"; {lacking} published values have no counterpart" if lacking > 0 else ""

    def _expected(self, cell: Cell, evidence: Evidence) -> tuple[float | None, int]:
        if self.value is not None:
            return self.value, len(f"{self.value}".partition(".")[2])
        factors = {k: v for k, v in cell.factors.items() if v}
        for other in evidence.reference.select(dataset=cell.dataset, measure=cell.measure, **factors):
            if {k: v for k, v in other.factors.items() if v} == factors:
                return other.value, other.decimals if other.decimals is not None else 4
        return None, 4
