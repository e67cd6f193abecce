"""MobileNet v2 as it was beside the one laid out for the cache, with and without panels; one thread."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.sparsity.layers import count_cost
from reprise.sparsity.models import CACHE_AWARE
from reprise.sparsity.network import compile_sparse
from reprise.studies.sparse_units.networks import drawn_network, prepared
from reprise.studies.sparse_units.timing import cell, interleave, share

DATASET = "layouts"
NETWORKS = {"as it was": "mobilenet-v2", "cache-aware": CACHE_AWARE}


def time_layouts(
    context: Context, sparsity: float, width: float, side: int, repeats: int, seconds: float
) -> dict[str, Any]:
    """Milliseconds of both networks on one image, in turn, and their multiply-adds and parameters.

    Without panels the kernel is the paper's, which a layout for the cache is made for.
    """
    image = np.random.default_rng(context.seed).normal(size=(1, 3, side, side)).astype(np.float32)
    calls, factors, cells = {}, {}, []
    for layout, family in NETWORKS.items():
        model = drawn_network(family, width, sparsity, "1x1", context.seed)
        about = {"layout": layout, "sparsity": share(sparsity)}
        for kind, panels in (("sparse", True), ("sparse, no panels", False)):
            name = f"{layout}, {kind}"
            factors[name] = {**about, "implementation": kind}
            calls[name] = prepared(compile_sparse(model, panels=panels), image)
        cost = count_cost(model, side)
        counts = {"million multiply-adds": cost.total / 1e6, "million parameters": cost.parameters / 1e6}
        shared = {"dataset": DATASET, "n": None, "samples": {}}
        cells += [
            {**shared, "measure": measure, "factors": {**about, "implementation": kind}, "value": value}
            for measure, value in counts.items()
            for kind in ("sparse", "sparse, no panels")
        ]
    taken = interleave(calls, repeats, seconds)
    cells += [cell(DATASET, "milliseconds", factors[name], times) for name, times in taken.times.items()]
    return {"cells": cells, "timing": taken.about()}
