"""The numbers of a table: our cell and the paper's for each row and column, what they come to, and the best.

A published cell is compared with ours when it has the same dataset, measure and factors. What stands as its
verdict is the value claim's judgement of that cell where the ledger has one, and otherwise whether the
published value lies in our interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reprise.claims.comparison import twin_of
from reprise.claims.verdict import Says, Verdict
from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.study import TableSpec
from reprise.report.marks import Significance
from reprise.report.numbers import decimals_for
from reprise.report.spread import interval_of


@dataclass(frozen=True)
class Entry:
    """One number of a table: our cell and the paper's for the same system, dataset and measure."""

    ours: Cell | None = None
    published: Cell | None = None
    interval: tuple[float, float] | None = None
    decimals: int = 4
    best: bool = False
    above: str = ""
    verdict: str = ""

    @property
    def difference(self) -> float | None:
        """Ours minus published."""
        return self.ours.value - self.published.value if self.ours and self.published else None


def make_entry(
    spec: TableSpec,
    index: int,
    factors: Mapping[str, str],
    place: tuple[str, str],
    cells: Cells,
    published: Cells,
    marks: Significance,
    checks: Mapping[tuple[object, ...], bool],
) -> Entry:
    """The number of a row (its `index` and factors) in a column; `InputError` when several cells fit."""
    if not factors:
        return Entry()
    dataset, measure = place
    try:
        ours = cells.get(dataset=dataset, measure=measure, **factors)
    except LookupError as error:
        raise InputError(
            f"a row of the table {spec.name!r} does not say which cell it means: {error}",
            given=dict(factors),
            remedy="name more factors in the row",
        ) from error
    theirs = twin_of(ours, published) if ours else None
    interval = interval_of(ours) if ours else None
    return Entry(
        ours,
        theirs,
        interval,
        theirs.decimals if theirs and theirs.decimals is not None else 4,
        above=marks.of(index, place),
        verdict=_verdict(ours, theirs, interval, checks) if ours and theirs else "",
    )


def value_checks(verdicts: Sequence[Verdict]) -> dict[tuple[object, ...], bool]:
    """What value claims say of single cells of ours, by dataset, measure and factors."""
    return {
        _identity(line.group): line.word == Says.FOR
        for verdict in verdicts
        if verdict.contrast == "value" and verdict.judged_on == "ours"
        for line in verdict.lines
    }


def _identity(group: Mapping[str, str]) -> tuple[object, ...]:
    return tuple(sorted((k, v) for k, v in group.items() if v))


def _verdict(
    ours: Cell,
    theirs: Cell,
    interval: tuple[float, float] | None,
    checks: Mapping[tuple[object, ...], bool],
) -> str:
    """What stands in the verdict's column of one number."""
    held = checks.get(_identity({**ours.factors, "dataset": ours.dataset, "measure": ours.measure}))
    side = "above" if ours.value > theirs.value else "below"
    if held is not None:
        return "✓ within tolerance" if held else f"✗ {side} tolerance"
    if interval is None:
        return ""
    return "✓ in interval" if interval[0] <= theirs.value <= interval[1] else f"✗ {side}"


def with_best(spec: TableSpec, measure: str, column: list[Entry]) -> list[Entry]:
    """The column with its decimals set and its best values marked; values that print alike are all best."""
    values = [e.ours.value for e in column if e.ours]
    theirs = [e.decimals for e in column if e.published]
    decimals = spec.decimals if spec.decimals is not None else max(theirs) if theirs else decimals_for(values)
    pick = min if measure in spec.lower else max
    blocks = _blocks(spec) if spec.best == "block" else [0] * len(column)
    printed: dict[int, list[float]] = {}
    for entry, block in zip(column, blocks, strict=True):
        if entry.ours:
            printed.setdefault(block, []).append(round(entry.ours.value, decimals))
    ranked = spec.best != "none" and measure not in spec.unranked
    # where all print alike, none is better than another
    best = {b: pick(v) for b, v in printed.items() if ranked and len(set(v)) > 1}
    return [
        replace(
            e, decimals=decimals, best=e.ours is not None and round(e.ours.value, decimals) == best.get(b)
        )
        for e, b in zip(column, blocks, strict=True)
    ]


def _blocks(spec: TableSpec) -> list[int]:
    """The number of headings above each row."""
    blocks, count = [], 0
    for _, factors in spec.rows:
        count += not factors
        blocks.append(count)
    return blocks
