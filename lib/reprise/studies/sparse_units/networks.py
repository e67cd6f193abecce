"""Times of whole networks on one image: dense by others, sparse by the executor, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.sparsity.layers import count_cost
from reprise.sparsity.lowering import lower
from reprise.sparsity.models import IMAGE, make_model
from reprise.sparsity.network import SparseNetwork, compile_sparse
from reprise.sparsity.peers import network_peers
from reprise.sparsity.pruning import prunable_layers, sparsify
from reprise.studies.sparse_units.timing import (
    cell,
    interleave,
    ratios,
    share,
    threads_of_torch,
)


def time_network(
    context: Context,
    network: str,
    width: float,
    variants: list[Mapping[str, Any]],
    peers: list[str],
    repeats: int,
    seconds: float,
    side: int = 0,
) -> dict[str, Any]:
    """Milliseconds of a network on one image: dense by each peer, sparse in each variant; one thread.

    A variant is {"sparsity", "block"}: blocks are "1x1", "2x1", "4x1", or "paper", the layout of the released
    model. Patterns are drawn at random. "best dense" is the peer with the lowest median.
    """
    import torch

    side = side or IMAGE.get(network, 224)
    image = np.random.default_rng(context.seed).normal(size=(1, 3, side, side)).astype(np.float32)
    torch.manual_seed(context.seed % 2**31)
    dense = make_model(network, width)
    factors = {"part": "network", "width": f"{width:g}", "threads": "1"}
    counts, keys, calls = [_cost(network, factors, dense, side, "0", "")], {}, {}
    with threads_of_torch(1):
        for name, call in network_peers(dense, lower(dense), image, peers, 1).items():
            calls[name], keys[name] = call, {"implementation": name, "sparsity": "0"}
        _agree(calls)
        for variant in variants:
            sparsity, block = variant["sparsity"], variant["block"]
            model = drawn_network(network, width, sparsity, block, context.seed)
            name = f"sparse {sparsity:g} {block}"
            calls[name] = prepared(compile_sparse(model), image)
            keys[name] = {"implementation": "sparse", "sparsity": share(sparsity), "block": block}
            counts.append(_cost(network, factors, model, side, share(sparsity), block))
        taken = interleave(calls, repeats, seconds)
    times = dict(taken.times)
    best = min((times[p] for p in peers), key=np.median)
    times["best dense"], keys["best dense"] = best, {"implementation": "best dense", "sparsity": "0"}
    cells = [cell(network, "milliseconds", {**factors, **keys[name]}, t) for name, t in times.items()]
    cells += [
        cell(network, "times faster", {**factors, **keys[name]}, ratios(best, t))
        for name, t in times.items()
        if name.startswith("sparse")
    ]
    return {"cells": cells, "counts": [c for group in counts for c in group], "timing": taken.about()}


def paper_blocks(network: str, model: Any) -> dict[str, int]:
    """The released models' block of each 1x1 layer, by path.

    MobileNet v1: 4x1 in the last block; MobileNet v2: 2x1 from block 11 on; EfficientNet: none.
    """
    layers = list(prunable_layers(model))
    if network == "mobilenet-v1":
        return {layers[-1]: 4}
    if network == "mobilenet-v2":
        return {path: 2 for path in layers if int(path.split(".")[1]) >= 11}
    return {}


def drawn_network(network: str, width: float, sparsity: float, block: str, seed: int) -> Any:
    """A network with patterns drawn at random; EfficientNet's last layer is pruned too, as in the paper."""
    import torch

    torch.manual_seed(seed % 2**31)
    model, generator = make_model(network, width), torch.Generator().manual_seed(seed % 2**31)
    blocks = paper_blocks(network, model) if block == "paper" else int(block[0])
    sparsify(model, sparsity, block=blocks, generator=generator)
    if network.startswith("efficientnet") and sparsity > 0:
        weight = model.classifier[1].weight
        with torch.no_grad():
            weight.mul_(torch.rand(weight.shape, generator=generator) >= sparsity)
    return model


def prepared(runner: SparseNetwork, image: np.ndarray) -> Callable[[], Any]:
    """The whole call a user makes: an image in, its logits out."""
    runner(image)
    return lambda: runner(image)


def _agree(calls: Mapping[str, Callable[[], np.ndarray]]) -> None:
    """Dense peers that computed different networks would be compared for nothing."""
    results = [call() for call in calls.values()]
    scale = np.abs(results[0]).max()
    if any(np.abs(r - results[0]).max() > 1e-3 * scale for r in results):
        raise AssertionError("the dense peers' logits differ: their times compare nothing")


def _cost(
    network: str, factors: Mapping[str, str], model: Any, side: int, sparsity: str, block: str
) -> list[dict[str, Any]]:
    """Multiply-adds, those of depthwise layers, and parameters: exact, the same on every machine."""
    cost = count_cost(model, side)
    about = {"part": "network", "width": factors["width"], "sparsity": sparsity}
    about |= {"block": block} if block else {}
    values = {
        "million multiply-adds": cost.total / 1e6,
        "million parameters": cost.parameters / 1e6,
        "million depthwise multiply-adds": cost.macs.get("depthwise", 0) / 1e6,
    }
    return [
        {"dataset": network, "measure": m, "factors": about, "value": v, "n": None, "samples": {}}
        for m, v in values.items()
    ]
