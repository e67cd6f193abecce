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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.batch_order import Sampler, batch_order
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import bi_encoder_score, save_bi_encoder
from reprise.retrieval.early_choice import ChoiceFor
from reprise.retrieval.ranking_loss import batch_loss
from reprise.retrieval.tower import open_tower
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import TrainingBatch, Triple, check_triples

if TYPE_CHECKING:
    import torch

    from reprise.retrieval.stored_states import StoredStates

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


@dataclass(frozen=True)
class Distillation:
    """Both losses against one teacher, weighted; scores are multiplied by `scale`, the teacher's by its own.

    Raises `ParameterError` when both losses have weight zero, or MarginMSE has no negatives.
    """

    teacher: Teacher
    negatives: int = 1
    scale: float = 20.0
    teacher_scale: float = 1.0
    margin_weight: float = 0.1
    kl_weight: float = 1.0

    def __post_init__(self) -> None:
        weights = self.margin_weight, self.kl_weight
        if min(weights) < 0 or sum(weights) == 0:
            raise ParameterError("margin_weight and kl_weight must not be below 0, nor both 0", given=weights)
        if self.margin_weight and not self.negatives:
            raise ParameterError("MarginMSE needs at least one hard negative a query", given=self.negatives)

    def goals(self, batch: TrainingBatch) -> tuple[np.ndarray, ...]:
        """The teacher's scores of all queries with all passages, and which passages are left out."""
        taught = self.teacher_scale * np.asarray(self.teacher(batch.queries, batch.passages))
        return taught.astype(np.float32), batch.ignored

    def __call__(self, scores: torch.Tensor, *goals: torch.Tensor) -> torch.Tensor:
        """The weighted sum of the two losses."""
        taught, ignored = goals
        scores = self.scale * scores
        total = scores.new_zeros(())
        if self.margin_weight:
            total = total + self.margin_weight * margin_mse(scores, taught, self.negatives)
        if self.kl_weight:
            total = total + self.kl_weight * in_batch_kl(scores, taught, ignored)
        return total


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
    states: tuple[StoredStates, StoredStates] | None = None,
    sampler: Sampler = batch_order,
    choice: ChoiceFor | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Fine-tune the bi-encoder `start` on the teacher's scores; write the folder that `load_encoder` opens.

    The teacher scores all queries of a batch with all its passages; it is never changed. `states`,
    `sampler`, `choice` and what is raised are as with `train_dense` and `Distillation`.
    """
    check_triples(triples, negatives)
    distillation = Distillation(teacher, negatives, scale, teacher_scale, margin_weight, kl_weight)
    model, tokenizer = load_transformer(start)
    tower = open_tower(
        model,
        tokenizer,
        max_query_tokens,
        max_document_tokens,
        trained_layers,
        states,
        device=settings.device,
        precision=settings.precision,
    )
    loss = batch_loss(bi_encoder_score(tower), distillation)
    log = train(
        tower.model,
        loss,
        triples,
        settings,
        sampler=sampler,
        choice=choice and choice(model, tokenizer),
        checkpoint_folder=checkpoint_folder,
        progress=progress,
    )
    save_bi_encoder(model, tokenizer, folder)
    return log
