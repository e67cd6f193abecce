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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer, save_transformer
from reprise.retrieval.training import Progress, TrainingLog, TrainingSettings, train

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Triple(NamedTuple):
    """A training query, a passage that is relevant to it, and hard negatives to choose from."""

    query: str
    positive: str
    negatives: tuple[str, ...] = ()


class TrainingBatch(NamedTuple):
    """Texts of one step: passage i is the positive of query i, hard negatives follow, query by query.

    `ignored` (queries, passages) marks the passages that are the same text as the query's positive: they
    are neither right nor wrong answers and are left out of the loss.
    """

    queries: list[str]
    passages: list[str]
    ignored: np.ndarray


def make_batch(triples: Sequence[Triple], negatives: int, generator: np.random.Generator) -> TrainingBatch:
    """Draw `negatives` hard negatives a query, without replacement, and lay the texts out.

    >>> triples = [Triple("q1", "a", ("b",)), Triple("q2", "b", ("c",))]
    >>> batch = make_batch(triples, 1, np.random.default_rng(0))
    >>> batch.passages
    ['a', 'b', 'b', 'c']
    >>> batch.ignored.astype(int).tolist()
    [[0, 0, 0, 0], [0, 0, 1, 0]]
    """
    passages = [t.positive for t in triples]
    for triple in triples if negatives else ():
        chosen = generator.choice(len(triple.negatives), size=negatives, replace=False)
        passages += [triple.negatives[i] for i in chosen]
    ignored = np.array([[p == t.positive for p in passages] for t in triples])
    np.fill_diagonal(ignored, False)
    return TrainingBatch([t.query for t in triples], passages, ignored)


def check_triples(triples: Sequence[Triple], negatives: int) -> None:
    """Raise `InputError`, naming the first query that cannot be trained on."""
    if negatives < 0:
        raise InputError("negatives must not be below 0", given=negatives)
    for triple in triples:
        if not triple.query.strip() or not triple.positive.strip():
            raise InputError("a training pair has an empty text", given=tuple(triple[:2]))
        if len(triple.negatives) < negatives:
            raise InputError(
                f"training query {triple.query!r} has too few hard negatives",
                given=(len(triple.negatives), negatives),
                remedy="mine more, or ask for fewer negatives a query",
            )


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


def tokenise(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int, device: str = "cpu"
) -> dict[str, torch.Tensor]:
    """Token ids and attention mask, cut at `max_tokens` (special tokens included), padded to the longest."""
    tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
    return {name: tokens[name].to(device) for name in ("input_ids", "attention_mask")}


def embed(model: PreTrainedModel, tokens: dict[str, torch.Tensor]) -> torch.Tensor:
    """Unit vectors (texts, dim), float32: the mean of the token vectors, padding left out."""
    import torch

    hidden = model(**tokens).last_hidden_state.float()
    mask = tokens["attention_mask"][..., None].float()
    return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)


def inner_products(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """All inner products (left, right) in float32, also inside autocast."""
    import torch

    with torch.autocast(left.device.type, enabled=False):
        return left.float() @ right.float().T


def freeze_lower_layers(model: PreTrainedModel, trained_layers: int | None) -> None:
    """Keep the embeddings and all but the top `trained_layers` layers of a BERT-like encoder as they are.

    `None` trains everything. Fewer trained layers stay closer to the start and cost less a step.
    """
    if trained_layers is None:
        return
    layers = model.encoder.layer
    if not 1 <= trained_layers <= len(layers):
        raise InputError(
            "trained_layers must be from 1 to the encoder's number of layers",
            given=(trained_layers, len(layers)),
        )
    for part in (model.embeddings, *layers[: len(layers) - trained_layers]):
        part.requires_grad_(False)


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
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Fine-tune the bi-encoder `start` on triples and write the checkpoint folder that `load_encoder` opens.

    `start` is a checkpoint folder or "all-MiniLM-L6-v2"; `negatives` hard negatives are drawn for each query
    at every step, and all passages of the batch are negatives of the other queries. Token limits count
    special tokens. Raises `InputError`, before anything is loaded, for an empty text or a query with too few
    negatives.
    """
    import torch

    check_triples(triples, negatives)
    model, tokenizer = load_transformer(start)
    freeze_lower_layers(model, trained_layers)

    def loss(batch: Sequence[Triple], generator: np.random.Generator) -> torch.Tensor:
        texts = make_batch(batch, negatives, generator)
        queries = embed(model, tokenise(tokenizer, texts.queries, max_query_tokens, settings.device))
        passages = embed(model, tokenise(tokenizer, texts.passages, max_document_tokens, settings.device))
        ignored = torch.from_numpy(texts.ignored).to(settings.device)
        return info_nce(scale * inner_products(queries, passages), ignored)

    log = train(model, loss, triples, settings, checkpoint_folder=checkpoint_folder, progress=progress)
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
