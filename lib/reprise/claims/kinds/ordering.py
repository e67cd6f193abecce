"""Ordering and direction: one system above another, or a chain of them.

It holds in a combination when every link of the chain is strictly greater; a tie is not. Partly: in
more than half of the combinations, but not in all (with `needs: most`: more often than the
opposite, ties making up the rest).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from pydantic import Field

from reprise.claims.claim import Claim, Factors, label, no_numbers
from reprise.claims.evidence import Evidence, compare_pairs, is_tie
from reprise.claims.verdict import (
    Check,
    Finding,
    breakdown,
    exceptions,
    significance_clause,
    verdict_by_count,
)
from reprise.evaluation.cells import Cell


class Ordering(Claim):
    """A chain of systems, the greatest value first."""

    kind: Literal["ordering"]
    order: list[Factors] = Field(min_length=2)
    needs: Literal["all", "most"] = "all"

    def judge(self, evidence: Evidence) -> Finding:
        """Count the combinations in which the whole chain holds, and test each of its links."""
        return judge_chain(self, evidence, self.order, self.needs)


class Direction(Claim):
    """One system's value is higher (or lower) than another's: the sign of an effect."""

    kind: Literal["direction"]
    system: Factors
    effect: Literal["higher", "lower"]
    than: Factors
    needs: Literal["all", "most"] = "all"

    def judge(self, evidence: Evidence) -> Finding:
        """Count the combinations in which the effect has the sign, and test each."""
        chain = [self.system, self.than] if self.effect == "higher" else [self.than, self.system]
        return judge_chain(self, evidence, chain, self.needs)


def judge_chain(claim: Claim, evidence: Evidence, chain: Sequence[Factors], needs: str) -> Finding:
    """Judge a chain of systems, greatest first, in every combination."""
    gathered = claim.gather(evidence, chain)
    if not gathered:
        return no_numbers(evidence)
    names = [label(system, *(s for s in chain if s is not system)) for system in chain]
    details = [_check(group, cells, names) for group, cells in gathered.complete]
    links = [link for _, cells in gathered.complete for link in pairwise(cells)]
    tested = compare_pairs(evidence, links, claim.id)
    details = _significance(details, links, tested.p_adjusted, claim.alpha)
    holds, of = sum(check.holds for check in details), len(details)
    verdict = verdict_by_count(holds, of, needs, fails=sum(not c.holds and not c.tie for c in details))
    text = (
        f"{' > '.join(names)} holds in {holds} of {of} comparisons"
        + (breakdown(details, claim.by) if claim.by else "")
        + exceptions(details)
        + significance_clause(details, tested.how, claim.alpha)
        + gathered.note
        + "."
    )
    return Finding(verdict, text, f"{holds} of {of}", holds, of, details)


def _check(group: dict[str, str], cells: Sequence[Cell], names: Sequence[str]) -> Check:
    links = list(pairwise(cells))
    tie = any(is_tie(*link) for link in links)
    holds = not tie and all(left.value > right.value for left, right in links)
    return Check(
        group,
        holds,
        " v ".join(f"{cell.value:.4f}" for cell in cells),
        {name: cell.value for name, cell in zip(names, cells, strict=True)},
        tie=tie,
    )


def _significance(
    details: Sequence[Check],
    links: Sequence[tuple[Cell, Cell]],
    p_values: Sequence[float | None],
    alpha: float,
) -> list[Check]:
    """A chain is significant for the claim when each link is, against it when one link is."""
    from dataclasses import replace

    per_check, found = len(links) // len(details), []
    for i, check in enumerate(details):
        mine = slice(i * per_check, (i + 1) * per_check)
        pairs = list(zip(links[mine], p_values[mine], strict=True))
        if any(p is None for _, p in pairs):
            found.append(check)
            continue
        signs = [0 if p >= alpha else (1 if left.value > right.value else -1) for (left, right), p in pairs]
        found.append(replace(check, p=max(p for _, p in pairs), significant=min(signs)))
    return found
