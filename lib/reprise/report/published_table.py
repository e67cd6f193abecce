"""The paper's own numbers in the layout of one of our tables, as printed: its bold, its marks, its digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reprise.claims.published import MARKS
from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.study import TableSpec
from reprise.report.formats import records_to_csv
from reprise.report.grid import Column, Grid, Heading, Row, Text
from reprise.report.numbers import number

_SYMBOLS = {name: symbol for symbol, name in MARKS.items() if name != "bold"}


def make_published_table(spec: TableSpec, published: Cells, unread: Sequence[str] = ()) -> Grid:
    """The rows of `spec` filled with published cells; measures and rows that the paper lacks are left out.

    `unread` says why others that the paper prints are not among them. Of several cells that fit a row the one
    with no other factors is taken; `InputError` when there is none.
    """
    places = [
        (dataset, measure)
        for dataset in spec.datasets or published.values("dataset")
        for measure in spec.measures
        if len(published.select(dataset=dataset, measure=measure))
    ]
    rows: list[Row] = []
    seen: list[Cell] = []
    for label, factors in spec.rows:
        if not factors:
            rows.append(Heading(label))
            continue
        cells = [_find(published, dataset, measure, factors) for dataset, measure in places]
        if any(cells):
            seen += [cell for cell in cells if cell]
            rows.append([Text(label), *map(_text, cells)])
    rows = [r for r, after in zip(rows, [*rows[1:], Heading("")], strict=False) if not _is_empty(r, after)]
    columns = [Column(spec.row_title), *(Column(measure, dataset, True) for dataset, measure in places)]
    return Grid(
        f"{spec.caption}: the paper's numbers",
        columns,
        rows,
        [*_notes(seen), *(f"What else the paper prints was not read: {why.rstrip('.')}." for why in unread)],
        f"{spec.name}-published",
    )


def published_csv(published: Cells) -> str:
    """All published cells, one row a number."""
    names = list(dict.fromkeys(name for cell in published for name in cell.factors))
    rows: list[list[object]] = [[*names, "dataset", "measure", "published", "n", "marks", "source"]]
    rows += [
        [*(c[n] for n in names), c.dataset, c.measure, c.value, c.n, " ".join(c.marks), c.source]
        for c in published
    ]
    return records_to_csv(rows)


def _find(published: Cells, dataset: str, measure: str, factors: Mapping[str, str]) -> Cell | None:
    found = list(published.select(dataset=dataset, measure=measure, **factors))
    if len(found) > 1:
        named = {k: v for k, v in factors.items() if v}
        found = [c for c in found if {k: v for k, v in c.factors.items() if v} == named]
        if len(found) != 1:
            raise InputError(
                "a row of a table fits several published cells",
                given={"dataset": dataset, "measure": measure, **factors},
                remedy="name more factors in the row",
            )
    return found[0] if found else None


def _is_empty(row: Row, after: Row) -> bool:
    return isinstance(row, Heading) and isinstance(after, Heading)


def _text(cell: Cell | None) -> Text:
    if cell is None:
        return Text("")
    above = "".join(_SYMBOLS.get(mark, "") for mark in cell.marks)
    decimals = cell.decimals if cell.decimals is not None else 4
    return Text(number(cell.value, decimals), "bold" in cell.marks, above)


def _notes(cells: list[Cell]) -> list[str]:
    sources = "; ".join(dict.fromkeys(cell.source for cell in cells if cell.source))
    used = dict.fromkeys(mark for cell in cells for mark in cell.marks if mark in _SYMBOLS)
    legend = ", ".join(f"{_SYMBOLS[mark]} {mark.replace('_', ' ')}" for mark in used)
    notes = [f"Source: {sources}."] if sources else []
    return notes + ([f"Marks as printed: {legend}; bold as printed."] if legend else [])
