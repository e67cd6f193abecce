"""Sign codes against uncompressed search: a million clustered vectors, one thread, a query at a time.

The peer is faiss's flat inner-product index over the same vectors. Ours looks at all codes by Hamming
distance and rescores the nearest; that both give the same documents is checked before anything is timed, and
so is that the index is at most a thirtieth of the size.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

COUNT, DIM, CLUSTER, DEPTH, CANDIDATES = 1_000_000, 768, 100, 100, 1000
SPREAD = 0.3
"""Length of a vector's own part against its cluster's centre: clusters stand apart, their members differ."""

LEAST_OVERLAP, LEAST_RATIO, GOAL = 0.99, 30.0, 14.0


def benchmark(
    count: int = COUNT, dim: int = DIM, queries: int = 20, repeats: int = 15
) -> list[dict[str, Any]]:
    """Two rows: the times in turn, and ours against a fourteenth of the peer's."""
    import faiss

    from reprise.compression.binary import BinaryIndex, document_codes
    from reprise.compression.index import CompressedIndex

    generator = np.random.default_rng(0)
    codes, flat = [], faiss.IndexFlatIP(dim)
    for vectors in clusters(count, dim, generator):
        flat.add(vectors)
        codes.append(document_codes(vectors))
    ours = BinaryIndex(np.concatenate(codes), CANDIDATES)
    peer = CompressedIndex(flat, 4.0 * dim)
    asked = flat.reconstruct_batch(generator.integers(0, count, queries))
    found, exact = (index.nearest(asked, DEPTH)[0] for index in (ours, peer))
    overlap = float(np.mean([len(set(a) & set(b)) / DEPTH for a, b in zip(found, exact, strict=True)]))
    if overlap < LEAST_OVERLAP:
        raise AssertionError(f"the first {DEPTH} differ ({overlap:.3f} shared): the times compare nothing")
    smaller = 4 * dim * count / ours.stored_bytes
    if smaller < LEAST_RATIO:
        raise AssertionError(f"the index is only {smaller:.1f} times smaller")
    turns = {"ours": cycle(asked), "peer": cycle(asked)}
    row = compare_times(
        "sign codes, rescored",
        lambda: ours.nearest(next(turns["ours"])[None], DEPTH),
        lambda: peer.nearest(next(turns["peer"])[None], DEPTH),
        f"{count:,} x {dim}, one thread, one query; index {smaller:.1f}x smaller, {overlap:.1%} of the "
        f"first {DEPTH} shared",
        repeats,
    )
    goal = {
        "name": f"the same, within 1/{GOAL:g} of flat search",
        "ours_s": row["ours_s"],
        "goal_s": row["peer_s"] / GOAL,
    }
    return [row, goal]


def clusters(count: int, dim: int, generator: np.random.Generator, chunk: int = 50_000) -> Any:
    """Unit vectors in clusters of `CLUSTER`, in chunks (chunk, dim) float32, `count` in all."""
    for begin in range(0, count, chunk):
        size = min(chunk, count - begin)
        centres = generator.standard_normal((-(-size // CLUSTER), dim), np.float32)
        vectors = generator.standard_normal((size, dim), np.float32)
        vectors *= SPREAD
        vectors += np.repeat(centres, CLUSTER, axis=0)[:size]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        yield vectors
