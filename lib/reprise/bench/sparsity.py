"""Sparse layers and networks against the fastest dense code, in turn, in one run, on one thread.

The peer is the best of oneDNN with packed weights, torch and NumPy (layer by layer), or of oneDNN, torch and
ONNX Runtime (networks). Calls that the system put aside are made again; see `sparse_units.timing`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.studies.sparse_units.layers import time_layers
from reprise.studies.sparse_units.networks import time_network
from reprise.studies.sparse_units.threads import ADDS, PASSING, time_threads

DENSE = ["onednn-packed", "conv2d", "numpy"]
NETWORK = ["onednn-packed", "torch", "onnxruntime"]


def benchmark(
    repeats: int = 15, seconds: float = 6.0, side: int = 224, layers: int = 0, spells: int = 5
) -> list[dict[str, Any]]:
    """Rows for the 1x1 layers of MobileNet v1, for whole networks, and for two threads against one."""
    context = Context(Path(), Path(), {})
    timing = {"repeats": repeats, "seconds": seconds}
    table = time_layers(context, "mobilenet-v1", [0.9], [1, 2, 4], DENSE, **timing, most_layers=layers)
    where = "MobileNet v1, 1x1 layers, 90 %; against the fastest dense code, layer by layer"
    rows = [
        _row(f"1x1 layers, {block}", table["cells"], {"block": block, "implementation": "sparse"}, where)
        for block in ("1x1", "2x1", "4x1")
    ]
    for network, sparsity, blocks in (
        ("mobilenet-v1", 0.9, ("1x1", "4x1")),
        ("mobilenet-v2", 0.85, ("1x1", "4x1")),
        ("efficientnet-b0", 0.8, ("1x1",)),
    ):
        variants = [{"sparsity": sparsity, "block": block} for block in blocks]
        found = time_network(context, network, 1.0, variants, NETWORK, **timing, side=side)["cells"]
        note = f"{network}, one image, {sparsity:.0%}; against the fastest dense code"
        rows += [_row(f"network, {b}", found, {"block": b, "implementation": "sparse"}, note) for b in blocks]
    pair = time_threads(context, "mobilenet-v1", 0.9, 2, **timing, spells=spells, side=side)["cells"]
    for kind, note in (
        ("sparse", "mobilenet-v1, 90 %, against the same network on one thread"),
        (ADDS, "multiply-adds alone: what two cores of this machine give"),
        (PASSING, "planes passed on from core to core; against one thread that passes nothing"),
    ):
        ours, theirs = ({"implementation": kind, "threads": n} for n in ("2", "1"))
        rows.append(_row(f"two threads, {kind}", pair, ours, note, theirs))
    return rows


def _row(
    name: str,
    cells: list[dict[str, Any]],
    ours: dict[str, str],
    note: str,
    theirs: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A row from cells of timings: medians, and quartiles of the ratio by repetition."""
    one = _samples(cells, ours)
    peer = _samples(cells, theirs or {"implementation": "best dense"})
    low, high = np.percentile(peer / one, [25, 75])
    ours_s, peer_s = (float(np.median(times)) / 1000 for times in (one, peer))
    return {
        "name": name,
        "ours_s": ours_s,
        "peer_s": peer_s,
        "ratio": peer_s / ours_s,
        "spread": [float(low), float(high)],
        "note": note,
    }


def _samples(cells: list[dict[str, Any]], wanted: dict[str, str]) -> np.ndarray:
    found = [c for c in cells if c["measure"] == "milliseconds" and wanted.items() <= c["factors"].items()]
    return np.array(list(found[0]["samples"].values()))
