"""The tables of the study, and the names of strategies that tables and figures print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.experiment.study import TableSpec
from reprise.studies.lasso_units.plan import OURS, PAPERS

NAMES = {
    "uniform": "uniform (P-MTRL)",
    "L2": "L2-A-MTRL",
    "L1": "L1-A-MTRL",
    "target only": "target only",
    "gradient": "gradient similarity",
    "embedding": "task embedding",
    "shared": "MultiTaskLasso",
    "shuffled": "L1, sources shuffled",
    "linear": "linear",
    "convnet": "ConvNet",
    "known": "known",
    "estimated": "estimated",
    "sample": "price per sample",
    "opening": "price per used source",
}

ERRORS = ("balanced error", "error")
LOWER = (
    *ERRORS,
    "excess risk",
    "variance factor",
    "misplaced share",
    "needed samples",
)
CHOICES = ("sources chosen", "effective sources")
MONEY = ("excess risk at equal money", "money for equal variance")


def make_tables(results: Any) -> list[TableSpec]:
    """The tables that have rows, image tasks first; the papers' own could not be read, so no layout is
    theirs.
    """
    return [table for table in _tables(results) if any(factors for _, factors in table.rows)]


def _tables(results: Any) -> list[TableSpec]:
    cells = results.cells
    sets = [d for d in results.datasets if d != "synthetic"]
    families, budgets = cells.values("family"), cells.values("budget")
    return [
        TableSpec(
            name="image-tasks",
            caption="Image tasks: means over all targets (each a mean over seeds), in per cent",
            rows=_image_rows(cells, PAPERS),
            measures=("balanced error", "error", "AUC", "sources chosen", "effective sources"),
            datasets=sets,
            lower=ERRORS,
            unranked=CHOICES,
            best="block",
            row_title="strategy",
        ),
        TableSpec(
            name="wins",
            caption="Targets on which the first strategy has a lower, the same or a higher balanced error",
            rows=_win_rows(results.body.get("wins", [])),
            measures=("targets won", "targets tied", "targets lost"),
            datasets=sets,
            cells="wins",
            best="none",
            decimals=0,
            row_title="strategies",
        ),
        TableSpec(
            name="beyond",
            caption="Other ways to choose sources (ours), linear representation",
            rows=_image_rows(cells, ("target only", *PAPERS, *OURS), ("linear",)),
            measures=("balanced error", "AUC", "sources chosen", "effective sources"),
            datasets=sets,
            lower=ERRORS,
            unranked=CHOICES,
            row_title="strategy",
        ),
        *(
            TableSpec(
                name=f"synthetic-{relevance}",
                caption=f"Synthetic model, relevance {relevance}: excess risk of the target, by budget",
                rows=[
                    row
                    for family in families
                    for budget in budgets
                    for row in _block(family, budget, relevance)
                ],
                measures=("excess risk", "variance factor", "sources chosen"),
                datasets=("synthetic",),
                lower=LOWER,
                unranked=CHOICES,
                best="block",
                row_title="strategy",
            )
            for relevance in ("known", "estimated")
        ),
        TableSpec(
            name="powers",
            caption="General allocation |nu|^q with nu of least Lp norm, relevance known",
            rows=[
                row
                for family in families
                for row in [
                    (family, {}),
                    *(
                        (
                            NAMES.get(s, s),
                            {"family": family, "strategy": s, "budget": b, "relevance": "known"},
                        )
                        for b in budgets[len(budgets) // 2 : len(budgets) // 2 + 1]
                        for s in cells.select(family=family, budget=b, relevance="known").values("strategy")
                    ),
                ]
            ],
            measures=("excess risk", "variance factor"),
            datasets=("synthetic",),
            lower=LOWER,
            best="block",
            row_title="strategy",
        ),
        TableSpec(
            name="slopes",
            caption="Slope of log needed samples along each axis, measured and expected from the closed form",
            rows=[
                row
                for experiment in cells.select(measure="slope").values("experiment")
                for row in [
                    (experiment, {}),
                    *(
                        (
                            f"{NAMES.get(s, s)}, {kind}",
                            {"experiment": experiment, "strategy": s, "kind": kind},
                        )
                        for s in PAPERS
                        for kind in ("measured", "expected")
                    ),
                ]
            ],
            measures=("slope",),
            datasets=("synthetic",),
            best="none",
            row_title="axis and strategy",
        ),
        TableSpec(
            name="costs",
            caption="Sources that cost: what the same money buys, and what the same variance costs",
            rows=[
                row
                for scheme in cells.values("scheme")
                for family in families
                for row in [
                    (f"{NAMES[scheme]}, {family}", {}),
                    *(
                        (NAMES.get(s, s), {"scheme": scheme, "family": family, "strategy": s})
                        for s in cells.select(scheme=scheme).values("strategy")
                    ),
                ]
            ],
            measures=MONEY,
            datasets=("synthetic",),
            lower=MONEY,
            best="block",
            row_title="strategy",
        ),
    ]


def _image_rows(
    cells: Any, strategies: tuple[str, ...], representations: tuple[str, ...] = ("linear", "convnet")
) -> list[tuple[str, dict[str, str]]]:
    rows: list[tuple[str, dict[str, str]]] = []
    for representation in representations:
        there = cells.select(representation=representation).values("strategy")
        shown = [s for s in strategies if s in there]
        if shown:
            rows.append((f"{NAMES[representation]} representation", {}))
            rows += [(NAMES[s], {"representation": representation, "strategy": s}) for s in shown]
    return rows


def _win_rows(wins: list[Mapping[str, Any]]) -> list[tuple[str, dict[str, str]]]:
    """A row a pair of strategies, by representation."""
    rows: dict[tuple[str, ...], tuple[str, dict[str, str]]] = {}
    for cell in wins:
        f = cell["factors"]
        rows[tuple(f.values())] = (
            f"{NAMES[f['representation']]}: {NAMES[f['strategy']]} against {NAMES[f['against']]}",
            dict(f),
        )
    return list(rows.values())


def _block(family: str, budget: str, relevance: str) -> list[tuple[str, dict[str, str]]]:
    said = {"family": family, "budget": budget, "relevance": relevance}
    return [(f"{family}, {budget} samples", {}), *((NAMES[s], {**said, "strategy": s}) for s in PAPERS)]
