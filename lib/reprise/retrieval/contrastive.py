"""A dense retriever trained by telling the relevant passage from the others in the batch.

InfoNCE as in DPR (Karpukhin et al. 2020, equation 2), with in-batch negatives and hard negatives. One
encoder serves queries and passages; vectors are means over the tokens, scaled to unit length (as the
encoder all-MiniLM-L6-v2 was trained), so inner products are cosines and a `scale` (the inverse of
the temperature) sharpens them: 20 is what sentence-transformers uses by default.

The ANCE recipe (Xiong et al. 2021) is `train_dense` called twice, with negatives mined anew in between
from the index of the first round (`hard_negatives`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reprise.retrieval.batch_order import Sampler, batch_order
from reprise.retrieval.checkpoint import load_transformer, save_transformer
from reprise.retrieval.early_choice import ChoiceFor
from reprise.retrieval.ranking_loss import InfoNCE, Score, batch_loss
from reprise.retrieval.tower import Tokens, Tower, hidden_states, open_tower
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from reprise.retrieval.stored_states import StoredStates


def embed(model: PreTrainedModel, tokens: Tokens) -> torch.Tensor:
    """Unit vectors (texts, dim), float32: the mean of the token vectors, padding left out."""
    import torch

    hidden = hidden_states(model, tokens).float()
    mask = tokens["attention_mask"][..., None].float()
    return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def inner_products(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """All inner products (left, right) in float32, also inside autocast."""
    import torch

    with torch.autocast(left.device.type, enabled=False):
        return left.float() @ right.float().T


def bi_encoder_score(tower: Tower) -> Score:
    """Cosines of queries with passages, both by the same encoder."""

    def score(queries: Sequence[str], passages: Sequence[str]) -> torch.Tensor:
        left = embed(tower.model, tower.queries(queries))
        return inner_products(left, embed(tower.model, tower.passages(passages)))

    return score


def train_dense(
    start: str | Path,
    triples: Sequence[Triple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    scale: float = 20.0,
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
    """Fine-tune the bi-encoder `start` on triples and write the checkpoint folder that `load_encoder` opens.

    `start` is a checkpoint folder or "all-MiniLM-L6-v2"; `negatives` hard negatives are drawn for each query
    at every step, and all passages of the batch are negatives of the other queries. Token limits count
    special tokens. `states` (of the queries, of the passages; see `stored_states`) stand in for the layers
    below the trained ones, which then have no dropout. `sampler` composes the batches, `choice` says how to
    choose the step on development topics (`early_choice`). Raises `InputError`, before anything is loaded,
    for an empty text or a query with too few negatives, and for states of another start, layer, precision or
    limit.
    """
    check_triples(triples, negatives)
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
    loss = batch_loss(bi_encoder_score(tower), InfoNCE(negatives, scale))
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


def save_bi_encoder(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: str | Path,
    *,
    max_query_tokens: int = 32,
    max_document_tokens: int = 256,
) -> None:
    """Write a bi-encoder with mean pooling and unit vectors; the limits are those to encode with."""
    save_transformer(
        model,
        tokenizer,
        folder,
        {
            "kind": "dense",
            "pooling": "mean",
            "normalise": True,
            "max_query_tokens": max_query_tokens,
            "max_document_tokens": max_document_tokens,
        },
    )
