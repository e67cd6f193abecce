"""Majority: one system is the best (or the worst) of several in most comparisons, in all, or none is.

A first place counts when it is held alone; shared ones are shown beside it. For `needs: most`,
reproduced means alone in more than half of the comparisons, partly that it is first more often than
any other system though not in more than half. For `needs: all`, partly means more than half.

"No order" is the claim that none of the systems stands out. Reproduced: each is first somewhere and
none in more than the stated share of comparisons; partly: each is first somewhere, but one beyond that
share; not reproduced: one of them is never first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, model_validator

from reprise.claims.claim import Claim, Factors, label, no_numbers
from reprise.claims.evidence import Evidence, compare_pairs, is_tie
from reprise.claims.verdict import (
    NOT_REPRODUCED,
    PARTLY,
    REPRODUCED,
    Check,
    Finding,
    breakdown,
    verdict_by_count,
)
from reprise.evaluation.cells import Cell


class Majority(Claim):
    """`system` has the highest (or lowest) value among `among` (itself included), in most or all cases."""

    kind: Literal["majority"]
    system: Factors
    among: list[Factors] = Field(min_length=2)
    extreme: Literal["highest", "lowest"] = "highest"
    needs: Literal["most", "all"] = "most"

    @model_validator(mode="after")
    def _is_among_them(self) -> Majority:
        if self.system not in self.among:
            raise ValueError("the system must be one of those in among")
        return self

    def judge(self, evidence: Evidence) -> Finding:
        """Count first places, held alone and shared."""
        gathered = self.gather(evidence, self.among)
        if not gathered:
            return no_numbers(evidence)
        names = [label(s, *(o for o in self.among if o is not s)) for s in self.among]
        mine = names[self.among.index(self.system)]
        details, alone, shared = count_first_places(gathered.complete, names, mine, self.extreme)
        of = len(details)
        verdict = verdict_by_count(alone[mine], of, self.needs)
        others = max(alone[name] for name in names if name != mine)
        if self.needs == "most" and verdict != REPRODUCED:
            verdict = PARTLY if alone[mine] > others else NOT_REPRODUCED
        ties = f" ({shared[mine]} with shared places)" if shared[mine] > alone[mine] else ""
        rest = ", ".join(
            f"{name} {alone[name]}" + (f" ({shared[name]})" if shared[name] > alone[name] else "")
            for name in sorted(names, key=lambda n: -alone[n])
            if name != mine
        )
        text = (
            f"{mine} is {self.extreme} in {alone[mine]} of {of} comparisons{ties}"
            + (breakdown(details, self.by) if self.by else "")
            + f"; {rest}"
            + self._significance(evidence, gathered.complete, names, mine)
            + gathered.note
            + "."
        )
        return Finding(verdict, text, f"{alone[mine]} of {of}", alone[mine], of, details)

    def _significance(
        self,
        evidence: Evidence,
        complete: Sequence[tuple[dict[str, str], list[Cell]]],
        names: Sequence[str],
        mine: str,
    ) -> str:
        """How often the system differs significantly from the best of the others."""
        pick = max if self.extreme == "highest" else min
        at, pairs = names.index(mine), []
        for _, cells in complete:
            rivals = [cell for i, cell in enumerate(cells) if i != at]
            pairs.append((cells[at], pick(rivals, key=lambda cell: cell.value)))
        tested = compare_pairs(evidence, pairs, self.id)
        found = [
            (left.value > right.value) == (self.extreme == "highest")
            for (left, right), p in zip(pairs, tested.p_adjusted, strict=True)
            if p is not None and p < self.alpha
        ]
        if all(p is None for p in tested.p_adjusted):
            return ""
        return (
            f"; against the first of the others {found.count(True)} differences are significant for it and "
            f"{found.count(False)} against it ({tested.how}, level {self.alpha:g})"
        )


class NoOrder(Claim):
    """None of the systems in `among` is the best throughout."""

    kind: Literal["no order"]
    among: list[Factors] = Field(min_length=2)
    at_most: float = Field(default=0.75, gt=0, lt=1)

    def judge(self, evidence: Evidence) -> Finding:
        """Count first places of every system."""
        gathered = self.gather(evidence, self.among)
        if not gathered:
            return no_numbers(evidence)
        names = [label(s, *(o for o in self.among if o is not s)) for s in self.among]
        details, alone, _ = count_first_places(gathered.complete, names, None, "highest")
        of, most = len(details), max(alone.values())
        if min(alone.values()) == 0:
            verdict = NOT_REPRODUCED
        else:
            verdict = REPRODUCED if most <= self.at_most * of else PARTLY
        counted = ", ".join(f"{name} in {alone[name]}" for name in names)
        text = (
            f"Of {of} comparisons the best is {counted}; no order means that each is best somewhere and "
            f"none in more than {self.at_most:.0%}{gathered.note}."
        )
        return Finding(
            verdict, text, " / ".join(f"{name} {alone[name]}" for name in names), most, of, details
        )


def count_first_places(
    complete: Sequence[tuple[dict[str, str], list[Cell]]],
    names: Sequence[str],
    mine: str | None,
    extreme: str,
) -> tuple[list[Check], Mapping[str, int], Mapping[str, int]]:
    """A check for every comparison, and each system's first places: held alone, and held alone or shared.

    A check holds when `mine` is first alone (without `mine`: when anyone is).
    """
    pick = max if extreme == "highest" else min
    details, alone, shared = [], dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for group, cells in complete:
        first = pick(cells, key=lambda cell: cell.value)
        winners = [name for name, cell in zip(names, cells, strict=True) if is_tie(cell, first)]
        for name in winners:
            shared[name] += 1
        if len(winners) == 1:
            alone[winners[0]] += 1
        details.append(
            Check(
                group,
                len(winners) == 1 and mine in (None, winners[0]),
                f"{' and '.join(winners)} at {first.value:.4f}",
                {name: cell.value for name, cell in zip(names, cells, strict=True)},
                tie=len(winners) > 1,
            )
        )
    return details, alone, shared
