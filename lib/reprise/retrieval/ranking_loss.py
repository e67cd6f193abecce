"""What a retriever is trained to minimise: a function of the scores of one batch, whatever gave the scores.

A `RankingLoss` sees scores (queries, passages) laid out as `make_batch` does. The same object trains a whole
encoder (`batch_loss`) and the heads of several seeds side by side (`seeds_loss`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reprise.retrieval.training import BatchLoss
from reprise.retrieval.training_step import SeedsLoss
from reprise.retrieval.triples import TrainingBatch, Triple, make_batch

if TYPE_CHECKING:
    import torch

Score = Callable[[Sequence[str], Sequence[str]], "torch.Tensor"]
"""Queries and passages -> scores (queries, passages), with a gradient."""

SeedsScore = Callable[[Sequence[Sequence[str]], Sequence[Sequence[str]]], "torch.Tensor"]
"""The queries and the passages of each seed's batch -> scores (seeds, queries, passages)."""


class RankingLoss(Protocol):
    """A loss over the scores of a batch, with `negatives` hard negatives drawn for each query."""

    negatives: int

    def goals(self, batch: TrainingBatch) -> tuple[np.ndarray, ...]:
        """What the scores of this batch are held against: arrays (queries, passages) without a gradient."""

    def __call__(self, scores: torch.Tensor, *goals: torch.Tensor) -> torch.Tensor:
        """The mean over queries."""


@dataclass(frozen=True)
class InfoNCE:
    """The positive against all other passages of the batch (`info_nce`), scores multiplied by `scale`."""

    negatives: int = 1
    scale: float = 1.0

    def goals(self, batch: TrainingBatch) -> tuple[np.ndarray, ...]:
        """Which passages are left out."""
        return (batch.ignored,)

    def __call__(self, scores: torch.Tensor, *goals: torch.Tensor) -> torch.Tensor:
        """Mean over queries of -log softmax of the positive."""
        return info_nce(self.scale * scores, *goals)


def info_nce(scores: torch.Tensor, ignored: torch.Tensor | None = None) -> torch.Tensor:
    """Mean over queries of -log softmax of the positive; scores (queries, passages), positive i at (i, i).

    `ignored` (queries, passages), bool: passages left out of a query's sum.

    >>> import torch
    >>> round(info_nce(torch.tensor([[2.0, 1.0], [0.0, 0.0]])).item(), 4)   # (log(1+e^-1) + log 2) / 2
    0.5032
    """
    import torch

    if ignored is not None:
        scores = scores.masked_fill(ignored, float("-inf"))
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(scores), device=scores.device))


def batch_loss(score: Score, loss: RankingLoss) -> BatchLoss:
    """The loss of a batch of triples as the training loop wants it."""

    def compute(triples: Sequence[Triple], generator: np.random.Generator) -> torch.Tensor:
        batch = make_batch(triples, loss.negatives, generator)
        goals = loss.goals(batch)
        return _against(loss, score(batch.queries, batch.passages), goals)

    return compute


def seeds_loss(score: SeedsScore, loss: RankingLoss) -> SeedsLoss:
    """The loss of each seed's own batch, for seeds that train side by side."""
    import torch

    def compute(
        batches: Sequence[Sequence[Triple]], generators: Sequence[np.random.Generator]
    ) -> torch.Tensor:
        made = [make_batch(b, loss.negatives, g) for b, g in zip(batches, generators, strict=True)]
        scores = score([b.queries for b in made], [b.passages for b in made])
        return torch.stack([_against(loss, s, loss.goals(b)) for s, b in zip(scores, made, strict=True)])

    return compute


def _against(loss: RankingLoss, scores: torch.Tensor, goals: tuple[np.ndarray, ...]) -> torch.Tensor:
    import torch

    return loss(scores, *(torch.from_numpy(goal).to(scores.device) for goal in goals))
