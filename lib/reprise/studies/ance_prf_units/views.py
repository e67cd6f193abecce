"""The study's tables and figures: which cells stand in which row, of results and of the papers' numbers."""

from __future__ import annotations

from typing import Any

from reprise.experiment.study import FigureSpec, TableSpec
from reprise.studies.ance_prf_units.analyse import HELPED, HURT
from reprise.studies.ance_prf_units.cost import SIZE, TIME
from reprise.studies.ance_prf_units.names import NAMES

Row = tuple[str, dict[str, str]]

MEASURES = ("MRR@10", "nDCG@10", "R@100", "R@1000")
PLAIN = {"stage": "", "variant": "", "case": "", "seed": "", "reported": ""}


def tables(results: Any) -> list[TableSpec]:
    """Those that have rows, in the order of the notebook."""
    cells = results.cells
    measures = [m for m in MEASURES if len(cells.select(measure=m))]
    trained = cells.select(system="ance-prf", training="retrained")
    made = [
        TableSpec(
            "table1",
            "Inference with the authors' checkpoint, the text lower-cased and as it is",
            _inference(cells),
            measures,
            paper_table="Table 1",
            baseline={"system": "base"},
            best="none",
        ),
        TableSpec(
            "table2",
            "Training anew, for each number of feedback passages k",
            _by_k(trained, cells),
            measures,
            paper_table="Table 2; Yu et al. 2021",
            baseline={"system": "base"},
            best="block",
        ),
        TableSpec(
            "table3",
            "Training anew with one setting changed",
            _variants(trained),
            measures,
            paper_table="Table 3",
            baseline={"variant": "unchanged"},
            best="none",
        ),
        TableSpec(
            "table4",
            "The same training for other dense retrievers",
            _retrievers(trained, cells),
            measures,
            paper_table="Table 4",
            baseline={"system": "base"},
            best="block",
        ),
        TableSpec(
            "beyond",
            "Trained feedback beside vector feedback, alone and fused with BM25 before and after feedback",
            _beyond(cells),
            measures,
            best="block",
        ),
        TableSpec(
            "robustness",
            "Share of topics whose nDCG@10 falls or rises against the retriever alone",
            _robustness(cells),
            [HURT, HELPED],
            lower=[HURT],
            best="none",
        ),
        TableSpec("cost", "What a query costs, one at a time", _cost(cells), [TIME, SIZE], best="none"),
    ]
    if dev := getattr(results, "body", {}).get("dev"):
        made.insert(
            3,
            TableSpec(
                "settings",
                "Settings on dev topics, one changed at a time",
                _dev_rows(dev),
                measures,
                cells="dev",
                best="none",
            ),
        )
    return [table for table in made if any(factors for _, factors in table.rows)]


def figures(results: Any) -> list[FigureSpec]:
    """The curves over k and over the relevant passages in the feedback, and systems side by side."""
    trained = results.cells.select(system="ance-prf", training="retrained", **PLAIN)
    training = "retrained" if len(trained) else "released"
    several = len(results.cells.select(system="base").values("dataset")) > 1
    measured = results.cells.values("measure")
    made = [
        FigureSpec(
            "by-k",
            "nDCG@10 against the number of feedback passages k, an encoder trained for each",
            "curve",
            {
                "x": "k",
                "measure": "nDCG@10",
                "series": "dense",
                "facets": ["dataset"],  # the papers' numbers are of other datasets
                "select": {"system": "ance-prf", "training": "retrained", **PLAIN},
                "x_label": "feedback passages k",
            },
            alt="One line a retriever along the number of feedback passages.",
        ),
        FigureSpec(
            "by-relevant",
            "nDCG@10 against how many of the feedback passages are relevant",
            "curve",
            {
                "cells": "by_relevant",
                "x": "relevant",
                "measure": "nDCG@10",
                "series": "system",
                "select": {
                    "stage": "",
                    "case": ["", "lower"],
                    "system": ["base", "rocchio", "ance-prf"],
                    "training": ["", training],
                },
                "x_label": "relevant passages in the feedback",
            },
            alt="A line for the retriever alone, for Rocchio and for ANCE-PRF, a panel a retriever.",
        ),
        FigureSpec(
            "gains",
            "Systems beside each other: the retriever, vector feedback and trained feedback, alone and fused",
            "bars",
            {
                "measures": [m for m in ("nDCG@10", "R@1000")[: 1 if several else 2] if m in measured],
                "columns": "dataset" if several else "measure",
                "select": {
                    "variant": "",
                    "case": ["", "lower"],
                    "k": ["", str(results.parameters["main_k"])],
                    "system": ["base", "rocchio", "ance-prf"],
                    "stage": ["", "no-prf", "post-prf", "both-prf"],
                    "training": ["", training],
                },
                "colour_by": "system",
            },
            alt="Bars of every system for each retriever, with intervals over topics.",
        ),
    ]
    has = {
        "by-k": len(trained.values("k")) > 1,
        "by-relevant": bool(results.body.get("by_relevant")),
        "gains": True,
    }
    return [figure for figure in made if has[figure.name]]


def _inference(cells: Any) -> list[Row]:
    rows: list[Row] = []
    released = cells.select(system="ance-prf", training=["released", "original"])
    for dense in released.values("dense"):
        rows += [
            (NAMES.get(dense, dense), {}),
            ("retriever alone", {"dense": dense, **PLAIN, "system": "base"}),
        ]
        for k in released.select(dense=dense).values("k"):
            named = {"dense": dense, "system": "ance-prf", "k": k, "reported": ""}
            rows += [
                (label, {**named, **factors})
                for label, factors in (
                    (f"ANCE-PRF {k}, original paper", {"training": "original"}),
                    (f"ANCE-PRF {k}, case as it is", {"training": "released", "case": "mixed"}),
                    (f"ANCE-PRF {k}, lower-cased", {"training": "released", "case": "lower"}),
                )
                if len(cells.select(**{**named, **factors}))
            ]
    return rows


def _by_k(trained: Any, cells: Any) -> list[Row]:
    rows: list[Row] = []
    for dense in trained.select(**PLAIN).values("dense"):
        rows += [
            (NAMES.get(dense, dense), {}),
            ("retriever alone", {"dense": dense, **PLAIN, "system": "base"}),
        ]
        original = {"dense": dense, "system": "ance-prf", "training": "original"}
        rows += [
            (f"ANCE-PRF {k}, original paper", {**original, "k": k})
            for k in cells.select(**original).values("k")
        ]
        named = {"dense": dense, **PLAIN, "system": "ance-prf", "training": "retrained"}
        rows += [
            (f"ANCE-PRF {k}, trained anew", {**named, "k": k})
            for k in sorted(trained.select(**named).values("k"))
        ]
    return rows


def _variants(trained: Any) -> list[Row]:
    return [
        (NAMES.get(name, name), {"system": "ance-prf", "training": "retrained", "variant": name})
        for name in trained.values("variant")
    ]


def _dev_rows(dev: list[dict[str, Any]]) -> list[Row]:
    """The untrained encoder, where it was measured, and every setting."""
    factors = [cell["factors"] for cell in dev]
    start = [(NAMES["untrained"], {"training": "untrained"})]
    names = dict.fromkeys(f["variant"] for f in factors if "variant" in f)
    measured = any(f["training"] == "untrained" for f in factors)
    return start * measured + [(NAMES.get(n, n), {"variant": n}) for n in names]


def _retrievers(trained: Any, cells: Any) -> list[Row]:
    rows: list[Row] = []
    counted = trained.select(**PLAIN).values("k")
    k = "3" if "3" in counted else (counted[0] if counted else "")
    for dense in trained.select(**PLAIN).values("dense"):
        rows += [
            (NAMES.get(dense, dense), {}),
            ("retriever alone", {"dense": dense, **PLAIN, "system": "base"}),
            (
                f"with PRF {k}",
                {"dense": dense, **PLAIN, "system": "ance-prf", "training": "retrained", "k": k},
            ),
        ]
    return [row for row in rows if not row[1] or len(cells.select(**row[1]))]


def _beyond(cells: Any) -> list[Row]:
    """Only where systems were run side by side: the papers print no such rows."""
    rows: list[Row] = []
    for dense in cells.select(stage="no-prf").values("dense"):
        here = cells.select(dense=dense, variant="", case=["", "lower"], seed="", reported="")
        ks = here.select(system="rocchio").values("k")
        found = {str(c.factors): c for c in here.select(k=["", *ks])}.values()
        rows.append((NAMES.get(dense, dense), {}))
        rows += [
            (_label(c), {**_blank(), **c.factors})
            for stage in ("", "no-prf", "pre-prf", "post-prf", "both-prf")
            for c in found
            if c["stage"] == stage
        ]
    return rows


def _label(cell: Any) -> str:
    """What a system is called in a row of one retriever."""
    if cell["stage"] == "no-prf":
        return NAMES["no-prf"]
    said = [NAMES.get(cell["system"], cell["system"])]
    said += [NAMES[cell["training"]]] if cell["training"] in ("untrained", "released") else []
    said += [NAMES[cell["stage"]]] if cell["stage"] else []
    return ", ".join(said)


def _robustness(cells: Any) -> list[Row]:
    rows: list[Row] = []
    shares = cells.select(measure=HURT)
    for dense in shares.values("dense"):
        rows.append((NAMES.get(dense, dense), {}))
        rows += [
            (_label(c), {**_blank(), **c.factors})
            for c in {str(c.factors): c for c in shares.select(dense=dense)}.values()
        ]
    return rows


def _cost(cells: Any) -> list[Row]:
    rows: list[Row] = []
    times = cells.select(measure=TIME)
    for dense in times.values("dense"):
        rows.append((NAMES.get(dense, dense), {}))
        rows += [
            (NAMES.get(c["system"], c["system"]), {"training": "", **_blank(), **c.factors})
            for c in {str(c.factors): c for c in times.select(dense=dense)}.values()
        ]
    return rows


def _blank() -> dict[str, str]:
    return {"stage": "", "sparse": "", "variant": "", "seed": "", "reported": ""}
