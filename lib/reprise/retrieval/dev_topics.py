"""The value of each development topic under a matrix of scores: what an early choice of steps looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError
from reprise.evaluation.measures import evaluate
from reprise.retrieval.run import Run


@dataclass(frozen=True)
class DevTopics:
    """Topics and documents in the order of the rows and columns of the scores, judgements, and a measure.

    `depth` documents of each topic are ranked: as many as the measure reads.

    >>> dev = DevTopics(["q1", "q2"], ["a", "b"], {"q1": {"b": 1}, "q2": {"b": 1}}, "MRR@10")
    >>> dev.values(np.array([[0.5, 0.1], [0.2, 0.3]])).tolist()
    [0.5, 1.0]
    """

    query_ids: Sequence[str]
    doc_ids: Sequence[str]
    qrels: Mapping[str, Mapping[str, int]]
    measure: str = "nDCG@10"
    depth: int = 10
    relevance_threshold: int = 1

    def __post_init__(self) -> None:
        unjudged = [q for q in self.query_ids if not self.qrels.get(q)]
        if unjudged or not len(self.query_ids):
            raise InputError(
                "every development topic needs a judgement", given=unjudged[:5], remedy="leave the others out"
            )

    def values(self, scores: np.ndarray) -> np.ndarray:
        """The measure of each topic, (topics,), where scores are (topics, documents)."""
        if scores.shape != (len(self.query_ids), len(self.doc_ids)):
            raise InputError(
                "scores are those of every topic with every document",
                given=(scores.shape, (len(self.query_ids), len(self.doc_ids))),
            )
        depth = min(self.depth, scores.shape[1])
        best = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
        run = Run.from_arrays(
            "dev", self.query_ids, self.doc_ids, best, np.take_along_axis(scores, best, axis=1)
        )
        found = evaluate(run, self.qrels, self.query_ids, [self.measure], self.relevance_threshold)
        return np.array([found.per_topic[self.measure][q] for q in self.query_ids])
