"""Equivalence: two systems differ by less than a stated margin (TOST).

A difference that is not significant is not an equality, so a claim of "no difference" is reproduced only
where the two one-sided tests rule out a difference of the margin, after Holm over the claim's
comparisons. Partly: in more than half of the comparisons, or, short of that, in none is there a
significant difference either (the data decide nothing). Means alone cannot show equivalence, so a source
without values by topic is not testable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from reprise.claims.claim import Claim, Factors, label, no_numbers
from reprise.claims.evidence import Evidence, can_pair, compare_pairs
from reprise.claims.verdict import (
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    Check,
    Finding,
    breakdown,
    verdict_by_count,
)
from reprise.evaluation.correction import adjust
from reprise.evaluation.equivalence import equivalence_test
from reprise.evaluation.significance import paired_differences


class Equivalence(Claim):
    """`system` and `other` differ by less than `margin`, in the measure's own unit, chosen for `reason`."""

    kind: Literal["equivalence"]
    system: Factors
    other: Factors
    margin: float = Field(gt=0)
    reason: str = Field(min_length=10)

    def judge(self, evidence: Evidence) -> Finding:
        """Count the comparisons in which equivalence within the margin is shown."""
        gathered = self.gather(evidence, [self.system, self.other])
        if not gathered:
            return no_numbers(evidence)
        pairs = [tuple(cells) for _, cells in gathered.complete]
        largest = max(abs(left.value - right.value) for left, right in pairs)
        if not all(can_pair(left, right) for left, right in pairs):
            return Finding(
                NOT_TESTABLE,
                f"The largest of {len(pairs)} differences is {largest:.4f}, but means alone "
                "cannot show that systems are equivalent.",
                f"up to {largest:.4f}",
            )
        p_values = adjust(
            [
                equivalence_test(paired_differences(left.samples, right.samples), self.margin)
                for left, right in pairs
            ],
            "holm",
        )
        tested = compare_pairs(evidence, pairs, self.id)
        details = [
            Check(
                group,
                p < self.alpha,
                f"{left.value - right.value:+.4f}",
                {"system": left.value, "other": right.value},
                p=p,
            )
            for (group, (left, right)), p in zip(gathered.complete, p_values, strict=True)
        ]
        details = [
            replace(c, significant=-1 if p is not None and p < self.alpha else 0)
            for c, p in zip(details, tested.p_adjusted, strict=True)
        ]
        holds, of = sum(c.holds for c in details), len(details)
        differ = sum(c.significant == -1 for c in details)
        verdict = verdict_by_count(holds, of)
        if verdict == NOT_REPRODUCED and not differ:
            verdict = PARTLY
        text = (
            f"{label(self.system, self.other)} and {label(self.other, self.system)} are equivalent within "
            f"{self.margin:g} in {holds} of {of} comparisons"
            + (breakdown(details, self.by) if self.by else "")
            + f" (TOST, Holm over {of}, level {self.alpha:g}); {differ} differ significantly ({tested.how}); "
            f"the largest difference is {largest:.4f}{gathered.note}."
        )
        return Finding(verdict, text, f"{holds} of {of}", holds, of, details)
