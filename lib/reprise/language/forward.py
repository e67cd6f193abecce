"""One pass through the model: token ids to last states, states to logits, and rows of many lengths in
batches.

The head, which for a small model is a fifth of the work, is applied only to the positions that are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reprise.errors import InputError
from reprise.language.model import LanguageModel
from reprise.language.tokens import check_ids

if TYPE_CHECKING:
    import torch
    from transformers.cache_utils import Cache

HEAD_ROWS = 256
"""Positions that the head is applied to at once: 50 MB of logits for a vocabulary of 49,152."""


def read(
    lm: LanguageModel,
    ids: torch.Tensor,
    *,
    cache: Cache | None = None,
    mask: torch.Tensor | None = None,
    positions: torch.Tensor | None = None,
) -> torch.Tensor:
    """The last states, (rows, tokens, dim) after the final norm, of ids (rows, tokens).

    They follow what the cache holds, and are added to it. `mask` (rows, all tokens) is 0 at padding, or True
    (rows, 1, tokens, all tokens) where a token sees another; without one a token sees all before it.
    `positions` (rows, tokens) count from 0 where they are not simply the next ones.
    """
    return lm.model.base_model(
        input_ids=ids,
        past_key_values=cache,
        use_cache=cache is not None,
        attention_mask=mask,
        position_ids=positions,
    ).last_hidden_state


def head(lm: LanguageModel, states: torch.Tensor) -> torch.Tensor:
    """Logits over the vocabulary (..., vocabulary) float32 of last states (..., dim)."""
    return lm.model.get_output_embeddings()(states).float()


def logits_at(lm: LanguageModel, ids: Sequence[int], positions: Sequence[int]) -> torch.Tensor:
    """Logits (positions, vocabulary) float32 of what follows each of these positions of one text.

    Position p has read ids[: p + 1]. Raises `InputError` for a text that does not fit the context, and for a
    position outside it.
    """
    import torch

    check_ids(lm, ids)
    if not all(0 <= p < len(ids) for p in positions):
        raise InputError(
            "a position lies outside the text", given=list(positions), remedy=f"0 to {len(ids) - 1}"
        )
    with torch.inference_mode():
        states = read(lm, torch.tensor([list(ids)], device=lm.device))[0]
        return head(lm, states[list(positions)])


def token_log_likelihoods(lm: LanguageModel, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """log p (tokens,) float32 of each target id after the state (tokens, dim) before it, some rows at a
    time."""
    import torch

    parts = [
        torch.log_softmax(head(lm, states[at : at + HEAD_ROWS]), -1)
        .gather(1, targets[at : at + HEAD_ROWS, None])
        .squeeze(1)
        for at in range(0, len(targets), HEAD_ROWS)
    ]
    return torch.cat(parts) if parts else torch.zeros(0)


def batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Numbers of rows, longest first, in batches of at most so many tokens with padding (a longer row stays
    alone).

    >>> batches([3, 9, 2, 4], tokens=8)
    [[1], [3, 0], [2]]
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    found: list[list[int]] = []
    for row in order:
        if found and (len(found[-1]) + 1) * max(lengths[found[-1][0]], 1) <= tokens:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def pad_right(lm: LanguageModel, rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """The rows as one matrix of ids. A causal model's tokens see nothing behind them, so no mask is
    needed."""
    import torch

    width = max(map(len, rows))
    filler = lm.tokenizer.pad_token_id or 0
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows], device=lm.device)
