"""Cells of stored results with what their samples are and what they are means of, as the study declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.experiment.study import Study

MAIN = "cells"
Key = tuple[object, ...]


@dataclass(frozen=True)
class SampledResults:
    """The main cells of results, and their other lists of cells by name."""

    cells: Cells
    others: Mapping[str, Cells]


def sampled_cells(study: Study, results: Results) -> SampledResults:
    """All cells of results.json, each with its sampling, its runs by seed, and the parts of an average.

    A trained cell of a single run gets the spread of the study's seeds on the same dataset and measure.
    """
    results = replace(results, sampling=study.sampling)
    runs = _runs(study, results)
    spreads = _spreads(runs)
    lists = {
        name: [_trained(cell, runs, spreads) for cell in results.cells_of(name)]
        for name, records in results.body.items()
        if isinstance(records, list) and all(_is_cell(record) for record in records)
    }
    return SampledResults(
        Cells(_averages(study, results, lists.pop(MAIN, []))),
        {name: Cells(cells) for name, cells in lists.items()},
    )


def _is_cell(record: object) -> bool:
    return isinstance(record, Mapping) and {"dataset", "measure", "factors", "value"} <= set(record)


def _runs(study: Study, results: Results) -> dict[Key, dict[str, Cell]]:
    """The single runs of training by system and seed; those of a single seed as well."""
    found: dict[Key, dict[str, Cell]] = {}
    if study.runs and study.runs in results.body:
        for cell in results.cells_of(study.runs):
            factors = {k: v for k, v in cell.factors.items() if k != "seed"}
            found.setdefault(_key(cell.dataset, cell.measure, factors), {})[cell["seed"]] = cell
    return found


def _key(dataset: str, measure: str, factors: Mapping[str, str]) -> Key:
    return dataset, measure, frozenset((k, v) for k, v in factors.items() if v)


def _spreads(runs: Mapping[Key, Mapping[str, Cell]]) -> dict[Key, tuple[float, int]]:
    """Standard deviation of one run and its degrees of freedom by dataset and measure, over all systems."""
    squares: dict[Key, list[tuple[float, int]]] = {}
    for (dataset, measure, _), by_seed in runs.items():
        if len(by_seed) > 1:
            values = [cell.value for cell in by_seed.values()]
            found = (float(np.var(values, ddof=1)) * (len(values) - 1), len(values) - 1)
            squares.setdefault((dataset, measure), []).append(found)
    return {
        key: (sqrt(sum(s for s, _ in found) / sum(f for _, f in found)), sum(f for _, f in found))
        for key, found in squares.items()
    }


def _trained(
    cell: Cell, runs: Mapping[Key, Mapping[str, Cell]], spreads: Mapping[Key, tuple[float, int]]
) -> Cell:
    if not cell.drawn.trained:
        return cell
    mine = runs.get(_key(cell.dataset, cell.measure, cell.factors), {})
    if len(mine) > 1:
        return replace(cell, runs=mine)
    return replace(cell, spread=spreads.get((cell.dataset, cell.measure)))


def _averages(study: Study, results: Results, cells: Iterable[Cell]) -> Iterable[Cell]:
    """The cells, averages with their parts, and with runs or spread where the parts have them."""
    by_system = {_key(cell.dataset, cell.measure, cell.factors): cell for cell in cells}
    for cell in by_system.values():
        weights = study.averaged(cell, results)
        parts = [(w, by_system.get(_key(name, cell.measure, cell.factors))) for name, w in weights.items()]
        if not parts or not all(part for _, part in parts):
            yield cell
            continue
        average = replace(cell, parts=tuple(parts), sampling=parts[0][1].sampling)
        seeds = set.intersection(*(set(part.runs) for _, part in parts))
        if seeds:
            means = {s: sum(w * part.runs[s].value for w, part in parts) for s in seeds}
            run = replace(cell, samples={}, n=None)
            average = replace(average, runs={s: replace(run, value=v) for s, v in means.items()})
        elif all(part.spread for _, part in parts):
            deviation = sqrt(sum((w * part.spread[0]) ** 2 for w, part in parts))
            average = replace(average, spread=(deviation, min(part.spread[1] for _, part in parts)))
        yield average
