"""Judging a row on the paper's own cells, where there are digits and marks but no samples.

A printed number stands for all numbers that round to it, so equal digits are a tie that the table cannot
break (open), and a difference of one in the last digit is a true one. A claim whose number the text states
(`at_least`, a margin) holds where the printed digits do. The words are not those of reproduction.
"""

from __future__ import annotations

from math import exp, inf, log

from reprise.claims.claim import Claim
from reprise.claims.comparison import Comparison, gather
from reprise.claims.evidence import Evidence
from reprise.claims.region import Region
from reprise.claims.sampled import unit_of
from reprise.claims.verdict import (
    AGAINST,
    BORNE_OUT,
    CURVE,
    FOR,
    NOT_BORNE_OUT,
    NOT_TESTABLE,
    OPEN,
    PARTLY,
    UNREAD,
    Finding,
    Line,
    not_testable,
)
from reprise.evaluation.cells import Cell

DIGITS = 1e-9
"""Printed decimals are not exact in binary: 0.372 - 0.371 must count as 0.001."""


def judge_printed(claim: Claim, evidence: Evidence) -> Finding:
    """What the paper's own table says of its claim."""
    if claim.contrast == "value" and claim.value is None:
        return not_testable("the published values are what ours are compared with")
    gathered = gather(claim, evidence.cells, evidence.reference)
    if not gathered.comparisons and claim.unread:
        return Finding(UNREAD, f"The paper's numbers were not read: {claim.unread}.", "unread")
    if not gathered.comparisons:
        return not_testable("the paper prints no such numbers")
    lines = [_line(claim, comparison) for comparison in gathered.comparisons]
    unit, region = unit_of(claim, gathered.comparisons[0])
    verdict, said = _audited(claim, lines) if claim.audit else _verdict(claim, lines)
    text = f"{said}{gathered.note}."
    shown = said.partition(" (")[0].partition(";")[0]
    return Finding(verdict, text, "the printed digits", shown, lines, unit=unit, region=region)


def _line(claim: Claim, comparison: Comparison) -> Line:
    value, low, high = _rounded(comparison)
    bounds = comparison.bounds(claim)
    word = _word(claim.region, bounds, value, low, high) if comparison.counted else CURVE
    if word == FOR and claim.mark and claim.mark not in comparison.cells[0].marks:
        word = AGAINST
    change = exp if comparison.as_ratio else float
    sides = ("system", "than") if comparison.pair else ("value",)
    values = {side: cell.value for side, cell in zip(sides, comparison.cells, strict=False)}
    shown = (change(x) for x in (value, low, high))
    return Line(comparison.group, word, *shown, link=comparison.link, values=values)


def _rounded(comparison: Comparison) -> tuple[float, float, float]:
    """The contrast of the printed numbers, and the least and the most that it can be before rounding."""
    ends = [0.0, 0.0, 0.0]
    for cell, coefficient in zip(comparison.cells, comparison.coefficients, strict=True):
        half = _half_unit(cell) * (1 if coefficient > 0 else -1)
        for place, value in enumerate((cell.value, cell.value - half, cell.value + half)):
            ends[place] += coefficient * (_log(value) if comparison.logarithmic else value)
    return ends[0], ends[1], ends[2]


def _half_unit(cell: Cell) -> float:
    return 0.0 if cell.decimals is None else 0.5 * 10.0**-cell.decimals


def _log(value: float) -> float:
    return log(value) if value > 0 else -inf


def _word(region: Region, bounds: tuple[float, float], value: float, low: float, high: float) -> str:
    if high < bounds[0] - DIGITS or low > bounds[1] + DIGITS:
        return AGAINST
    if region.above is not None or region.below is not None:
        if bounds[0] - DIGITS <= low and high <= bounds[1] + DIGITS and low != high:
            return FOR
        turned = high <= bounds[0] + DIGITS or low >= bounds[1] - DIGITS
        return (
            (FOR if bounds[0] < value < bounds[1] else AGAINST)
            if low == high
            else AGAINST
            if turned
            else OPEN
        )
    return FOR if bounds[0] - DIGITS <= value <= bounds[1] + DIGITS else OPEN


def _verdict(claim: Claim, lines: list[Line]) -> tuple[str, str]:
    """The verdict, within each value that the claim must hold in, and the counts over all."""
    pools: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        if line.word != CURVE:
            pools.setdefault(tuple(line.group[name] for name in claim.within), []).append(line)
    words = {_word_of_pool(claim, pool) for pool in pools.values()}
    found = _by_combination(lines)
    ties = f", {found.count(OPEN)} that the printed digits cannot tell" if OPEN in found else ""
    marked = f" with the mark {claim.mark}" if claim.mark else ""
    said = f"{found.count(FOR)} of {len(found)}{marked}; {found.count(AGAINST)} against{ties}"
    return (words.pop() if len(words) == 1 else PARTLY), said


def _word_of_pool(claim: Claim, lines: list[Line]) -> str:
    words = _by_combination(lines)
    for_it, against = words.count(FOR), words.count(AGAINST)
    if isinstance(claim.needs, Region):
        low, high = claim.needs.bounds()
        return BORNE_OUT if low <= (for_it + words.count(OPEN) / 2) / len(words) <= high else NOT_BORNE_OUT
    if for_it == len(words) or (claim.needs == "most" and for_it > len(words) / 2):
        return BORNE_OUT
    if not for_it and not against:
        return NOT_TESTABLE
    # Of several, first more often than any other, though not in more than half.
    rival = _first_places(lines) if claim.needs == "most" and len(claim.links) > 1 else against
    return PARTLY if for_it > rival else NOT_BORNE_OUT


def _by_combination(lines: list[Line]) -> list[str]:
    """The word of each combination: for when all its contrasts are, against when one is."""
    combinations: dict[tuple[str, ...], set[str]] = {}
    for line in lines:
        if line.word != CURVE:
            combinations.setdefault(tuple(line.group.values()), set()).add(line.word)
    return [AGAINST if AGAINST in w else FOR if w == {FOR} else OPEN for w in combinations.values()]


def _first_places(lines: list[Line]) -> int:
    """In how many combinations that other system is first alone that is so most often."""
    firsts: dict[str, int] = {}
    combinations: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        combinations.setdefault(tuple(line.group.values()), []).append(line)
    for mine in combinations.values():
        ordered = sorted(mine, key=lambda line: abs(line.estimate), reverse=True)
        beaten = [line for line in ordered if line.word == AGAINST]
        if beaten and (len(beaten) == 1 or abs(beaten[0].estimate) > abs(beaten[1].estimate)):
            firsts[beaten[0].link] = firsts.get(beaten[0].link, 0) + 1
    return max(firsts.values(), default=0)


def _audited(claim: Claim, lines: list[Line]) -> tuple[str, str]:
    """Whether counting again gives what we counted; shared first places count where the audit says so."""
    words = _by_combination(lines)
    holds = words.count(FOR) + (words.count(OPEN) if claim.audit.shared else 0)
    as_counted = (holds, len(words)) == (claim.audit.holds, claim.audit.of)
    return (BORNE_OUT if as_counted else NOT_BORNE_OUT), f"{holds} of {len(words)}; counted again"
