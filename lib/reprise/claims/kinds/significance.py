"""Significance: a difference in a stated direction is significant.

On ours: paired t-tests on the claim's own comparisons, Holm over them. On published cells: the marks
that the paper prints on `system`'s number (`mark` names them), as there are no samples. Partly: in more
than half of the comparisons. Its opposite, "no difference", is another kind: equivalence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from reprise.claims.claim import Claim, Factors, label, no_numbers
from reprise.claims.evidence import Evidence, compare_pairs, is_tie
from reprise.claims.verdict import NOT_TESTABLE, Check, Finding, breakdown, exceptions, verdict_by_count


class Significance(Claim):
    """`system` is significantly higher (or lower) than `than`; `mark` is how the paper prints that."""

    kind: Literal["significance"]
    system: Factors
    effect: Literal["higher", "lower"]
    than: Factors
    mark: str | None = None
    needs: Literal["all", "most"] = "all"

    def judge(self, evidence: Evidence) -> Finding:
        """Count the comparisons that are significant in the stated direction."""
        gathered = self.gather(evidence, [self.system, self.than])
        if not gathered:
            return no_numbers(evidence)
        pairs = [tuple(cells) for _, cells in gathered.complete]
        sign = 1 if self.effect == "higher" else -1
        details = []
        for group, (left, right) in gathered.complete:
            directed = not is_tie(left, right) and sign * (left.value - right.value) > 0
            details.append(
                Check(
                    group,
                    directed,
                    f"{left.value:.4f} v {right.value:.4f}",
                    {"system": left.value, "than": right.value},
                    tie=is_tie(left, right),
                )
            )
        if evidence.published:
            if self.mark is None:
                return Finding(
                    NOT_TESTABLE, "The paper marks no such difference, and gives no values by topic."
                )
            details = [
                replace(c, holds=c.holds and self.mark in left.marks)
                for c, (left, _) in zip(details, pairs, strict=True)
            ]
            how = "the paper's marks; it names neither test nor level"
        else:
            tested = compare_pairs(evidence, pairs, self.id)
            if any(p is None for p in tested.p_adjusted):
                return Finding(NOT_TESTABLE, "The results hold no values by topic to test.")
            details = [
                replace(
                    c,
                    p=p,
                    holds=c.holds and p < self.alpha,
                    significant=0 if p >= self.alpha else 1 if c.holds else -1,
                )
                for c, p in zip(details, tested.p_adjusted, strict=True)
            ]
            how = f"{tested.how}, level {self.alpha:g}"
        holds, of = sum(c.holds for c in details), len(details)
        text = (
            f"{label(self.system, self.than)} is significantly {self.effect} than "
            f"{label(self.than, self.system)} in {holds} of {of} comparisons ({how})"
            + (breakdown(details, self.by) if self.by else "")
            + exceptions(details)
            + gathered.note
            + "."
        )
        return Finding(verdict_by_count(holds, of, self.needs), text, f"{holds} of {of}", holds, of, details)
