"""Heads on stored vectors: what 200 steps cost, and five seeds side by side against one after another.

Times are core-seconds of this process, as the heads train on one thread. That the seeds end in the same bits
either way is checked before anything is timed.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np

GOAL_S, GOAL_RATIO = 2.0, 1.5


def benchmark(
    steps: int = 200, documents: int = 4000, dim: int = 384, repeats: int = 5
) -> list[dict[str, Any]]:
    """One seed against its goal, five side by side against five alone, and that against its goal."""
    import torch

    from reprise.retrieval.ranking_loss import InfoNCE
    from reprise.retrieval.residual_map import KeyedVectors, train_residual_map
    from reprise.retrieval.training_settings import TrainingSettings
    from reprise.retrieval.triples import Triple

    generator = np.random.default_rng(0)

    def vectors(kind: str) -> KeyedVectors:
        drawn = generator.standard_normal((documents, dim)).astype(np.float32)
        keys = [f"{kind} {i}" for i in range(documents)]
        return KeyedVectors(keys, drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    queries, passages = vectors("query"), vectors("passage")
    triples = [Triple(q, p) for q, p in zip(queries.keys, passages.keys, strict=True)]
    settings = TrainingSettings(steps=steps, batch_size=32, learning_rate=1e-3, threads=1)
    seeds = range(5)

    def train(chosen: Any) -> Any:
        return train_residual_map(queries, passages, triples, InfoNCE(0, 20.0), settings, chosen)[0]["map"]

    together = train(seeds)
    if not all(torch.equal(train([seed])[0], together[seed]) for seed in seeds):
        raise AssertionError("a seed ends elsewhere beside others than alone: the times compare nothing")

    def seconds(runs: Any) -> float:
        begin = process_time()
        for chosen in runs:
            train(chosen)
        return process_time() - begin

    times = np.array([[seconds([seeds]), seconds([[s] for s in seeds])] for _ in range(repeats)])
    ratios = times[:, 1] / times[:, 0]
    ours, alone = np.median(times, axis=0)
    about = f"a linear map of {dim} dimensions, {steps} steps of 32, no hard negatives; core-seconds"
    return [
        {"name": "residual map, one seed", "ours_s": float(alone) / 5, "goal_s": GOAL_S, "note": about},
        {
            "name": "five seeds side by side",
            "ours_s": float(ours),
            "peer_s": float(alone),
            "ratio": float(alone / ours),
            "spread": [float(q) for q in np.percentile(ratios, [25, 75])],
            "note": "against one after another, each to the same bits",
        },
        {
            "name": f"the same, within 1/{GOAL_RATIO:g} of one after another",
            "ours_s": float(ours),
            "goal_s": float(alone) / GOAL_RATIO,
        },
    ]
