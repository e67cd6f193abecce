"""The unit that weighs and times indexes on synthetic vectors of growing number, on one thread.

Vectors have the spectrum of real ones (eigenvalues fall as a power of their rank) and lie in clusters; no
index is told. Sizes are exact for the method. Times are of this machine and this moment; only their ratios
within one run mean something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from reprise.compression.index import CompressedIndex

SPECTRUM = 0.7
"""Eigenvalues fall as rank ** -SPECTRUM: a power law, as those of text encoders do; not fitted to one."""

CLUSTER = 100
"""Vectors a cluster."""

TRAINING = 10_240
"""Vectors that codebooks are trained on: forty a centroid."""

_CHUNK = 65_536


def clustered_vectors(
    count: int, dim: int, generator: np.random.Generator, spread: float = 0.5
) -> np.ndarray:
    """Unit vectors (count, dim) float32 in clusters of `CLUSTER`, made in chunks.

    `spread` is the length of a vector's own part against that of its cluster's centre.
    """
    scale = (1 + np.arange(dim, dtype=np.float32)) ** (-SPECTRUM / 2)
    centres = generator.standard_normal((-(-count // CLUSTER), dim), np.float32) * scale
    vectors = np.empty((count, dim), np.float32)
    for begin in range(0, count, _CHUNK):
        places = np.arange(begin, min(begin + _CHUNK, count))
        own = generator.standard_normal((len(places), dim), np.float32)
        own *= spread * scale
        own += centres[places // CLUSTER]
        own /= np.linalg.norm(own, axis=1, keepdims=True)
        vectors[begin : begin + len(places)] = own
    return vectors


def measure_cost(
    context: Any,
    *,
    count: int,
    dim: int,
    methods: Sequence[str],
    queries: int,
    depth: int,
    candidates: int,
    repeats: int,
) -> dict[str, Any]:
    """Bytes and times of each method over `count` vectors, and its overlap with exact search."""
    generator = np.random.default_rng(context.seed)
    vectors = clustered_vectors(count, dim, generator)
    asked = vectors[generator.integers(0, count, queries)]
    asked = asked + 0.5 * np.linalg.norm(asked, axis=1).mean() * generator.standard_normal(
        asked.shape, np.float32
    ) / np.sqrt(dim)
    indexes = _indexes(vectors, methods, candidates)
    del vectors
    exact = indexes["dense"].nearest(asked, depth)[0]
    dataset, cells = dataset_name(count), []
    for method, index in indexes.items():
        found = index.nearest(asked, depth)[0]
        shared = [len(set(a) & set(b)) / depth for a, b in zip(found, exact, strict=True)]
        values = {
            "bytes per vector": index.code_bytes,
            "index bytes": _stored_bytes(index),
            "overlap with exact": float(np.mean(shared)),
        }
        cells += [_cell(dataset, measure, method, value) for measure, value in values.items()]
    for name, times in _times(indexes, asked, depth, repeats, context.progress).items():
        for measure, rounds in times.items():
            cells.append(_cell(dataset, measure, name, float(np.median(rounds)), rounds))
    return {"cells": cells, "vectors": count, "dimension": dim}


def dataset_name(count: int) -> str:
    """The dataset of a number of synthetic vectors."""
    return f"synthetic-{count}"


def _indexes(vectors: np.ndarray, methods: Sequence[str], candidates: int) -> dict[str, Any]:
    """The index of each method, the flat one last: filling some of the others takes a copy of all vectors."""
    from reprise.compression.binary import BinaryIndex
    from reprise.compression.product import product_index
    from reprise.compression.rabitq import rabitq_index
    from reprise.compression.scalar import eight_bit_index
    from reprise.studies.hash_units.evaluation import flat_index

    dim = vectors.shape[1]
    training = vectors[:: max(len(vectors) // TRAINING, 1)][:TRAINING]
    makers: dict[str, Callable[[], Any]] = {
        "dense": lambda: flat_index(vectors),
        "sq8": lambda: eight_bit_index(vectors),
        "bpr": lambda: BinaryIndex.from_vectors(vectors, candidates),
        # a JPQ index is an OPQ index with other numbers in its codebook
        "jpq": lambda: product_index(vectors, dim // 8, rotated=True, iterations=1, training=training),
        "rabitq": lambda: rabitq_index(vectors),
    }
    return {method: makers[method]() for method in dict.fromkeys((*reversed(methods), "dense"))}


def _stored_bytes(index: Any) -> int:
    """Bytes of the index as written; a faiss index is written to nowhere, as its bytes take as much again."""
    import faiss

    if not isinstance(index, CompressedIndex):
        return index.stored_bytes
    written = 0

    def count(piece: bytes) -> None:
        nonlocal written
        written += len(piece)

    faiss.write_index(index.index, faiss.BufferedIOWriter(faiss.PyCallbackIOWriter(count)))
    return written


def _times(
    indexes: dict[str, Any], asked: np.ndarray, depth: int, repeats: int, progress: Any
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds a query, alone and batched, by round; methods in turn, so that all meet a slow moment.

    A round's time of single queries is the median of those that it asks.
    """
    single: dict[str, list[float]] = {name: [] for name in indexes}
    batched: dict[str, list[float]] = {name: [] for name in indexes}
    for round_ in progress(list(range(repeats)), label="timing"):
        for name, index in indexes.items():
            times = []
            for query in asked[round_ % len(asked) :: repeats]:
                start = perf_counter()
                index.nearest(query[None], depth)
                times.append(perf_counter() - start)
            single[name].append(1000 * float(np.median(times)))
            start = perf_counter()
            index.nearest(asked, depth)
            batched[name].append(1000 * (perf_counter() - start) / len(asked))
    return {name: {"ms per query": single[name], "ms per query, batched": batched[name]} for name in indexes}


def _cell(
    dataset: str, measure: str, method: str, value: float, rounds: Sequence[float] = ()
) -> dict[str, Any]:
    cell = {
        "dataset": dataset,
        "measure": measure,
        "factors": {"method": method, "adaptation": "none"},
        "value": float(value),
    }
    return cell | (
        {"n": len(rounds), "samples": {str(i): time for i, time in enumerate(rounds)}} if rounds else {}
    )
