"""Superscripts of significance: which rows of a table differ, by the comparisons of results.json.

With a baseline an arrow says that a number is significantly higher or lower than its row's baseline. A row
that was compared with several (a retriever alone with its fusions by two sparse models) has no arrow: it
could point both ways. Without a baseline every row that is compared with another has a letter (a ... z, aa,
ab ...: no limit), and a number carries the letters of the rows that it is significantly better than.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reprise.evaluation.cells import Cells
from reprise.experiment.study import TableSpec

ALPHA = 0.05
_COUNTED = re.compile(r"(.*?)(?: \((\d+) comparisons?\))?")
Place = tuple[str, str]


@dataclass(frozen=True)
class Significance:
    """The superscripts by row and (dataset, measure), the rows' letters, and what the marks mean."""

    marks: Mapping[tuple[int, Place], str] = field(default_factory=dict)
    letters: Mapping[int, str] = field(default_factory=dict)
    legend: str = ""

    def of(self, row: int, place: Place) -> str:
        """The superscript of a number, "" without one."""
        return self.marks.get((row, place), "")


def letter(number: int) -> str:
    """The letter of the n-th row, counted from 0.

    >>> [letter(n) for n in (0, 25, 26, 701, 702)]
    ['a', 'z', 'aa', 'zz', 'aaa']
    """
    word = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        word = chr(ord("a") + rest) + word
    return word


def find_marks(spec: TableSpec, cells: Cells, comparisons: Sequence[Mapping[str, Any]]) -> Significance:
    """The superscripts of a table, from comparisons whose two sides both stand in it."""
    rows = _rows_by_factors(spec, cells)
    tested = [
        (record, rows[left], rows[right])
        for record in comparisons
        if record["measure"] in spec.measures
        and (left := _key(record["left"])) in rows
        and (right := _key(record["right"])) in rows
    ]
    several = False
    if spec.baseline:
        against = _against_baseline(spec, tested)
        tested = _of_one_baseline(spec, against)
        several = len(tested) < len(against)
    if not tested:
        return Significance()
    how = _how([record for record, _, _ in tested])
    if spec.baseline:
        marks = {
            (row, (r["dataset"], r["measure"])): "↑" if difference > 0 else "↓"
            for r, row, difference in _directed(spec, tested)
        }
        base = ", ".join(spec.baseline.values())
        if not marks:
            return Significance(
                legend=f"No number differs significantly from its row's baseline, {base} ({how})."
            )
        said = f"↑ ↓: significantly higher or lower than the row's baseline, {base} ({how})."
        said += " Rows that have several baselines have no arrow." * several
        return Significance(marks, {}, said)
    letters = {row: letter(i) for i, row in enumerate(sorted({r for _, *pair in tested for r in pair}))}
    found: dict[tuple[int, Place], set[int]] = {}
    for record, left, right in tested:
        if record["p_adjusted"] >= ALPHA or record["difference"] == 0:
            continue
        better_left = (record["difference"] > 0) != (record["measure"] in spec.lower)
        winner, loser = (left, right) if better_left else (right, left)
        found.setdefault((winner, (record["dataset"], record["measure"])), set()).add(loser)
    if not found:
        return Significance({}, letters, f"No two rows differ significantly ({how}).")
    marks = {place: " ".join(letters[row] for row in sorted(losers)) for place, losers in found.items()}
    named = ", ".join(f"{mark} {_label(spec, row)}" for row, mark in letters.items())
    return Significance(marks, letters, f"Superscripts: significantly better than that row ({how}): {named}.")


def _label(spec: TableSpec, row: int) -> str:
    """The row's label, with the heading above it where another block has the same label."""
    label = spec.rows[row][0]
    if sum(other == label and bool(factors) for other, factors in spec.rows) < 2:
        return label
    block = next((text for text, factors in reversed(spec.rows[:row]) if not factors), "")
    return f"{label} ({block})" if block else label


def _rows_by_factors(spec: TableSpec, cells: Cells) -> dict[frozenset[tuple[str, str]], int]:
    """The row of every system that a row of the table picks out."""
    return {
        _key(cell.factors): index
        for index, (_, factors) in enumerate(spec.rows)
        if factors
        for cell in cells.select(**factors)
    }


def _key(factors: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((k, v) for k, v in factors.items() if v)


def _is_baseline(spec: TableSpec, factors: Mapping[str, str]) -> bool:
    return all(factors.get(name, "") == value for name, value in spec.baseline.items())


def _against_baseline(spec: TableSpec, tested: list[tuple[Any, int, int]]) -> list[tuple[Any, int, int]]:
    return [
        (record, left, right)
        for record, left, right in tested
        if _is_baseline(spec, record["left"]) != _is_baseline(spec, record["right"])
        and _share_the_rest(spec, record["left"], record["right"])
    ]


def _of_one_baseline(spec: TableSpec, tested: list[tuple[Any, int, int]]) -> list[tuple[Any, int, int]]:
    """The comparisons of rows that are compared with one baseline throughout the table."""
    baselines: dict[int, set[int]] = {}
    for record, left, right in tested:
        row, base = (right, left) if _is_baseline(spec, record["left"]) else (left, right)
        baselines.setdefault(row, set()).add(base)
    return [
        (record, left, right)
        for record, left, right in tested
        if all(len(baselines.get(row, ())) < 2 for row in (left, right))
    ]


def _share_the_rest(spec: TableSpec, left: Mapping[str, str], right: Mapping[str, str]) -> bool:
    """Whether the two systems agree on every factor that both have and that the baseline does not set."""
    both = set(left) & set(right) - set(spec.baseline)
    return all(left[name] == right[name] for name in both)


def _directed(spec: TableSpec, tested: list[tuple[Any, int, int]]) -> Iterator[tuple[Any, int, float]]:
    """(record, row that is no baseline, its difference to the baseline) of every significant one."""
    for record, left, right in tested:
        if record["p_adjusted"] < ALPHA and record["difference"] != 0:
            is_left = not _is_baseline(spec, record["left"])
            yield record, left if is_left else right, record["difference"] * (1 if is_left else -1)


def _how(records: Sequence[Mapping[str, Any]]) -> str:
    """Test, correction, family and level, as results.json has them; families of one kind said once."""
    sizes: dict[str, set[int]] = {}
    for record in records:
        family, size = _COUNTED.fullmatch(record["family"]).groups()
        sizes.setdefault(f"{record['test']}, {record['correction']} over {family}", set()).add(int(size or 0))
    counted = [
        f"{text} ({' or '.join(map(str, sorted(counts)))} comparisons)" if any(counts) else text
        for text, counts in sizes.items()
    ]
    return "; ".join([*counted, f"level {ALPHA:g}"])
