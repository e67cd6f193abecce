"""Tables and figures of the sparse network study; nothing here changes a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reprise.experiment.study import FigureSpec, TableSpec
from reprise.studies.sparse_units.names import NAMES


def tables(results: Any) -> list[TableSpec]:
    """1x1 layers, whole networks, matched accuracy, trained networks: those that the results have."""
    made = [
        *_model_card(results),
        *_layer_tables(results),
        *_network_tables(results),
        *_thread_tables(results),
        *_layouts(results),
        *_matched(results),
        *_trained(results),
    ]
    return [table for table in made if any(factors for _, factors in table.rows)]


def figures(results: Any) -> list[FigureSpec]:
    """Time against sparsity, the roofline, networks, matched accuracy, accuracy against cost."""
    networks = [n for n in results.cells.values("dataset") if results.cells.select(dataset=n, part="network")]
    layered = [
        n for n in results.cells.values("dataset") if results.cells.select(dataset=n, part="1x1 layers")
    ]
    first = layered[0] if layered else ""
    made = [
        FigureSpec(
            "speed-by-sparsity",
            "All 1x1 layers of a network: how many times faster than the fastest dense code, by sparsity and "
            "block; below 1 sparse is slower",
            "curve",
            {
                "x": "sparsity",
                "measure": "times faster",
                "series": "block",
                "facets": ["dataset"],
                "select": {"part": "1x1 layers", "implementation": "sparse"},
            },
        ),
        FigureSpec(
            "roofline",
            "Useful GFLOP/s of every 1x1 layer at the machine's peak of multiply-adds, one thread",
            "roofline",
            {"cells": "layers", "select": {"dataset": first}},
        ),
        FigureSpec(
            "networks",
            "Whole networks on one image, one thread: how many times faster than the fastest dense code",
            "bars",
            {
                "measures": ["times faster"],
                "select": {"part": "network", "width": "1", "implementation": "sparse"},
                "colour_by": "dataset",
            },
        ),
        FigureSpec(
            "matched-accuracy",
            "Published top-1 against the time measured here, dense and 90 % sparse MobileNet v1",
            "scatter",
            {
                "x": "milliseconds",
                "y": "published top-1",
                "select": {"dataset": "matched accuracy"},
                "colour_by": "network",
                "marker_by": "network",
                "label_by": "width",
            },
        ),
        FigureSpec(
            "trained-by-cost",
            "Accuracy of networks trained here against their multiply-adds; means over seeds",
            "scatter",
            {
                "x": "thousand multiply-adds",
                "y": "accuracy",
                "select": {
                    "dataset": [d for d in ("parts", "fashion") if d in results.cells.values("dataset")]
                },
                "colour_by": "method",
                "marker_by": "block",
            },
        ),
        FigureSpec(
            "trained-by-latency",
            "Accuracy of networks trained here against the time of one image on this machine",
            "scatter",
            {
                "x": "milliseconds",
                "y": "accuracy",
                "select": {
                    "dataset": [d for d in ("parts", "fashion") if d in results.cells.values("dataset")]
                },
                "colour_by": "method",
                "marker_by": "block",
            },
        ),
    ]
    there = {
        "speed-by-sparsity": bool(layered),
        "roofline": bool(layered),
        "networks": bool(networks),
        "matched-accuracy": bool(results.cells.select(dataset="matched accuracy")),
    }
    return [f for f in made if (there[f.name] if f.name in there else f.options["select"]["dataset"])]


def _model_card(results: Any) -> list[TableSpec]:
    """What is published on ImageNet; ours have no such cells."""
    cells = results.cells.select(dataset="imagenet", measure="top-1")
    rows = []
    for c in cells:
        zeros = f"{float(c['sparsity']):.0%} zeros" if float(c["sparsity"]) else "dense"
        parts = [NAMES.get(c["network"], c["network"]), f"width {c['width']}", zeros]
        parts += [NAMES.get(c[n], c[n]) for n in ("block", "recipe") if c[n]]
        rows.append((", ".join(parts), dict(c.factors)))
    return [
        TableSpec(
            name="model-card",
            caption="Published top-1 on ImageNet and latency on a phone",
            rows=rows,
            measures=["top-1", "Snapdragon 835 milliseconds"],
            datasets=["imagenet"],
            lower=["Snapdragon 835 milliseconds"],
            best="none",
        )
    ]


def _layer_tables(results: Any) -> list[TableSpec]:
    made = []
    for network in results.cells.values("dataset"):
        cells = results.cells.select(dataset=network, part="1x1 layers", measure="milliseconds")
        dense = [c for c in cells if not _of_zeros(c)]
        rows: list[tuple[str, dict[str, str]]] = [("Dense", {})] + [_row(c) for c in dense]
        zeros = sorted({c["sparsity"] for c in cells if _of_zeros(c)}, key=float)
        for sparsity in zeros:
            rows.append((f"{float(sparsity):.0%} zeros", {}))
            rows += [_row(c) for c in cells.select(sparsity=sparsity) if _of_zeros(c)]
        made.append(
            TableSpec(
                name=f"layers-{network}",
                caption=f"All 1x1 layers of {NAMES.get(network, network)} on one thread: time, and how many "
                "times faster than the fastest dense code",
                rows=rows if len(cells) else [],
                measures=["milliseconds", "times faster"],
                lower=["milliseconds"],
                datasets=[network],
            )
        )
    return made


def _of_zeros(cell: Any) -> bool:
    """Whether what was timed makes use of zeros."""
    return cell["implementation"].startswith("sparse") or cell["implementation"].endswith("csr")


def _row(cell: Any) -> tuple[str, dict[str, str]]:
    names = [NAMES.get(cell[n], cell[n]) for n in ("implementation", "block") if cell[n]]
    return ", ".join(names), dict(cell.factors)


def _network_tables(results: Any) -> list[TableSpec]:
    made = []
    for network in results.cells.values("dataset"):
        cells = results.cells.select(dataset=network, part="network", measure="milliseconds")
        rows: list[tuple[str, dict[str, str]]] = []
        for width in cells.values("width"):
            rows.append((f"width {width}", {}))
            for c in cells.select(width=width):
                label, factors = _row(c)
                rows.append(
                    (label + (f", {float(c['sparsity']):.0%} zeros" if _of_zeros(c) else ""), factors)
                )
        made.append(
            TableSpec(
                name=f"networks-{network}",
                caption=f"{NAMES.get(network, network)} on one image and one thread",
                rows=rows,
                measures=["milliseconds", "times faster"],
                lower=["milliseconds"],
                datasets=[network],
            )
        )
    return made


def _thread_tables(results: Any) -> list[TableSpec]:
    made = []
    for network in results.cells.values("dataset"):
        cells = results.cells.select(dataset=network, part="threads", measure="milliseconds")
        made.append(
            TableSpec(
                name="threads",
                caption=f"{NAMES.get(network, network)}, sparse, a row of images on one thread and on two; "
                "below it what the machine gives: multiply-adds alone, and passing data on alone",
                rows=_by_implementation(cells, lambda c: f"threads: {c['threads']}"),
                measures=["milliseconds", "times faster"],
                lower=["milliseconds"],
                datasets=[network],
                best="block",
            )
        )
    return made


def _layouts(results: Any) -> list[TableSpec]:
    cells = results.cells.select(dataset="layouts", measure="milliseconds")
    return [
        TableSpec(
            name="layouts",
            caption="MobileNet v2 as it was and laid out for the first-level cache, one image, one thread",
            rows=_by_implementation(cells, lambda c: c["layout"]),
            measures=["milliseconds", "million multiply-adds", "million parameters"],
            datasets=["layouts"],
            lower=["milliseconds", "million multiply-adds", "million parameters"],
            best="block",
        )
    ]


def _by_implementation(cells: Any, label: Callable[[Any], str]) -> list[tuple[str, dict[str, str]]]:
    """A heading for each implementation, and below it a row for each of its cells."""
    rows: list[tuple[str, dict[str, str]]] = []
    for kind in cells.values("implementation"):
        rows.append((NAMES.get(kind, kind), {}))
        rows += [(label(c), dict(c.factors)) for c in cells.select(implementation=kind)]
    return rows


def _matched(results: Any) -> list[TableSpec]:
    cells = results.cells.select(dataset="matched accuracy", measure="milliseconds")
    rows: list[tuple[str, dict[str, str]]] = []
    for pair in cells.values("pair"):
        rows.append((pair, {}))
        rows += [(f"{c['network']}, width {c['width']}", dict(c.factors)) for c in cells.select(pair=pair)]
    return [
        TableSpec(
            name="matched",
            caption="MobileNet v1, dense and 90 % sparse, at equal published accuracy; times measured here",
            rows=rows,
            measures=["published top-1", "milliseconds", "million multiply-adds", "million parameters"],
            datasets=["matched accuracy"],
            lower=["milliseconds", "million multiply-adds", "million parameters"],
            best="block",
        )
    ]


def _trained(results: Any) -> list[TableSpec]:
    made = []
    for task in ("parts", "digits", "fashion"):
        cells = results.cells.select(dataset=task, measure="accuracy")
        rows = [
            (
                ", ".join([_row(c)[0], NAMES.get(c["method"], c["method"]), f"width {c['width']}"]),
                dict(c.factors),
            )
            for c in cells
        ]
        rows = [(label.removeprefix(", "), factors) for label, factors in rows]
        made.append(
            TableSpec(
                name=f"trained-{task}",
                caption=f"Networks trained here on {task}; means over seeds",
                rows=rows,
                measures=[
                    "accuracy",
                    "thousand multiply-adds",
                    "thousand nonzeros",
                    "1x1 share",
                    "milliseconds",
                ],
                datasets=[task],
                lower=["thousand multiply-adds", "thousand nonzeros", "milliseconds"],
            )
        )
    return made
