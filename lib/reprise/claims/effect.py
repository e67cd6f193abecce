"""The paper's own effect: what its printed cells say of the contrast that ours is judged by.

It is relative (a log ratio, as collections differ in level) unless the claim speaks of points; from the same
combination where the paper prints it, else the median over the claim's printed combinations of the same
measure, or of all. Half of one that lies outside the region that the claim names is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median

from reprise.claims.claim import Claim, Row
from reprise.claims.comparison import Comparison, gather
from reprise.evaluation.cells import Cells


@dataclass(frozen=True)
class PaperEffect:
    """What the paper prints of a contrast: its `size`, relative (a log ratio) or in points.

    `claimed` says whether it lies in the region that the paper's own claim names.
    """

    size: float
    claimed: bool


def paper_effects(row: Row, comparisons: Sequence[Comparison], published: Cells) -> list[PaperEffect | None]:
    """For each comparison the paper's effect; None without one."""
    if not isinstance(row, Claim) or row.contrast not in ("difference", "ratio"):
        return [None] * len(comparisons)
    printed = [
        (c, size)
        for c in gather(row, published, Cells([])).comparisons
        if (size := _size(row, c)) is not None
    ]
    return [_nearest(row, c, printed) for c in comparisons]


def _size(row: Claim, comparison: Comparison) -> float | None:
    left, right = (cell.value for cell in comparison.pair)
    if row.effect == "points":
        return left - right
    return log(left / right) if left > 0 and right > 0 else None


def _nearest(
    row: Claim, comparison: Comparison, printed: Sequence[tuple[Comparison, float]]
) -> PaperEffect | None:
    mine = [(c, size) for c, size in printed if c.link == comparison.link]
    same = [(c, size) for c, size in mine if c.group == comparison.group]
    measure = comparison.cells[0].measure
    alike = [(c, size) for c, size in mine if c.group.get("measure", measure) == measure]
    for found in (same, alike, mine):
        if found:
            low, high = row.region.bounds(1.0 if row.contrast == "ratio" else 0.0)
            contrast = median(_contrast(row, c) for c, _ in found)
            return PaperEffect(median(size for _, size in found), low <= contrast <= high)
    return None


def _contrast(row: Claim, comparison: Comparison) -> float:
    """The printed contrast in the unit of the row's region."""
    left, right = (cell.value for cell in comparison.pair)
    return left / right if row.contrast == "ratio" else left - right


def in_unit(row: Row, comparison: Comparison, effect: float | None, share: float = 1.0) -> float | None:
    """That share of the paper's effect on the line on which the comparison is estimated.

    A relative effect on a difference is that of the other side here: 10 % of 0.400 is 0.040.
    """
    if effect is None or comparison.pair is None:
        return None
    if comparison.as_ratio:
        return None if row.effect == "points" else share * effect
    return share * effect if row.effect == "points" else comparison.pair[1].value * (exp(share * effect) - 1)
