"""Ratio: one value over another is at least, at most, or about a stated number.

"About" needs a tolerance with its reason and is two-sided. Partly: in more than half of the
combinations. A ratio over zero is not defined and counts as failed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from reprise.claims.claim import Claim, Factors, Tolerance, label, no_numbers
from reprise.claims.evidence import Evidence
from reprise.claims.verdict import Check, Finding, breakdown, exceptions, verdict_by_count


class Ratio(Claim):
    """`system` over `to`: give `about` with a tolerance, or one or both of `at_least` and `at_most`."""

    kind: Literal["ratio"]
    system: Factors
    to: Factors
    about: float | None = None
    tolerance: Tolerance | None = None
    at_least: float | None = None
    at_most: float | None = None
    needs: Literal["all", "most"] = "all"

    @model_validator(mode="after")
    def _has_a_bound(self) -> Ratio:
        bounded = self.at_least is not None or self.at_most is not None
        if (self.about is None) == (not bounded) or (self.about is None) != (self.tolerance is None):
            raise ValueError("a ratio is about a number with a tolerance, or at least or at most one")
        return self

    def judge(self, evidence: Evidence) -> Finding:
        """Count the combinations whose ratio is as stated."""
        gathered = self.gather(evidence, [self.system, self.to])
        if not gathered:
            return no_numbers(evidence)
        details = []
        for group, (left, right) in gathered.complete:
            ratio = left.value / right.value if right.value else float("nan")
            details.append(
                Check(
                    group,
                    self._holds(ratio),
                    f"{left.value:g} / {right.value:g} = {ratio:.3g}",
                    {"system": left.value, "to": right.value},
                )
            )
        holds, of = sum(c.holds for c in details), len(details)
        text = (
            f"{label(self.system, self.to)} over {label(self.to, self.system)} is {self._wanted} in "
            f"{holds} of {of} comparisons"
            + (breakdown(details, self.by) if self.by else "")
            + (f": {details[0].text}" if of == 1 else exceptions(details))
            + gathered.note
            + "."
        )
        shown = details[0].text.rpartition("= ")[2] if of == 1 else f"{holds} of {of}"
        return Finding(verdict_by_count(holds, of, self.needs), text, shown, holds, of, details)

    def _holds(self, ratio: float) -> bool:
        if self.about is not None:
            return self.tolerance.allows(ratio, self.about)
        # Printed decimals are not exact in binary: 0.3 / 0.1 must count as 3. A NaN holds nowhere.
        return (
            (self.at_least is None or ratio >= self.at_least - 1e-9)
            and (self.at_most is None or ratio <= self.at_most + 1e-9)
            and ratio == ratio
        )

    @property
    def _wanted(self) -> str:
        if self.about is not None:
            return f"{self.about:g} within {self.tolerance}"
        bounds = [("at least", self.at_least), ("at most", self.at_most)]
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
