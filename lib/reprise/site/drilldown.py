"""Scores topic by topic, as compact data for a page: what each system scores on each topic.

Values are whole numbers in units of 0.0001. When a study has very many, measures are left out from the last
on, and then systems; the page says so, and results.json has them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reprise.evaluation.cells import Cell, Cells
from reprise.report.reading import Reading

SCALE = 10_000
MOST = 250_000
"""Numbers on a page: about 1.3 MB."""

FEWEST = 5
"""Fewer samples than these (repetitions, say) are no topics to look into."""


@dataclass(frozen=True)
class Drilldown:
    """The data of a page, what a sample is called, and what was left out."""

    data: dict[str, Any]
    noun: str
    note: str


def drill_down(reading: Reading) -> Drilldown | None:
    """The scores by topic of a study's cells; None when its cells have no samples."""
    datasets, notes, named = {}, [], False
    for dataset in reading.results.cells.values("dataset"):
        cells = [c for c in reading.results.cells.select(dataset=dataset) if len(c.samples) >= FEWEST]
        if cells:
            texts = (reading.results.datasets.get(dataset) or {}).get("topics") or {}
            named = named or bool(texts)
            datasets[dataset], note = _dataset(Cells(cells), texts, reading)
            notes += [f"{dataset}: {note}"] * bool(note)
    if not datasets:
        return None
    return Drilldown(
        {"datasets": datasets, "scale": SCALE, "decimals": 4}, "topic" if named else "sample", " ".join(notes)
    )


def _dataset(cells: Cells, texts: dict[str, str], reading: Reading) -> tuple[dict[str, Any], str]:
    measures = cells.values("measure")
    systems = {_identity(c): c for c in cells}
    topics = list(dict.fromkeys(t for c in cells for t in c.samples))
    room = MOST // max(len(topics), 1)
    kept = measures[: max(1, room // len(systems))]
    chosen = dict(list(systems.items())[: max(2, room // len(kept))])
    by_place = {(c.measure, _identity(c)): c for c in cells}
    scores = [[_scores(by_place.get((m, s)), topics) for s in chosen] for m in kept]
    said = [f"without {', '.join(measures[len(kept) :])}"] if len(kept) < len(measures) else []
    if len(chosen) < len(systems):
        said.append(f"the first {len(chosen)} of {len(systems)} systems")
    return {
        "topics": [[t, texts.get(t, "")] for t in topics],
        "measures": list(kept),
        "systems": [reading.names.system(c.factors) for c in chosen.values()],
        "pair": _first_pair(list(chosen), reading),
        "scores": scores,
    }, f"{'; '.join(said)}; results.json has all." if said else ""


def _scores(cell: Cell | None, topics: list[str]) -> list[int | None]:
    if cell is None:
        return [None] * len(topics)
    return [round(cell.samples[t] * SCALE) if t in cell.samples else None for t in topics]


def _identity(cell: Cell) -> frozenset[tuple[str, str]]:
    return frozenset((k, v) for k, v in cell.factors.items() if v)


def _first_pair(systems: list[frozenset[tuple[str, str]]], reading: Reading) -> list[int]:
    """The two systems of the study's last comparison that are there, or the last two."""
    for record in reversed(reading.results.comparisons):
        sides = [frozenset((k, v) for k, v in record[s].items() if v) for s in ("left", "right")]
        if all(side in systems for side in sides):
            return [systems.index(side) for side in sides]
    return [len(systems) - 1, max(len(systems) - 2, 0)]
