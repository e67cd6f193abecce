"""Units over evaluated systems: repetitions averaged, differences tested, and who is hurt by feedback.

A cell averaged over training seeds holds, for each topic, the mean over the seeds; it is what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

FAMILY = "all differences tested on this dataset by this measure"

HURT, HELPED = "topics hurt", "topics helped"
TIE = 5e-7
"""Values that are equal at the six decimals that results keep."""


def average_seeds(context: Any, *, evaluated: Sequence[str], factors: Mapping[str, str]) -> dict[str, Any]:
    """One cell a measure: for each topic the mean over runs that differ in their training seed alone."""
    runs = [context.value(role)["cells"] for role in evaluated]
    cells = []
    for same in zip(*runs, strict=True):
        samples = {t: float(np.mean([c["samples"][t] for c in same])) for t in same[0]["samples"]}
        value = float(np.mean([c["value"] for c in same]))
        cells.append({**same[0], "factors": dict(factors), "value": value, "samples": samples})
    single = [
        {**cell, "factors": {**factors, "seed": str(seed)}} for seed, run in enumerate(runs) for cell in run
    ]
    return {"cells": cells, "seeds": single}


def compare_systems(
    context: Any, *, evaluated: Sequence[str], pairs: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]
) -> dict[str, Any]:
    """Two-tailed paired t-tests of the pairs, with bootstrap intervals; Holm's correction a measure."""
    from reprise.evaluation.cells import Cell, Cells
    from reprise.evaluation.significance import compare_family

    cells = Cells(Cell(**cell) for role in evaluated for cell in context.value(role)["cells"])
    generator = np.random.default_rng(context.seed)
    compared = []
    for measure in context.progress(cells.values("measure"), label="comparisons"):
        found = [[_exactly(cells, measure, side) for side in pair] for pair in pairs]
        compared += compare_family(
            [tuple(pair) for pair in found],
            family=FAMILY,
            correction="holm",
            interval="bca",
            generator=generator,
        )
    return {"comparisons": [comparison.to_dict() for comparison in compared]}


def analyse_feedback(
    context: Any,
    *,
    judged: Mapping[str, Any],
    evaluated: Sequence[str],
    base: Mapping[str, str],
    measure: str,
    k: int,
) -> dict[str, Any]:
    """The share of topics that a system hurts, and its value by how many of k passages are relevant."""
    from reprise.evaluation.cells import Cell, Cells
    from reprise.retrieval.run import Run
    from reprise.studies.retrieval_units.collections import open_collection

    collection = open_collection(context)
    qrels, threshold = collection.split(judged["split"]).qrels, collection.relevance_threshold
    first = Run.load(context.folder_of("first") / "run.npz")
    relevant = {
        topic: sum(qrels.get(topic, {}).get(document, 0) >= threshold for document in top)
        for topic, top in zip(first.query_ids, first.top(k), strict=True)
    }
    cells = Cells(Cell(**cell) for role in evaluated for cell in context.value(role)["cells"])
    cells = cells.select(measure=measure)
    before = _exactly(cells, measure, base).samples
    shares, groups = [], []
    for cell in cells:
        groups += _by_relevant(cell, relevant, k)
        if cell.factors != base:
            shares += _shares(cell, before)
    return {"cells": shares, "by_relevant": groups}


def _exactly(cells: Any, measure: str, factors: Mapping[str, str]) -> Any:
    """The cell of this measure whose factors are these and no others."""
    return next(c for c in cells.select(measure=measure) if c.factors == dict(factors))


def _shares(cell: Any, before: Mapping[str, float]) -> Iterable[dict[str, Any]]:
    for name, sign in ((HURT, -1), (HELPED, 1)):
        samples = {t: float(sign * (v - before[t]) > TIE) for t, v in cell.samples.items()}
        yield _cell(cell, name, cell.factors, samples)


def _by_relevant(cell: Any, relevant: Mapping[str, int], k: int) -> Iterable[dict[str, Any]]:
    for count in range(k + 1):
        samples = {t: v for t, v in cell.samples.items() if relevant.get(t, 0) == count}
        if samples:
            yield _cell(cell, cell.measure, {**cell.factors, "relevant": str(count)}, samples)


def _cell(
    cell: Any, measure: str, factors: Mapping[str, str], samples: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "dataset": cell.dataset,
        "measure": measure,
        "factors": dict(factors),
        "value": float(np.mean(list(samples.values()))),
        "n": len(samples),
        "samples": dict(samples),
    }
