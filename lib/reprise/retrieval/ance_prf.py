"""ANCE-PRF: a query encoder trained to read its own first results.

Yu et al. 2021 (arXiv 2108.13454), section 3, and its reproduction by Li et al. 2022 (arXiv 2112.06400). The
retriever's query encoder goes on training with the query and its first k passages as input; passages'
vectors and their index are frozen, so a step needs no document encoder and only fetches vectors by id.

    loss = -log( exp(s(q', p+)) / (exp(s(q', p+)) + sum over negatives exp(s(q', p-))) ),  s = scale * <q', p>

The original takes one negative at a time (`negatives=1`), the reproduction 20 together; both sample them from
the first 1,000 of the frozen retriever. `in_batch` adds the other queries' passages, which the reproduction
tried and found to change nothing.

Deviations: every judged positive of a query is an example (the authors' script keeps its last one only);
positives are left out of the negatives (as the reproduction does, where the original does not); training
sees the same vectors as the index holds, where the reproduction encodes passages anew and cuts them to 128
tokens. As in both, a positive may be among the feedback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.ance_prf_model import PrfEncoder
from reprise.retrieval.contrastive import inner_products
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.encoders import refuse_empty
from reprise.retrieval.lamb import lamb
from reprise.retrieval.ranking_loss import info_nce
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.training_step import adamw

if TYPE_CHECKING:
    import torch

OPTIMISERS: Mapping[str, Callable] = {"adamw": adamw, "lamb": lamb}

Embed = Callable[[Sequence[str], Sequence[Sequence[str]]], "torch.Tensor"]
"""Queries and their passages -> vectors (queries, dim) with their gradient."""


class PrfExample(NamedTuple):
    """A training query, its feedback passages' texts, and the ids of its positive and its negatives."""

    query: str
    passages: tuple[str, ...]
    positive: str
    negatives: tuple[str, ...]


class VectorBatch(NamedTuple):
    """The frozen side of a step: positives (queries, dim) and negatives (queries, n, dim).

    `ignored` (queries, queries * (1 + n)) marks the passages that are a query's positive once more.
    """

    positives: np.ndarray
    negatives: np.ndarray
    ignored: np.ndarray


class Share(NamedTuple):
    """Which part of every batch this process works on, when several train together: every `of`-th example."""

    rank: int = 0
    of: int = 1


WHOLE = Share()


def draw_negatives(
    examples: Sequence[PrfExample], negatives: int, generator: np.random.Generator
) -> list[list[str]]:
    """`negatives` of each example's negatives, without replacement."""
    return [
        [e.negatives[i] for i in generator.choice(len(e.negatives), size=negatives, replace=False)]
        for e in examples
    ]


def fetch_vectors(
    examples: Sequence[PrfExample], drawn: Sequence[Sequence[str]], index: DenseIndex
) -> VectorBatch:
    """The vectors of each example's positive and of the negatives `drawn` for it, by id."""
    ids = np.array([*(e.positive for e in examples), *(d for row in drawn for d in row)])
    vectors = index.vectors(ids)
    ignored = ids[None, :] == ids[: len(examples), None]
    np.fill_diagonal(ignored, False)
    negatives = vectors[len(examples) :].reshape(len(examples), -1, index.dim)
    return VectorBatch(vectors[: len(examples)], negatives, ignored)


def prf_loss(
    queries: torch.Tensor,
    positives: torch.Tensor,
    negatives: torch.Tensor,
    *,
    scale: float = 1.0,
    ignored: torch.Tensor | None = None,
    in_batch: bool = False,
) -> torch.Tensor:
    """Mean negative log-likelihood of the positives; shapes as in `VectorBatch`, queries (queries, dim).

    >>> import torch
    >>> loss = prf_loss(torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 5.0]]), torch.tensor([[[1.0, 7.0]]]))
    >>> round(loss.item(), 4)    # scores 2 and 1: log(1 + e^-1)
    0.3133
    """
    import torch

    if in_batch:
        passages = torch.cat([positives, negatives.flatten(0, 1)])
        return info_nce(scale * inner_products(queries, passages), ignored)
    with torch.autocast(queries.device.type, enabled=False):
        own = torch.cat([positives[:, None], negatives], dim=1).float()
        scores = scale * torch.einsum("qd,qnd->qn", queries.float(), own)
    target = torch.zeros(len(scores), dtype=torch.long, device=scores.device)  # the positive stands first
    return torch.nn.functional.cross_entropy(scores, target)


def check_examples(examples: Sequence[PrfExample], index: DenseIndex, negatives: int) -> None:
    """Raise `InputError`, naming the first query that cannot be trained on."""
    if negatives < 1:
        raise ParameterError("training needs at least one negative a query", given=negatives)
    refuse_empty([e.query for e in examples], "training query")
    for example in examples:
        if len(example.negatives) < negatives:
            raise InputError(
                f"training query {example.query!r} has too few negatives",
                given=(len(example.negatives), negatives),
                remedy="sample more, or ask for fewer negatives a query",
            )
    index.vectors(sorted({e.positive for e in examples}))  # names a positive that the index lacks


def train_prf(
    encoder: PrfEncoder,
    examples: Sequence[PrfExample],
    index: DenseIndex,
    settings: TrainingSettings,
    *,
    negatives: int = 20,
    in_batch: bool = False,
    scale: float = 1.0,
    optimiser: str = "lamb",
    head: str = "inherited",
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
    share: Share = WHOLE,
    embed: Embed | None = None,
) -> TrainingLog:
    """Train the encoder in place on examples, against the vectors of `index`, which are only read.

    `scale` multiplies inner products: 1 for the papers' encoders, more for vectors of unit length, whose
    inner products are small. `head` "re-initialised" draws it anew before the first step. A killed run goes
    on from `checkpoint_folder` to the same weights. `share` and `embed` are for `ance_prf_parallel`. Raises
    `ParameterError` or `InputError`, before the first step, for an unknown optimiser, for vectors of another
    length than the index's and as `check_examples`.
    """
    import torch

    if optimiser not in OPTIMISERS:
        raise ParameterError("unknown optimiser", given=optimiser, remedy=f"choose from {sorted(OPTIMISERS)}")
    if head not in ("inherited", "re-initialised"):
        raise ParameterError("head is 'inherited' or 're-initialised'", given=head)
    if (settings.batch_size // settings.accumulate) % share.of:
        raise ParameterError(
            "the processes must share each part of a batch evenly",
            given=(settings.batch_size, settings.accumulate, share.of),
        )
    if encoder.dim != index.dim:
        raise InputError(
            "the encoder's vectors do not fit the index",
            given=(encoder.dim, index.dim),
            remedy="start from the query encoder of the retriever that made the index",
        )
    check_examples(examples, index, negatives)
    if head == "re-initialised":
        encoder.reset_head(settings.seed)

    embed = embed or encoder.embed

    def loss(batch: Sequence[PrfExample], generator: np.random.Generator) -> torch.Tensor:
        drawn = draw_negatives(batch, negatives, generator)  # for all, so that all processes draw the same
        batch, drawn = batch[share.rank :: share.of], drawn[share.rank :: share.of]
        frozen = fetch_vectors(batch, drawn, index)
        return prf_loss(
            embed([e.query for e in batch], [e.passages for e in batch]),
            torch.from_numpy(frozen.positives).to(settings.device),
            torch.from_numpy(frozen.negatives).to(settings.device),
            scale=scale,
            ignored=torch.from_numpy(frozen.ignored).to(settings.device),
            in_batch=in_batch,
        )

    return train(
        encoder.tower,
        loss,
        examples,
        settings,
        optimiser=OPTIMISERS[optimiser],
        checkpoint_folder=checkpoint_folder,
        progress=progress,
    )
