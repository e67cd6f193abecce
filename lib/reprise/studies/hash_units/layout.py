"""The tables and figures of the learning-to-hash study, and what its systems are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reprise.experiment.study import FigureSpec, TableSpec
from reprise.studies.hash_units.plan import BEYOND, UNTRAINED
from reprise.studies.hash_units.spec import ADAPTATIONS, SYSTEMS
from reprise.studies.hash_units.summary import GAIN, MEASURE, RELATIVE, TIMES

NAMES = {
    "dense": "uncompressed",
    "fp16": "half precision",
    "sq8": "8-bit scalar",
    "pca": "PCA, as in the paper",
    "pca-fair": "PCA, without the offset",
    "pq": "PQ",
    "opq": "OPQ",
    "opq-source": "OPQ, source codebook",
    "lsh": "LSH",
    "itq": "ITQ",
    "bpr": "BPR",
    "jpq": "JPQ",
    "signs": "sign bits, rescored",
    "signs-hamming": "sign bits, Hamming only",
    "rabitq": "RaBitQ, 1 bit",
    "truncated": "first dimensions",
    "none": "not adapted",
    "genq": "GenQ",
    "gpl": "GPL",
    "gpl-defect": "GPL, released loss",
    "source": "source (in domain)",
    "average": "average of targets",
    "summary": "the real training query",
    "seq2seq": "sequence to sequence",
}


def tables(results: Any) -> list[TableSpec]:
    """The tables, in the order of the paper."""
    there = {(c["method"], c["adaptation"]) for c in results.cells}
    tables = [
        TableSpec(
            "effectiveness",
            "nDCG@10 of every method on the source, on each target and on average",
            _rows(there, UNTRAINED, "Without training", adapted=True),
            [MEASURE],
            baseline={"method": "dense", "adaptation": "none"},
            paper_table="main table",
        ),
        TableSpec(
            "relative",
            "Average over targets, change against the uncompressed retriever, gain by adaptation",
            _rows(there, UNTRAINED, "Without training", adapted=True),
            [MEASURE, RELATIVE, GAIN],
            datasets=[d for d in results.cells.values("dataset") if d in ("average", "BEIR-18")],
        ),
        TableSpec(
            "beyond",
            "What can be had today at about 32 times, without training and without adaptation",
            _rows(there, ("dense", *BEYOND, "opq", "itq"), "Without training", adapted=False),
            [MEASURE],
            baseline={"method": "dense", "adaptation": "none"},
        ),
        TableSpec(
            "cost",
            "Size, time and fidelity on synthetic vectors, one thread; times are this machine's",
            [
                (NAMES[m], {"method": m, "adaptation": "none"})
                for m in ("dense", "sq8", "bpr", "jpq", "rabitq")
                if (m, "none") in there
            ],
            ["bytes per vector", "index bytes", "overlap with exact", *TIMES],
            datasets=[d for d in results.cells.values("dataset") if d.startswith(("synthetic", "wikipedia"))],
            lower=["bytes per vector", "index bytes", *TIMES],
            best="none",
        ),
        TableSpec(
            "orthants",
            "Where the sign codes of a domain lie",
            [
                (_label(m, a), {"method": m, "adaptation": a})
                for m, a in (("signs", "none"), ("bpr", "none"), ("bpr", "genq"), ("bpr", "gpl"))
                if (m, a) in there
            ],
            ["bit balance", "bit entropy", "orthants per document"],
        ),
    ]
    known = set(results.cells.values("measure"))
    kept = [t for t in tables if set(t.measures) <= known]
    if results.body.get("quality"):
        kept.append(
            TableSpec(
                "generators",
                "How good the query generators are, on held-out documents of the source",
                [(NAMES.get(g, g), {"generator": g}) for g in ("summary", "extractive", "seq2seq")],
                ["round trip", "word overlap"],
                datasets=["source, held out"],
                cells="quality",
                best="none",
            )
        )
        if any("reranker" in cell["factors"] for cell in results.body["quality"]):
            kept.append(
                TableSpec(
                    "teacher",
                    "How good the cross-encoder is, on the first 20 documents of the source's dev topics",
                    [
                        ("in the retriever's order", {"reranker": "none"}),
                        ("in the cross-encoder's order", {"reranker": "cross-encoder"}),
                    ],
                    [MEASURE],
                    datasets=["source, development"],
                    cells="quality",
                )
            )
    return kept


def figures(results: Any) -> list[FigureSpec]:
    """The figures, in the order of the notebook."""
    shown = [d for d in results.cells.values("dataset") if d in results.parameters["targets"]]
    return [
        FigureSpec(
            "adaptation",
            "Effectiveness on the source and on the average target, before and after adaptation, with "
            "95 % intervals over topics or targets",
            "bars",
            {
                "measures": [MEASURE],
                "columns": "dataset",
                "select": {
                    "method": ["dense", *SYSTEMS],
                    "adaptation": ["none", *ADAPTATIONS],
                    "dataset": ["source", "average"],
                },
            },
        ),
        FigureSpec(
            "occupancy",
            "The share of pairs of documents whose codes lie within a Hamming radius, a share of the "
            "bits: the more to the left, the fewer orthants",
            "curve",
            {
                "cells": "occupancy",
                "x": "radius",
                "measure": "radius occupancy",
                "series": "adaptation",
                "facets": ["dataset"],
                "select": {"method": "bpr", "dataset": ["source", *shown]},
                "x_label": "Hamming radius, share of the bits",
            },
        ),
        FigureSpec(
            "balance",
            "Balance of the bits of each domain's codes, before and after adaptation",
            "bars",
            {
                "measures": ["bit balance"],
                "columns": "dataset" if len(shown) <= 2 else "measure",
                "select": {"method": ["signs", "bpr"]},
            },
        ),
        FigureSpec(
            "latency",
            "Time of a query by exhaustive search against the number of vectors, one thread",
            "curve",
            {
                "cells": "by_size",
                "x": "vectors",
                "measure": TIMES[0],
                "series": "method",
                "x_label": "vectors",
                "log": True,
                "log_y": True,
            },
        ),
        FigureSpec(
            "size",
            "Size of a vector's code against the average of the targets",
            "scatter",
            {
                "cells": "tradeoff",
                "x": "bytes per vector",
                "y": MEASURE,
                "colour_by": "method",
                "label_by": "method",
                "log_x": True,
                "intervals": False,
            },
        ),
    ]


def _label(method: str, how: str) -> str:
    return NAMES[method] if how == "none" else f"{NAMES[method]} + {NAMES[how]}"


def _rows(
    there: set[tuple[str, str]], untrained: Sequence[str], heading: str, adapted: bool
) -> list[tuple[str, dict[str, str]]]:
    """Rows of a table: methods without training, then each system before and after adaptation."""
    rows: list[tuple[str, dict[str, str]]] = [(heading, {})]
    rows += [(NAMES[m], {"method": m, "adaptation": "none"}) for m in untrained if (m, "none") in there]
    hows = ("none", *ADAPTATIONS, "gpl-defect")
    for method in ("bpr", "jpq", *(("dense",) if adapted else ())) if adapted else SYSTEMS:
        own = [
            (_label(method, how), {"method": method, "adaptation": how})
            for how in (hows if adapted else hows[:1])
            if (method, how) in there and (method, how) != ("dense", "none")
        ]
        rows += [(NAMES[method], {}), *own] if own else []
    return rows
