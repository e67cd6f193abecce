"""Judging a row on the paper's own cells, where there are digits and marks but no samples.

A printed number stands for all numbers that round to it, so equal digits are a tie that the table cannot
break (open), and a difference of one in the last digit is a true one. A claim whose number the text states
(`at_least`, a margin) holds where the printed digits do. The words are not those of reproduction.
"""

from __future__ import annotations

from collections import Counter
from math import exp, inf, log

from reprise.claims.claim import Claim
from reprise.claims.comparison import Comparison, gather
from reprise.claims.evidence import Evidence
from reprise.claims.region import Region
from reprise.claims.sampled import unit_of
from reprise.claims.verdict import (
    BORNE_OUT,
    NOT_BORNE_OUT,
    NOT_TESTABLE,
    PARTLY,
    UNREAD,
    Finding,
    Line,
    Says,
    not_testable,
)

DIGITS = 1e-9
"""Printed decimals are not exact in binary: 0.372 - 0.371 must count as 0.001."""


def judge_printed(claim: Claim, evidence: Evidence) -> Finding:
    """What the paper's own table says of its claim."""
    if claim.contrast == "value" and claim.value is None:
        return not_testable("the published values are what ours are compared with")
    gathered = gather(claim, evidence.cells, evidence.reference)
    if not gathered.comparisons and claim.unread:
        text = f"The paper's numbers were not read: {claim.unread}."
        return Finding(verdict=UNREAD, text=text, rule=UNREAD)
    if not gathered.comparisons:
        return not_testable("the paper prints no such numbers")
    lines = [_line(claim, comparison) for comparison in gathered.comparisons]
    verdict, shown, said = _verdict(claim, lines)
    unit, region = unit_of(claim, gathered.comparisons[0])
    return Finding(
        verdict=verdict,
        text=f"{shown}{said}{gathered.note}.",
        rule="the printed digits",
        shown=shown,
        lines=tuple(lines),
        unit=unit,
        region=region,
    )


def _line(claim: Claim, comparison: Comparison) -> Line:
    value, low, high = (_contrast(comparison, side) for side in (0, -1, 1))
    word = _word(claim.region, comparison.bounds(claim), value, low, high)
    if word == Says.FOR and claim.mark and claim.mark not in comparison.cells[0].marks:
        word = Says.AGAINST
    change = exp if comparison.as_ratio else float
    sides = ("system", "than") if comparison.pair else ("value",)
    values = {side: cell.value for side, cell in zip(sides, comparison.cells, strict=False)}
    return Line(
        comparison.group,
        word if comparison.counted else Says.CURVE,
        *map(change, (value, low, high)),
        link=comparison.link,
        values=values,
    )


def _contrast(comparison: Comparison, side: int) -> float:
    """The contrast of the printed numbers, or the least (-1) or most (1) that it can be before rounding."""
    total = 0.0
    for cell, coefficient in zip(comparison.cells, comparison.coefficients, strict=True):
        half = 0.0 if cell.decimals is None else 0.5 * 10.0**-cell.decimals
        value = cell.value + side * (half if coefficient > 0 else -half)
        if comparison.logarithmic:
            value = log(value) if value > 0 else -inf
        total += coefficient * value
    return total


def _word(region: Region, bounds: tuple[float, float], value: float, low: float, high: float) -> Says:
    if high < bounds[0] - DIGITS or low > bounds[1] + DIGITS:
        return Says.AGAINST
    if region.above is None and region.below is None:
        return Says.FOR if bounds[0] - DIGITS <= value <= bounds[1] + DIGITS else Says.OPEN
    if low == high:  # printed without rounding
        return Says.FOR if bounds[0] < value < bounds[1] else Says.AGAINST
    if bounds[0] - DIGITS <= low and high <= bounds[1] + DIGITS:
        return Says.FOR
    turned = high <= bounds[0] + DIGITS or low >= bounds[1] - DIGITS
    return Says.AGAINST if turned else Says.OPEN


def _verdict(claim: Claim, lines: list[Line]) -> tuple[str, str, str]:
    """The verdict, within each value that the claim must hold in; the count over all, and what else."""
    pools: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        if line.word != Says.CURVE:
            pools.setdefault(tuple(line.group[name] for name in claim.within), []).append(line)
    found = [word for pool in pools.values() for word in _words(pool)]
    holds, against, ties = (found.count(word) for word in (Says.FOR, Says.AGAINST, Says.OPEN))
    if claim.audit:
        holds += ties if claim.audit.shared else 0
        as_counted = (holds, len(found)) == (claim.audit.holds, claim.audit.of)
        return BORNE_OUT if as_counted else NOT_BORNE_OUT, f"{holds} of {len(found)}", "; counted again"
    words = {_word_of_pool(claim, pool) for pool in pools.values()}
    marked = f" with the mark {claim.mark}" if claim.mark else ""
    beside = f"; {against} against" + (f", {ties} that the printed digits cannot tell" if ties else "")
    return words.pop() if len(words) == 1 else PARTLY, f"{holds} of {len(found)}{marked}", beside


def _words(lines: list[Line]) -> list[Says]:
    """The word of each combination: for when all its contrasts are, against when one is."""
    combinations: dict[tuple[str, ...], set[Says]] = {}
    for line in lines:
        combinations.setdefault(tuple(line.group.values()), set()).add(line.word)
    return [
        Says.AGAINST if Says.AGAINST in words else Says.FOR if words == {Says.FOR} else Says.OPEN
        for words in combinations.values()
    ]


def _word_of_pool(claim: Claim, lines: list[Line]) -> str:
    words = _words(lines)
    holds, against = words.count(Says.FOR), words.count(Says.AGAINST)
    if isinstance(claim.needs, Region):
        low, high = claim.needs.bounds()
        return (
            BORNE_OUT if low <= (holds + words.count(Says.OPEN) / 2) / len(words) <= high else NOT_BORNE_OUT
        )
    if holds == len(words) or (claim.needs == "most" and holds > len(words) / 2):
        return BORNE_OUT
    if not holds and not against:
        return NOT_TESTABLE
    # Of several, first more often than any other, though not in more than half.
    rival = _most_first(lines) if claim.needs == "most" and len(claim.links) > 1 else against
    return PARTLY if holds > rival else NOT_BORNE_OUT


def _most_first(lines: list[Line]) -> int:
    """First places of that other system that has most of them, shared ones included."""
    combinations: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        combinations.setdefault(tuple(line.group.values()), []).append(line)
    firsts: Counter[str] = Counter()
    for mine in combinations.values():
        beaten = [line for line in mine if line.word == Says.AGAINST]
        best = max((abs(line.estimate) for line in beaten), default=0.0)
        firsts.update(line.link for line in beaten if abs(line.estimate) > best - DIGITS)
    return max(firsts.values(), default=0)
