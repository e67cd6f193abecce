"""A cross-encoder: query and passage read together by one transformer, a single number out.

Nogueira and Cho 2019 (arXiv 1901.04085); here the teacher whose margins GPL distils (2112.07577). Scores are
raw logits: no sigmoid, whatever a checkpoint's configuration says, because margins of squashed scores say
nothing about pairs that the teacher is sure of. A released one (cross-encoder/ms-marco-MiniLM-L-6-v2) and one
trained here open the same way.

Training is a softmax over the positive and the negatives of each query (localised contrastive estimation,
Gao et al. 2021), on queries with mined negatives. A pair is cut to `max_tokens` at its longer text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.checkpoint import checkpoint_path
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class CrossEncoder:
    """A model with one output and its tokenizer; made by `open_cross_encoder`."""

    model: Any
    tokenizer: Any
    max_tokens: int = 128
    batch_size: int = 64
    threads: int | None = None
    device: str = "cpu"

    def score(self, pairs: Sequence[tuple[str, str]], progress: Progress | None = None) -> np.ndarray:
        """Raw logits (pairs,) float32 of (query, passage) texts; longest pairs are scored first.

        Raises `InputError`, naming the pair, for one that is not two texts.
        """
        import torch

        for place, pair in enumerate(pairs):
            if isinstance(pair, str) or len(pair) != 2:
                raise InputError(f"pair {place} is not a query and a passage", given=pair)
            check_texts(pair, f"text of pair {place}:")
        scores = np.zeros(len(pairs), np.float32)
        order = sorted(range(len(pairs)), key=lambda i: (-len(pairs[i][0]) - len(pairs[i][1]), i))
        starts = range(0, len(order), self.batch_size)
        with torch.inference_mode(), use_threads(self.threads):
            for start in progress(starts, total=len(starts)) if progress else starts:
                batch = order[start : start + self.batch_size]
                tokens = read_pairs(self.tokenizer, [pairs[i] for i in batch], self.max_tokens, self.device)
                scores[batch] = self.model(**tokens).logits.float()[:, 0].cpu().numpy()
        return scores


def open_cross_encoder(
    name_or_folder: str | Path,
    *,
    precision: str = "float32",
    threads: int | None = None,
    device: str = "cpu",
    max_tokens: int = 128,
) -> CrossEncoder:
    """A cross-encoder by name or from a folder that `train_cross_encoder` wrote.

    Raises `EnvironmentNotReady` when there is none, and `InputError` for one with several outputs.
    """
    import torch

    model, tokenizer = _load(name_or_folder)
    if model.config.num_labels != 1:
        raise InputError(
            "a cross-encoder gives one number a pair",
            given=model.config.num_labels,
            remedy="name a checkpoint with one label",
        )
    model = model.to(device=device, dtype=getattr(torch, precision)).eval()
    return CrossEncoder(model, tokenizer, max_tokens, threads=threads, device=device)


def train_cross_encoder(
    start: str | Path,
    triples: Sequence[Triple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    negatives: int = 3,
    max_tokens: int = 128,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train `start` (a transformer, its head new) on triples and write the folder.

    Each query's positive is told from `negatives` of its hard negatives, drawn at every step. Raises
    `InputError` for an empty text or a query with too few negatives.
    """
    import torch

    if negatives < 1:
        raise ParameterError("a cross-encoder is trained with at least one negative", given=negatives)
    check_triples(triples, negatives)
    model, tokenizer = _load(start, new_head=True)

    def loss(batch: Sequence[Triple], generator: np.random.Generator) -> torch.Tensor:
        pairs = []
        for triple in batch:
            chosen = generator.choice(len(triple.negatives), size=negatives, replace=False)
            pairs += [(triple.query, p) for p in (triple.positive, *(triple.negatives[i] for i in chosen))]
        logits = model(**read_pairs(tokenizer, pairs, max_tokens, settings.device)).logits
        logits = logits.float().view(len(batch), 1 + negatives)
        return torch.nn.functional.cross_entropy(logits, logits.new_zeros(len(batch), dtype=torch.int64))

    log = train(model, loss, triples, settings, checkpoint_folder=checkpoint_folder, progress=progress)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return log


def read_pairs(tokenizer: Any, pairs: Sequence[tuple[str, str]], max_tokens: int, device: str) -> Any:
    """Token ids of pairs; a pair that is too long is cut at its longer text."""
    queries, passages = zip(*pairs, strict=True)
    return tokenizer(
        list(queries),
        list(passages),
        padding=True,
        truncation="longest_first",
        max_length=max_tokens,
        return_tensors="pt",
    ).to(device)


def _load(start: str | Path, new_head: bool = False) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    path = checkpoint_path(start)
    options = {"num_labels": 1} if new_head else {}
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # a new head is drawn from a fixed seed: the same start, the same bytes
            model = AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32, **options)
        return model, AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:
        raise EnvironmentNotReady(
            f"no cross-encoder can be loaded: {error}",
            given=str(start),
            remedy="name a folder with config.json, weights and tokenizer",
        ) from error
