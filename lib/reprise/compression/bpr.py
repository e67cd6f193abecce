"""BPR: an encoder trained so that the signs of its vectors retrieve (Yamada et al., ACL 2021, 2106.00882).

Signs have no gradient, so training sees h = tanh(beta_t e) with beta_t = sqrt(1 + gamma t), t the optimiser's
step (HashNet's continuation). Over the pool of all passages of a batch two losses are added up:

* candidates: the mean over negatives of max(0, alpha - h_q . h_p+ + h_q . h_p-);
* order: the cross-entropy of softmax over e_q . h_p, the query uncompressed.

Domain adaptation (arXiv 2205.11498): GenQ trains the same on generated queries; GPL puts MarginMSE against a
cross-encoder's margins, with e_q . h_p, in the place of the cross-entropy and keeps the candidates' loss.
Written from these definitions. Both start from the encoder before hashing, as the authors' scripts do.

Deviations. Vectors of the embedded encoder have unit length, whose components are too small for tanh to
bend: they are scaled to the length `norm`, and products with codes are multiplied by `scale`, so that logits
are about 20 times a cosine. With `norm=None` and `scale=1` vectors and logits are taken as they are (TAS-B).
alpha is 2, as in the paper's code; the original repository's command line has 0.1. The loop is that of
`reprise.retrieval.training`, not a library's trainer: there a killed run ends in the same weights, and the
annealing step is part of the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.compression.pooling import check_pooling, pooled_vectors, save_pooled
from reprise.compression.pseudo_labels import LabelledTuple, check_labelled
from reprise.errors import ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import inner_products
from reprise.retrieval.ranking_loss import info_nce
from reprise.retrieval.tower import freeze_lower_layers, tokenise
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples, make_batch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class HashSettings:
    """The method's own settings; `ParameterError` for one that is out of range.

    `pooling` is "mean" or "cls"; `defect` trains BPR with GPL as the released code does: see
    `margin_mse_of_first_rows`.
    """

    alpha: float = 2.0
    gamma: float = 0.1
    norm: float | None = 10.0
    scale: float = 0.1
    teacher_scale: float = 1.0
    pooling: str = "mean"
    defect: bool = False

    def __post_init__(self) -> None:
        if self.alpha < 0 or self.gamma < 0:
            raise ParameterError("alpha and gamma must not be below 0", given=(self.alpha, self.gamma))
        if self.scale <= 0 or self.teacher_scale <= 0:
            raise ParameterError(
                "scale and teacher_scale must be above 0", given=(self.scale, self.teacher_scale)
            )
        check_pooling(self.pooling, self.norm)


def annealing(step: int, gamma: float) -> float:
    """beta of the surrogate at an optimiser step, counted from 0.

    >>> annealing(0, 0.1), annealing(30, 0.1)
    (1.0, 2.0)
    """
    return (1 + gamma * step) ** 0.5


def surrogate(vectors: torch.Tensor, beta: float) -> torch.Tensor:
    """The differentiable stand-in for signs: tanh(beta e), the shape of `vectors`."""
    return (beta * vectors).tanh()


def candidate_loss(
    query_codes: torch.Tensor,
    passage_codes: torch.Tensor,
    alpha: float,
    ignored: torch.Tensor | None = None,
) -> torch.Tensor:
    """Mean of max(0, alpha - h_q . h_p+ + h_q . h_p-) over all negatives of all queries.

    Passage i is the positive of query i; all others are negatives but those in `ignored` (queries, passages).

    >>> import torch
    >>> h = torch.tensor([[1.0, 1.0], [1.0, -1.0]])
    >>> candidate_loss(h, h, alpha=3.0).item()    # 3 - 2 + 0 for both queries
    1.0
    """
    import torch

    scores = inner_products(query_codes, passage_codes)
    counted = ~torch.eye(*scores.shape, dtype=torch.bool, device=scores.device)
    if ignored is not None:
        counted &= ~ignored
    hinges = (alpha - scores.diagonal()[:, None] + scores).clamp(min=0)
    return (hinges * counted).sum() / counted.sum().clamp(min=1)


def bpr_loss(
    queries: torch.Tensor,
    passages: torch.Tensor,
    beta: float,
    settings: HashSettings,
    ignored: torch.Tensor | None = None,
) -> torch.Tensor:
    """Both losses of BPR on vectors (queries, dim) and (passages, dim)."""
    codes = surrogate(passages, beta)
    order = info_nce(settings.scale * inner_products(queries, codes), ignored)
    return order + candidate_loss(surrogate(queries, beta), codes, settings.alpha, ignored)


def bpr_gpl_loss(
    queries: torch.Tensor,
    passages: torch.Tensor,
    margins: torch.Tensor,
    beta: float,
    settings: HashSettings,
    ignored: torch.Tensor | None = None,
) -> torch.Tensor:
    """MarginMSE of e_q . h_p on `margins` (queries,), plus the candidates' loss.

    Passages are the positives of all queries, then one negative for each.
    """
    codes = surrogate(passages, beta)
    margin_mse = margin_mse_of_first_rows if settings.defect else margin_mse_with_codes
    order = margin_mse(queries, codes, settings.teacher_scale * margins, settings.scale)
    return order + candidate_loss(surrogate(queries, beta), codes, settings.alpha, ignored)


def margin_mse_with_codes(
    queries: torch.Tensor, codes: torch.Tensor, margins: torch.Tensor, scale: float
) -> torch.Tensor:
    """Mean squared difference of scale * (e_q . h_p+ - e_q . h_p-) and the margin of the query's own pair.

    >>> import torch
    >>> codes = torch.tensor([[1.0, 1.0], [1.0, -1.0]])    # a positive, then its negative
    >>> margin_mse_with_codes(torch.tensor([[0.0, 2.0]]), codes, torch.tensor([1.0]), 1.0).item()
    9.0
    """
    count = len(queries)
    own = (queries * (codes[:count] - codes[count:])).sum(-1)
    return (scale * own - margins).square().mean()


def margin_mse_of_first_rows(
    queries: torch.Tensor, codes: torch.Tensor, margins: torch.Tensor, scale: float
) -> torch.Tensor:
    """The released form: rows 0 and 1 of the joined passages stand for every query's pair.

    These two rows are the positives of the first two queries of the batch, so each query is asked to tell two
    passages apart that mostly have nothing to do with it. Here to show what that does, for nothing else.
    """
    return (scale * (queries @ (codes[0] - codes[1])) - margins).square().mean()


def train_bpr(
    start: str | Path,
    triples: Sequence[Triple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    hashing: HashSettings | None = None,
    negatives: int = 1,
    max_query_tokens: int = 24,
    max_document_tokens: int = 96,
    trained_layers: int | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train the encoder `start` on triples with both losses; write the folder that `load_encoder` opens.

    With generated queries for triples (and no hard negatives) this is BPR+GenQ. Raises as `train_dense` does.
    """
    hashing = hashing or HashSettings()
    check_triples(triples, negatives)

    def loss(encode: Encode, batch: Sequence[Triple], generator: np.random.Generator, beta: float) -> Any:
        texts = make_batch(batch, negatives, generator)
        queries, passages, ignored = encode(texts.queries, texts.passages, texts.ignored)
        return bpr_loss(queries, passages, beta, hashing, ignored)

    limits = {"max_query_tokens": max_query_tokens, "max_document_tokens": max_document_tokens}
    return _train_hashing(
        start, triples, folder, settings, hashing, loss, limits, trained_layers, checkpoint_folder, progress
    )


def train_bpr_gpl(
    start: str | Path,
    labelled: Sequence[LabelledTuple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    hashing: HashSettings | None = None,
    max_query_tokens: int = 24,
    max_document_tokens: int = 96,
    trained_layers: int | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train the encoder `start` on tuples with a cross-encoder's margins; write the folder.

    Raises `InputError` for an empty text or a margin that is not a number.
    """
    hashing = hashing or HashSettings()
    check_labelled(labelled)

    def loss(
        encode: Encode, batch: Sequence[LabelledTuple], generator: np.random.Generator, beta: float
    ) -> Any:
        import torch

        passages = [t.positive for t in batch] + [t.negative for t in batch]
        ignored = np.array([[p == t.positive for p in passages] for t in batch])
        np.fill_diagonal(ignored, False)
        queries, vectors, ignored = encode([t.query for t in batch], passages, ignored)
        margins = torch.tensor([t.margin for t in batch], dtype=torch.float32, device=queries.device)
        return bpr_gpl_loss(queries, vectors, margins, beta, hashing, ignored)

    limits = {"max_query_tokens": max_query_tokens, "max_document_tokens": max_document_tokens}
    return _train_hashing(
        start, labelled, folder, settings, hashing, loss, limits, trained_layers, checkpoint_folder, progress
    )


Encode = Callable[[Sequence[str], Sequence[str], np.ndarray], "tuple[Any, Any, Any]"]
"""Texts of queries and passages and the mask of ignored pairs -> vectors, vectors and mask on the device."""


def _train_hashing(
    start: str | Path,
    examples: Sequence[Any],
    folder: str | Path,
    settings: TrainingSettings,
    hashing: HashSettings,
    loss: Callable[..., Any],
    limits: dict[str, int],
    trained_layers: int | None,
    checkpoint_folder: str | Path | None,
    progress: Progress | None,
) -> TrainingLog:
    import torch

    model, tokenizer = load_transformer(start)
    freeze_lower_layers(model, trained_layers)
    module = torch.nn.ModuleDict({"encoder": model})
    # a buffer, so that a checkpoint holds it: a resumed run goes on annealing where it stopped
    module.register_buffer("parts_done", torch.zeros((), dtype=torch.int64))

    def encode(queries: Sequence[str], passages: Sequence[str], ignored: np.ndarray) -> tuple[Any, Any, Any]:
        def vectors(texts: Sequence[str], limit: int) -> Any:
            tokens = tokenise(tokenizer, texts, limit, settings.device)
            return pooled_vectors(model, tokens, hashing.pooling, hashing.norm)

        mask = torch.from_numpy(ignored).to(settings.device)
        return (
            vectors(queries, limits["max_query_tokens"]),
            vectors(passages, limits["max_document_tokens"]),
            mask,
        )

    def batch_loss(batch: Sequence[Any], generator: np.random.Generator) -> torch.Tensor:
        step = int(module.parts_done) // settings.accumulate
        module.parts_done += 1
        return loss(encode, batch, generator, annealing(step, hashing.gamma))

    log = train(
        module, batch_loss, examples, settings, checkpoint_folder=checkpoint_folder, progress=progress
    )
    save_pooled(model, tokenizer, folder, hashing.pooling, hashing.norm)
    return log
