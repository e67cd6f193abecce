"""A bi-encoder that learns from the scores of a stronger, slower teacher.

Two losses over the same batch, each with its weight:

* MarginMSE (Hofstätter et al. 2020, arXiv 2010.02666; the pairwise part of TAS-B, 2104.06967): the
  student's difference between positive and hard negative is to equal the teacher's.
* In-batch KL (Lin et al. 2021, TCT-ColBERT, 2010.11386): the student's distribution over all passages
  of the batch is to equal the teacher's, whose scores are computed in the same step ("tight coupling").

Deviations: the student's vectors have unit length, so its scores are cosines times `scale`, and the teacher's
are multiplied by `teacher_scale`; there is no term with hard labels and no topic-aware batch sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import (
    Triple,
    check_triples,
    embed,
    freeze_lower_layers,
    inner_products,
    make_batch,
    save_bi_encoder,
    tokenise,
)
from reprise.retrieval.training import Progress, TrainingLog, TrainingSettings, train

if TYPE_CHECKING:
    import torch

Teacher = Callable[[Sequence[str], Sequence[str]], np.ndarray]
"""Queries and passages -> scores (queries, passages), such as `LateInteraction.score_all`."""


def margin_mse(student: torch.Tensor, teacher: torch.Tensor, negatives: int) -> torch.Tensor:
    """Mean squared difference of margins (positive - own hard negative); both (queries, passages).

    Passage i is the positive of query i, then come `negatives` hard negatives a query, query by query.

    >>> import torch
    >>> student, teacher = torch.tensor([[3.0, 1.0]]), torch.tensor([[5.0, 2.0]])
    >>> margin_mse(student, teacher, 1).item()    # ((3 - 1) - (5 - 2)) squared
    1.0
    """
    import torch

    queries = len(student)
    rows = torch.arange(queries, device=student.device)
    own = queries + rows[:, None] * negatives + torch.arange(negatives, device=student.device)

    def margins(scores: torch.Tensor) -> torch.Tensor:
        return scores[rows, rows][:, None] - scores.gather(1, own)

    return (margins(student) - margins(teacher)).square().mean()


def in_batch_kl(
    student: torch.Tensor, teacher: torch.Tensor, ignored: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean over queries of KL(softmax(teacher) || softmax(student)), both (queries, passages).

    >>> import math, torch
    >>> teacher = torch.tensor([[math.log(3.0), 0.0]])        # softmax: 3/4, 1/4
    >>> round(in_batch_kl(torch.zeros(1, 2), teacher).item(), 4)    # 3/4 log(3/2) + 1/4 log(1/2)
    0.1308
    """
    import torch

    if ignored is not None:  # a large negative number: -inf on both sides would make the divergence NaN
        student, teacher = student.masked_fill(ignored, -1e4), teacher.masked_fill(ignored, -1e4)
    return torch.nn.functional.kl_div(
        student.log_softmax(-1), teacher.log_softmax(-1), log_target=True, reduction="batchmean"
    )


def train_distilled(
    start: str | Path,
    triples: Sequence[Triple],
    teacher: Teacher,
    folder: str | Path,
    settings: TrainingSettings,
    *,
    scale: float = 20.0,
    teacher_scale: float = 1.0,
    margin_weight: float = 0.1,
    kl_weight: float = 1.0,
    negatives: int = 1,
    max_query_tokens: int = 24,
    max_document_tokens: int = 96,
    trained_layers: int | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Fine-tune the bi-encoder `start` on the teacher's scores; write the folder that `load_encoder` opens.

    The teacher scores all queries of a batch with all its passages; it is never changed. Raises `InputError`
    as `train_dense` does, and `ParameterError` when both losses have weight zero or MarginMSE has no
    negatives.
    """
    import torch

    check_triples(triples, negatives)
    if min(margin_weight, kl_weight) < 0 or margin_weight + kl_weight == 0:
        raise ParameterError(
            "margin_weight and kl_weight must not be below 0, nor both 0", given=(margin_weight, kl_weight)
        )
    if margin_weight and not negatives:
        raise ParameterError("MarginMSE needs at least one hard negative a query", given=negatives)
    model, tokenizer = load_transformer(start)
    freeze_lower_layers(model, trained_layers)

    def loss(batch: Sequence[Triple], generator: np.random.Generator) -> torch.Tensor:
        texts = make_batch(batch, negatives, generator)
        goal = torch.from_numpy(teacher_scale * np.asarray(teacher(texts.queries, texts.passages)))
        goal = goal.float().to(settings.device)
        queries = embed(model, tokenise(tokenizer, texts.queries, max_query_tokens, settings.device))
        passages = embed(model, tokenise(tokenizer, texts.passages, max_document_tokens, settings.device))
        scores = scale * inner_products(queries, passages)
        total = scores.new_zeros(())
        if margin_weight:
            total = total + margin_weight * margin_mse(scores, goal, negatives)
        if kl_weight:
            ignored = torch.from_numpy(texts.ignored).to(settings.device)
            total = total + kl_weight * in_batch_kl(scores, goal, ignored)
        return total

    log = train(model, loss, triples, settings, checkpoint_folder=checkpoint_folder, progress=progress)
    save_bi_encoder(model, tokenizer, folder)
    return log
