"""The paper's own effect: what its printed cells say of the contrast that ours is judged by.

It is relative (a log ratio, as collections differ in level) unless the claim speaks of points; from the same
combination where the paper prints it, else the median over the claim's printed combinations of the same
measure, or of all. One that lies outside the region that the claim names is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import median

from reprise.claims.claim import Claim, Row
from reprise.claims.comparison import Comparison, gather
from reprise.evaluation.cells import Cells


def paper_effects(
    row: Row, comparisons: Sequence[Comparison], published: Cells
) -> tuple[list[float | None], bool]:
    """For each comparison the paper's effect, relative or in points; None without one.

    And whether one was left out because it lies outside the region that the paper's own claim names.
    """
    if not isinstance(row, Claim) or row.contrast not in ("difference", "ratio"):
        return [None] * len(comparisons), False
    printed = [
        (c.group, c.link, effect)
        for c in gather(row, published, Cells([])).comparisons
        if (effect := _effect(row, c)) is not None
    ]
    nearest = [_nearest(c, printed) for c in comparisons]
    effects = [_inside(row, effect) for effect in nearest]
    return effects, effects.count(None) > nearest.count(None)


def _effect(row: Claim, comparison: Comparison) -> float | None:
    left, right = (cell.value for cell in comparison.pair)
    if row.effect == "points":
        return left - right
    return log(left / right) if left > 0 and right > 0 else None


def _nearest(comparison: Comparison, printed: Sequence[tuple[object, str, float]]) -> float | None:
    mine = [p for p in printed if p[1] == comparison.link]
    same = [effect for group, _, effect in mine if group == comparison.group]
    measure = comparison.cells[0].measure
    alike = [effect for group, _, effect in mine if group.get("measure", measure) == measure]
    for found in (same, alike, [effect for *_, effect in mine]):
        if found:
            return median(found)
    return None


def _inside(row: Claim, effect: float | None) -> float | None:
    if effect is None:
        return None
    low, high = row.region.bounds(1.0 if row.contrast == "ratio" else 0.0)
    value = exp(effect) if row.contrast == "ratio" else effect
    return effect if low <= value <= high else None


def in_unit(row: Row, comparison: Comparison, effect: float | None, share: float = 1.0) -> float | None:
    """That share of the paper's effect on the line on which the comparison is estimated.

    A relative effect on a difference is that of the other side here: 10 % of 0.400 is 0.040.
    """
    if effect is None or comparison.pair is None:
        return None
    if comparison.as_ratio:
        return None if row.effect == "points" else share * effect
    return share * effect if row.effect == "points" else comparison.pair[1].value * (exp(share * effect) - 1)
