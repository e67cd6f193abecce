"""Min-max interpolation and reciprocal rank fusion against ranx, after its functions are compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

QUERIES, DEPTH, DOCUMENTS = 1000, 1000, 20_000


def benchmark(queries: int = QUERIES, depth: int = DEPTH, repeats: int = 5) -> list[dict[str, Any]]:
    """Two rows: interpolation at weight 0.5, and reciprocal rank fusion."""
    import ranx

    from reprise.retrieval.fusion import interpolate, reciprocal_rank_fusion

    runs = [_random_run(name, queries, depth, seed) for seed, name in enumerate(("sparse", "dense"))]
    theirs = [ranx.Run(run.to_dict(), name=run.name) for run in runs]

    def peer() -> Any:
        return ranx.fuse(theirs, norm="min-max", method="wsum", params={"weights": (0.5, 0.5)})

    def peer_rrf() -> Any:
        return ranx.fuse(theirs, norm=None, method="rrf", params={"k": 60})

    for ours, peers in (
        (interpolate(*runs, depth=2 * depth), peer()),
        (reciprocal_rank_fusion(*runs, depth=2 * depth), peer_rrf()),
    ):
        row = peers.to_dict()["q0"]
        if not np.allclose([row[d] for d in ours.top(2 * depth)[0]], ours.scores[0, : len(row)], atol=1e-6):
            raise AssertionError("ours and ranx's fused scores differ: the times compare nothing")
    size = f"2 runs of {queries:,} queries x {depth:,} documents; against ranx, compiled before"
    return [
        compare_times("interpolation", lambda: interpolate(*runs), peer, size, repeats),
        compare_times(
            "reciprocal rank fusion", lambda: reciprocal_rank_fusion(*runs), peer_rrf, size, repeats
        ),
    ]


def _random_run(name: str, queries: int, depth: int, seed: int) -> Any:
    from reprise.retrieval.run import Run

    generator = np.random.default_rng(seed)
    docs = generator.random((queries, DOCUMENTS)).argpartition(depth, axis=1)[:, :depth]
    return Run.from_arrays(
        name,
        [f"q{i}" for i in range(queries)],
        [f"d{i}" for i in range(DOCUMENTS)],
        docs,
        generator.normal(size=docs.shape),
    )
