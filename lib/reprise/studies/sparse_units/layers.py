"""Times of a network's real 1x1 layers, sparse and dense, over sparsities and blocks; one thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.kernels.peak import measure_peak
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.layers import pointwise_layers
from reprise.sparsity.models import IMAGE, make_model
from reprise.sparsity.peers import DENSE_LAYERS, layer_peers
from reprise.sparsity.planes import Arena, Shape, write_planes
from reprise.sparsity.pointwise import Pointwise
from reprise.studies.sparse_units.patterns import drawn_weights
from reprise.studies.sparse_units.timing import (
    added,
    cell,
    interleave,
    ratios,
    share,
    summed,
    threads_of_torch,
)


def measure_host(context: Context, repeats: int) -> dict[str, Any]:
    """The vector unit, and its measured peak of multiply-adds on one core (GFLOP/s)."""
    host = find_host()
    peak = measure_peak(host, repeats)
    return {"host": host.describe(), "lanes": host.lanes, "level": host.level, "peak": peak}


def time_layers(
    context: Context,
    network: str,
    sparsities: list[float],
    blocks: list[int],
    peers: list[str],
    repeats: int,
    seconds: float,
    most_layers: int = 0,
) -> dict[str, Any]:
    """Milliseconds of all 1x1 layers together and of each, by implementation, sparsity and block.

    `seconds` is the time for one shape of layer; `most_layers` cuts the table, 0 takes all. The whole is the
    sum over layers, repetition by repetition. "best dense" takes the fastest dense peer layer by layer.
    """
    shapes = Counter(pointwise_layers(make_model(network), IMAGE.get(network, 224)))
    wanted = list(shapes)[: most_layers or None]
    generator = np.random.default_rng(context.seed)
    measured: dict[tuple[str, ...], list[list[float]]] = {}
    layers, counts, about = [], [shapes[s] for s in wanted], []
    with threads_of_torch(1):
        for inputs, outputs, side in context.progress(wanted, label=network):
            calls = _calls(inputs, outputs, side, sparsities, blocks, peers, generator)
            times = interleave({" ".join(k): c for k, c in calls.items()}, repeats, seconds)
            about.append(times.about())
            found = {key: times[" ".join(key)] for key in calls}
            dense = [found[p, "0", ""] for p in DENSE_LAYERS if (p, "0", "") in found]
            found["best dense", "0", ""] = min(dense, key=np.median)
            for key, values in found.items():
                measured.setdefault(key, []).append(values)
            name = f"{inputs}x{outputs} @ {side}x{side}"
            macs = inputs * outputs * side * side
            layers += [_layer_cell(network, name, macs, key, values) for key, values in found.items()]
    cells, best = [], summed(measured["best dense", "0", ""], counts)
    for key, parts in measured.items():
        factors = _factors(key)
        whole = summed(parts, counts)
        cells.append(cell(network, "milliseconds", {"part": "1x1 layers", **factors}, whole))
        if key[0].startswith("sparse") or key[0].endswith("csr"):
            faster = ratios(best, whole)
            cells.append(cell(network, "times faster", {"part": "1x1 layers", **factors}, faster))
    macs = sum(i * o * s * s * n for (i, o, s), n in zip(wanted, counts, strict=True))
    return {"cells": cells, "layers": layers, "macs": macs, "timing": added(about)}


def _layer_cell(
    network: str, name: str, macs: int, key: tuple[str, ...], values: list[float]
) -> dict[str, Any]:
    useful = [2e-6 * macs * (1 - float(key[1])) / v for v in values]
    return {
        **cell(network, "useful GFLOP/s", {"layer": name, **_factors(key)}, useful),
        "milliseconds": float(np.median(values)),
    }


def _factors(key: tuple[str, ...]) -> dict[str, str]:
    return {n: v for n, v in zip(("implementation", "sparsity", "block"), key, strict=True) if v}


def _calls(
    inputs: int,
    outputs: int,
    side: int,
    sparsities: list[float],
    blocks: list[int],
    peers: list[str],
    generator: np.random.Generator,
) -> dict[tuple[str, str, str], Callable[[], Any]]:
    """Everything that computes one layer; outputs are compared before anything is timed."""
    arena, host = Arena(), find_host()
    before, after = Shape(inputs, side, side), Shape(outputs, side, side)
    image = generator.normal(size=(1, inputs, side, side)).astype(np.float32)
    bias = generator.normal(size=outputs).astype(np.float32)
    source, target = arena.take(before.size), arena.take(after.size)
    write_planes(source, image, before)
    dense = drawn_weights(outputs, inputs, 0.0, 1, generator)
    calls: dict[tuple[str, str, str], Callable[[], Any]] = {}
    for name, call in layer_peers(dense, bias, image, [p for p in peers if p in DENSE_LAYERS]).items():
        calls[name, "0", ""] = call
    for sparsity in sparsities:
        for block in blocks:
            weights = drawn_weights(outputs, inputs, sparsity, block, generator)
            for name, panels in (("sparse", True), ("sparse, no panels", False)):
                if not panels and (block, sparsity) != (1, 0.9):
                    continue
                layer = Pointwise(weights, bias, block=block, panels=panels)
                tasks, keep = layer.tasks([source, target], (before, after), host)
                program = Program([tasks], host, [keep, arena])
                program.run()
                _check(target, after, weights, bias, image)
                calls[name, share(sparsity), f"{block}x1"] = program.run
            if block == 1 and sparsity > 0:
                theirs = [p for p in peers if p not in DENSE_LAYERS]
                for name, call in layer_peers(weights, bias, image, theirs).items():
                    calls[name, share(sparsity), "1x1"] = call
    return calls


def _check(
    target: np.ndarray, after: Shape, weights: np.ndarray, bias: np.ndarray, image: np.ndarray
) -> None:
    """A kernel that computes something else would be timed for nothing."""
    planes = target[: after.size // 4].reshape(after.channels, -1)[:, : after.pixels]
    expected = weights @ image.reshape(image.shape[1], -1) + bias[:, None]
    if not np.allclose(planes, expected, atol=1e-3):
        raise AssertionError("the sparse kernel and the dense product differ: their times compare nothing")
