"""Perplexity over documents, in windows that overlap: each token is scored once, after as much as its window
holds.

A document longer than `window` is read in windows that begin `stride` tokens apart; of each but the first
only the last tokens, those not scored before, count, so that every one of them has at least `window - stride`
tokens of context. The first token of a document has none and is not scored. Documents do not see each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.language.forward import batches, pad_right, read, token_log_likelihoods
from reprise.language.model import LanguageModel, Progress
from reprise.language.tokens import check_length, encode

BATCH_TOKENS = 2048
"""Tokens read at once, where windows are short."""


@dataclass(frozen=True)
class Likelihoods:
    """-log p of the scored tokens (nats), an array a document; the first of a document belongs to its second
    token."""

    losses: tuple[np.ndarray, ...]
    window: int
    stride: int

    @property
    def tokens(self) -> int:
        """How many were scored."""
        return sum(map(len, self.losses))

    @property
    def documents(self) -> np.ndarray:
        """Mean loss a token of each document, in nats: the samples of any test."""
        return np.array([losses.mean() for losses in self.losses])

    @property
    def mean(self) -> float:
        """Mean loss a token over all documents, in nats."""
        return float(np.concatenate(self.losses).mean())

    @property
    def perplexity(self) -> float:
        """e to the mean loss.

        >>> Likelihoods((np.log([2.0, 8.0]),), 4, 2).perplexity
        4.0
        """
        return float(np.exp(self.mean))


def score_documents(
    lm: LanguageModel,
    texts: Sequence[str] | Sequence[Sequence[int]],
    *,
    window: int,
    stride: int | None = None,
    progress: Progress | None = None,
) -> Likelihoods:
    """The losses of every token of every text (or its ids) but its first; `stride` is half the window if left
    out.

    Raises `ParameterError` unless 1 <= stride < window <= the model's context, and `InputError` for no texts
    or a text of fewer than two tokens.
    """
    stride = window // 2 if stride is None else stride
    if not 1 <= stride < window:
        raise ParameterError(
            "a stride lies between 1 and the window", given={"stride": stride, "window": window}
        )
    check_length(lm, window, "the window")
    documents = [encode(lm, text) if isinstance(text, str) else [*text] for text in texts]
    short = [number for number, ids in enumerate(documents) if len(ids) < 2]
    if short or not documents:
        raise InputError("perplexity needs documents of at least two tokens", given=short or "none")
    import torch

    losses = [np.zeros(len(ids) - 1) for ids in documents]
    pieces = [(n, *span) for n, ids in enumerate(documents) for span in windows(len(ids), window, stride)]
    groups = batches([end - begin for _, begin, end, _ in pieces], BATCH_TOKENS)
    with torch.inference_mode():
        for group in progress(groups, total=len(groups)) if progress else groups:
            rows = [documents[n][begin:end] for n, begin, end, _ in (pieces[i] for i in group)]
            states = read(lm, pad_right(lm, rows))
            for row, piece in enumerate(group):
                n, begin, end, first = pieces[piece]
                targets = torch.tensor(documents[n][first:end], device=lm.device)
                before = states[row, first - 1 - begin : end - 1 - begin]
                losses[n][first - 1 : end - 1] = -token_log_likelihoods(lm, before, targets).cpu().numpy()
    return Likelihoods(tuple(losses), window, stride)


def windows(count: int, window: int, stride: int) -> list[tuple[int, int, int]]:
    """(begin, end, first scored) of each window over `count` tokens.

    >>> windows(10, 6, 3)
    [(0, 6, 1), (3, 9, 6), (6, 10, 9)]
    """
    found, scored, begin = [], 1, 0
    while scored < count:
        end = min(begin + window, count)
        found.append((begin, end, scored))
        scored, begin = end, begin + stride
    return found
