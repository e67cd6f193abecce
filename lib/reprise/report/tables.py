"""A study's table from its cells: ours, and beside it what the paper prints for the same cell.

Two layouts. Where the paper has no number for the same system, dataset and measure (ours is on other data),
each cell is our mean with its interval. Where it has, each measure has the columns published | ours |
difference | interval | verdict, and each dataset a grid of its own. The best value of a column is bold (all
that print alike); superscripts say which differences are significant, from the comparisons of results.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reprise.claims.verdict import Verdict
from reprise.evaluation.cells import Cells
from reprise.experiment.study import TableSpec
from reprise.report.entries import Entry, make_entry, value_checks, with_best
from reprise.report.formats import records_to_csv, to_html, to_latex, to_markdown
from reprise.report.grid import Column, Grid, Heading, Row, Text
from reprise.report.marks import Significance, find_marks
from reprise.report.numbers import number, signed
from reprise.report.spread import interval_kind

RECORD = [
    "row",
    "dataset",
    "measure",
    "published",
    "ours",
    "difference",
    "interval_low",
    "interval_high",
    "n",
    "verdict",
    "best",
    "significance",
]


@dataclass(frozen=True)
class Table:
    """A table of a study in every format; `records` is one row a number, as the CSV has it."""

    name: str
    caption: str
    grids: Sequence[Grid]
    records: Sequence[Sequence[object]]

    def _repr_html_(self) -> str:
        return "".join(to_html(grid) for grid in self.grids)

    def _repr_markdown_(self) -> str:
        return "\n".join(to_markdown(grid) for grid in self.grids)

    def to_latex(self) -> str:
        """LaTeX, one table environment a grid."""
        return "\n".join(to_latex(grid) for grid in self.grids)

    def to_csv(self) -> str:
        """Tidy CSV: one row a number."""
        return records_to_csv([RECORD, *self.records])

    def __repr__(self) -> str:
        return f"<table {self.name!r}, {len(self.records)} numbers>"


def make_table(
    spec: TableSpec,
    cells: Cells,
    published: Cells,
    *,
    comparisons: Sequence[Mapping[str, Any]] = (),
    verdicts: Sequence[Verdict] = (),
) -> Table:
    """The table that `spec` describes; a row whose cell is not there stays empty.

    `verdicts` lend the value claims' judgement of single cells; a published cell without one is compared with
    our interval. Raises `InputError` for a row that fits several cells.
    """
    places = _places(spec, cells)
    marks = find_marks(spec, cells, comparisons)
    checks = value_checks(verdicts)
    grid: dict[tuple[int, str, str], Entry] = {}
    for place in places:
        column = [
            make_entry(spec, index, factors, place, cells, published, marks, checks)
            for index, (_, factors) in enumerate(spec.rows)
        ]
        for index, entry in enumerate(with_best(spec, place[1], column)):
            grid[index, *place] = entry
    compared = [place for place in places if any(grid[i, *place].difference is not None for i in _rows(spec))]
    notes = _notes(spec, list(grid.values()), marks, bool(compared))
    caption = spec.caption + (f" ({spec.paper_table} of the paper)" if spec.paper_table else "")
    if not compared:
        columns = [
            Column(spec.row_title),
            *(Column(m, d if len({d for d, _ in places}) > 1 else "", True) for d, m in places),
        ]
        rows = _body(spec, lambda i: [_mean(grid[i, *place]) for place in places])
        grids = [Grid(caption, columns, rows, notes, spec.name)]
    else:
        datasets = list(dict.fromkeys(d for d, _ in places))
        grids = [
            _compared_grid(spec, f"{caption}: {d}", d, [p for p in places if p[0] == d], grid)
            for d in datasets
        ]
        grids[-1] = replace(grids[-1], notes=notes)
    return Table(spec.name, caption, grids, _records(spec, places, grid))


def _places(spec: TableSpec, cells: Cells) -> list[tuple[str, str]]:
    """(dataset, measure) of every column that has a number."""
    return [
        (dataset, measure)
        for dataset in spec.datasets or cells.values("dataset")
        for measure in spec.measures
        if len(cells.select(dataset=dataset, measure=measure))
    ]


def _rows(spec: TableSpec) -> list[int]:
    return [index for index, (_, factors) in enumerate(spec.rows) if factors]


def _body(spec: TableSpec, cells_of: Any) -> list[Row]:
    return [
        [Text(label), *cells_of(index)] if factors else Heading(label)
        for index, (label, factors) in enumerate(spec.rows)
    ]


def _mean(entry: Entry) -> Text:
    """Our number with its interval beside it."""
    if entry.ours is None:
        return Text("")
    return Text(number(entry.ours.value, entry.decimals), entry.best, entry.above, _interval_text(entry))


def _interval_text(entry: Entry) -> str:
    if entry.interval is None:
        return ""
    return f"[{', '.join(number(bound, entry.decimals) for bound in entry.interval)}]"


def _compared_grid(
    spec: TableSpec,
    caption: str,
    dataset: str,
    places: Sequence[tuple[str, str]],
    grid: Mapping[tuple[int, str, str], Entry],
) -> Grid:
    columns = [Column(spec.row_title)]
    for _, measure in places:
        columns += [
            *(Column(title, measure, True) for title in ("published", "ours", "difference", "interval")),
            Column("verdict", measure),
        ]

    def cells_of(index: int) -> list[Text]:
        texts: list[Text] = []
        for place in places:
            entry = grid[index, *place]
            texts += [
                Text(number(entry.published.value, entry.decimals) if entry.published else ""),
                Text(number(entry.ours.value, entry.decimals) if entry.ours else "", entry.best, entry.above),
                Text(signed(entry.difference, entry.decimals)),
                Text(_interval_text(entry)),
                Text(entry.verdict),
            ]
        return texts

    return Grid(caption, columns, _body(spec, cells_of), (), f"{spec.name}-{dataset}")


def _notes(spec: TableSpec, entries: Sequence[Entry], marks: Significance, compared: bool) -> list[str]:
    notes = []
    if any(e.best for e in entries):
        notes.append("Bold: the best value of a column" + " within a block" * (spec.best == "block") + ".")
    sampled: dict[str, set[int]] = {}
    for entry in entries:
        if entry.interval:
            kind, n = interval_kind(entry.ours)
            sampled.setdefault(kind, set()).add(n)
    if sampled:
        kinds = [f"{kind}, n = {', '.join(map(str, sorted(ns)))}" for kind, ns in sorted(sampled.items())]
        notes.append(f"Intervals: 95 % {'; '.join(kinds)}.")
    if marks.legend:
        notes.append(marks.legend)
    if compared:
        notes.append(
            "Verdict of a number: within the tolerance of the ledger's value claim where one speaks of it, "
            "otherwise whether the published value lies in our interval."
        )
    return notes


def _records(
    spec: TableSpec, places: Sequence[tuple[str, str]], grid: Mapping[tuple[int, str, str], Entry]
) -> list[list[object]]:
    block, records = "", []
    for index, (label, factors) in enumerate(spec.rows):
        if not factors:
            block = label
            continue
        for dataset, measure in places:
            e = grid[index, dataset, measure]
            if e.ours is None and e.published is None:
                continue
            low, high = e.interval or (None, None)
            records.append(
                [
                    f"{block}: {label}" if block else label,
                    dataset,
                    measure,
                    e.published.value if e.published else None,
                    e.ours.value if e.ours else None,
                    None if e.difference is None else round(e.difference, 6),
                    low,
                    high,
                    e.ours.n if e.ours else None,
                    e.verdict,
                    "best" if e.best else "",
                    e.above,
                ]
            )
    return records
