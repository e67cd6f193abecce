"""Tables of differences: the significance tests of results.json, and the measures of reproducibility.

Rankings are compared (Kendall's tau union, RBO) by a study that has the original runs; it leaves its
records in results.json under "reproducibility". From cells alone the effect ratio and Delta RI are computed
wherever the paper prints the same two systems on the same dataset, and labelled "means only".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reprise.claims.comparison import twin_of
from reprise.evaluation.cells import Cell, Cells
from reprise.evaluation.reproducibility import measure_reproducibility
from reprise.experiment.results import Results
from reprise.report.grid import Column, Grid, Text
from reprise.report.names import Names
from reprise.report.numbers import number, p_value, signed

NO_ORIGINALS = (
    "There are no original runs or per-topic scores of these systems on this data, and the paper prints none "
    "of them on the same dataset, so agreement with the original cannot be measured: these results are a "
    "replication on other data, and the claims are judged by order and direction instead."
)


def comparisons_grid(results: Results, names: Names, measure: str = "", **select: str) -> Grid:
    """The comparisons of results.json by one measure, those whose systems have the selected factors."""
    records = [
        r
        for r in results.comparisons
        if (not measure or r["measure"] == measure)
        and all(select[k] in (r["left"].get(k, ""), r["right"].get(k, ""), r.get(k, "")) for k in select)
    ]
    rows = [
        [
            Text(names.system(r["left"])),
            Text(names.system(r["right"])),
            Text(r["dataset"]),
            Text(r["measure"]),
            Text(signed(r["difference"]), r["p_adjusted"] < 0.05),
            Text(f"[{signed(r['interval'][0])}, {signed(r['interval'][1])}]"),
            Text(p_value(r["p"])),
            Text(p_value(r["p_adjusted"]), r["p_adjusted"] < 0.05),
            Text(number(r.get("effect_size"), 2)),
            Text(str(r["n"])),
        ]
        for r in records
    ]
    columns = [Column("left"), Column("right"), Column("dataset"), Column("measure")]
    columns += [
        Column(title, "", True)
        for title in ("left − right", "interval", "p", "p adjusted", "effect size", "n")
    ]
    return Grid(
        "Differences" + (f" by {measure}" if measure else ""), columns, rows, _how(records), "comparisons"
    )


def _how(records: Sequence[Mapping[str, Any]]) -> list[str]:
    if not records:
        return ["No comparison of results.json fits."]
    said = dict.fromkeys(
        f"{r['test']}; interval: {r['interval_kind']}; correction: {r['correction']} over {r['family']}"
        for r in records
    )
    return [f"Bold: adjusted p below 0.05. Effect size: Cohen's d_z. {text}." for text in list(said)[:1]] + [
        f"{text}." for text in list(said)[1:]
    ]


def reproducibility_grid(results: Results, published: Cells, names: Names) -> Grid:
    """Effect ratio, Delta RI, RMSE and p where the original is known, and what the study measured on runs."""
    rows = [[*map(Text, _cells_of(record))] for record in results.body.get("reproducibility", [])]
    for left, right in _pairs(results):
        theirs = [twin_of(cell, published) for cell in (right, left)]
        if not all(theirs):
            continue
        found = measure_reproducibility(theirs, [right, left])
        rows.append(
            [
                Text(names.system(left.factors)),
                Text(names.system(right.factors)),
                Text(left.dataset),
                Text(left.measure),
                Text(found.basis),
                *(Text(number(v, 3)) for v in (found.effect_ratio, found.delta_relative_improvement)),
                *(Text(number(v, 4)) for v in (found.rmse, found.nrmse)),
                Text(p_value(found.p)),
                Text(""),
                Text(""),
            ]
        )
    titles = ("effect ratio", "ΔRI", "RMSE", "nRMSE", "p", "KTU", "RBO")
    columns = [Column(t) for t in ("advanced", "baseline", "dataset", "measure", "basis")]
    columns += [Column(title, "", True) for title in titles]
    notes = (
        ["Effect ratio 1 and ΔRI 0: the improvement is the original's. After Breuer et al., SIGIR 2020."]
        if rows
        else [NO_ORIGINALS]
    )
    return Grid("Agreement with the original", columns, rows, notes, "reproducibility")


_RECORD = [
    "advanced",
    "baseline",
    "dataset",
    "measure",
    "basis",
    "effect_ratio",
    "delta_relative_improvement",
    "rmse",
    "nrmse",
    "p",
    "ktu",
    "rbo",
]


def _cells_of(record: Mapping[str, Any]) -> list[str]:
    """A study's own record, in the order of the columns."""
    values = [record.get(name) for name in _RECORD]
    return [number(v, 4) if isinstance(v, float) else "" if v is None else str(v) for v in values]


def _pairs(results: Results) -> list[tuple[Cell, Cell]]:
    """(advanced, baseline) of every comparison, as cells."""
    cells = {_identity(c.dataset, c.measure, c.factors): c for c in results.cells}
    pairs: dict[tuple[int, ...], tuple[Cell, Cell]] = {}
    for record in results.comparisons:
        sides = [
            cells.get(_identity(record["dataset"], record["measure"], record[s])) for s in ("left", "right")
        ]
        if all(sides):
            pairs.setdefault(tuple(map(id, sides)), tuple(sides))
    return list(pairs.values())


def _identity(dataset: str, measure: str, factors: Mapping[str, str]) -> tuple[object, ...]:
    return dataset, measure, frozenset((k, v) for k, v in factors.items() if v)
