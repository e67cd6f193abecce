"""What a claim is judged on: one source of cells, and how they are told apart.

Tie rule: published numbers are taken as printed, so equal digits are a tie; rounding keeps order, so
a printed difference of one in the last digit is a true difference in that direction. Ours are a tie
when they are equal at the six decimals that results.json keeps. A tie is never a win.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells
from reprise.evaluation.correction import adjust
from reprise.evaluation.significance import Comparison, compare_family

TIE = 5e-7
"""Half a unit of the sixth decimal."""

Selector = Mapping[str, "str | Sequence[str]"]


@dataclass(frozen=True)
class Evidence:
    """One source of cells: `name` is "published" or "ours".

    `reference` holds the other source, which value claims compare with; `comparisons` the records of
    results.json, used where cells have no samples of their own.
    """

    name: str
    cells: Cells
    reference: Cells
    comparisons: Sequence[Mapping[str, object]] = ()

    @property
    def published(self) -> bool:
        """Whether these are the paper's own cells."""
        return self.name == "published"

    def find(self, selector: Selector) -> Cell | None:
        """The cell that fits, None when there is none; `InputError` when the selector fits several."""
        try:
            return self.cells.get(**selector)
        except LookupError as error:
            raise InputError(
                f"a claim does not say which cell it means: {error}",
                given=dict(selector),
                remedy="name more factors in the claim",
            ) from error


def is_tie(left: Cell, right: Cell) -> bool:
    """Whether two values are the same number, by the tie rule."""
    return abs(left.value - right.value) < TIE


def can_pair(left: Cell, right: Cell) -> bool:
    """Whether two cells hold values of the same topics (or seeds), and more than one: one tests nothing."""
    return len(left.samples) > 1 and set(left.samples) == set(right.samples)


@dataclass(frozen=True)
class Tested:
    """The adjusted p of each pair (None where it cannot be tested), and how they were tested."""

    p_adjusted: list[float | None]
    how: str


def compare_pairs(evidence: Evidence, pairs: Sequence[tuple[Cell, Cell]], claim: str) -> Tested:
    """Paired t-tests of all pairs of a claim, Holm over exactly these: the claim is the family.

    Cells with samples are tested from them; for others a comparison of the same two systems in
    results.json lends its uncorrected p.
    """
    testable = [can_pair(left, right) for left, right in pairs]
    if any(testable):
        records: Iterable[Comparison] = compare_family(
            [pair for pair, can in zip(pairs, testable, strict=True) if can], family=f"claim {claim}"
        )
        adjusted = iter([record.p_adjusted for record in records])
        p_values = [next(adjusted) if can else None for can in testable]
        how = "paired t-test"
    else:
        raw = [_recorded_p(evidence, *pair) for pair in pairs]
        corrected = iter(adjust([p for p in raw if p is not None], "holm"))
        p_values = [None if p is None else next(corrected) for p in raw]
        how = "tests of results.json"
    count = sum(p is not None for p in p_values)
    return Tested(p_values, f"{how}, Holm over the claim's {count} comparison{'s' * (count != 1)}")


def _recorded_p(evidence: Evidence, left: Cell, right: Cell) -> float | None:
    sides = {frozenset(cell.factors.items()) for cell in (left, right)}
    for record in evidence.comparisons:
        if (record["dataset"], record["measure"]) == (left.dataset, left.measure) and sides == {
            frozenset(record[side].items()) for side in ("left", "right")
        }:
            return float(record["p"])
    return None
