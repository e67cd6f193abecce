"""Continue many prompts at once, a token a step, greedily or by any sampler.

Prompts of a batch are padded in front and masked, so that each continues as it would alone (up to rounding).
Each prompt has a random generator of its own, named by its place in the list: what it draws does not depend
on its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import ParameterError
from reprise.language.cache import make_cache
from reprise.language.forward import head, read
from reprise.language.model import LanguageModel, Progress
from reprise.language.tokens import check_ids, check_length, decode, encode

if TYPE_CHECKING:
    import torch


Sampler = Callable[["torch.Tensor", Sequence[np.random.Generator]], "torch.Tensor"]
"""Logits (rows, vocabulary) float32 and a generator a row, to the id (rows,) that comes next."""


@dataclass(frozen=True)
class Continuation:
    """What one prompt became: its new ids (the end token too), its text, log p of each id under the model
    itself.

    `ended` says that the model ended it; otherwise it was cut at the number of tokens asked for.
    """

    ids: tuple[int, ...]
    text: str
    log_likelihoods: tuple[float, ...]
    ended: bool


def greedy(logits: torch.Tensor, generators: Sequence[np.random.Generator]) -> torch.Tensor:
    """The likeliest token; the first of equals."""
    return logits.argmax(-1)


def generate(
    lm: LanguageModel,
    prompts: Sequence[str],
    *,
    new_tokens: int,
    sampler: Sampler = greedy,
    seed: int = 0,
    batch_size: int = 32,
    stop_at_end: bool = True,
    progress: Progress | None = None,
) -> list[Continuation]:
    """At most `new_tokens` tokens after each prompt, in the order of the prompts.

    Without `stop_at_end` an end token is a token as any other. Raises `ParameterError` for no tokens or an
    empty batch, and `InputError`, before anything is read, for a prompt that does not fit the context with
    its new tokens.
    """
    import torch

    if new_tokens < 1 or batch_size < 1:
        raise ParameterError(
            "there is at least one new token and one prompt a batch", given=[new_tokens, batch_size]
        )
    rows = [encode(lm, prompt) for prompt in prompts]
    for number, ids in enumerate(rows):
        check_ids(lm, ids, f"prompt {number}")
        check_length(lm, len(ids) + new_tokens, f"prompt {number} with its new tokens")
    order = sorted(
        range(len(rows)), key=lambda i: (-len(rows[i]), i)
    )  # neighbours of like length, little padding
    parts = [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
    found: dict[int, Continuation] = {}
    with torch.inference_mode():
        for part in progress(parts, total=len(parts)) if progress else parts:
            generators = [np.random.default_rng([seed, number]) for number in part]
            ends = lm.end_tokens if stop_at_end else frozenset()
            made = _continue(lm, [rows[i] for i in part], new_tokens, sampler, generators, ends)
            found.update(zip(part, made, strict=True))
    return [found[i] for i in range(len(rows))]


def _continue(
    lm: LanguageModel,
    rows: Sequence[list[int]],
    new_tokens: int,
    sampler: Sampler,
    generators: Sequence[np.random.Generator],
    ends: frozenset[int],
) -> list[Continuation]:
    import torch

    width, device = max(map(len, rows)), lm.device
    padding = torch.tensor([width - len(row) for row in rows], device=device)
    filler = lm.tokenizer.pad_token_id or 0
    ids = torch.tensor([[*[filler] * (width - len(row)), *row] for row in rows], device=device)
    seen = torch.arange(width + new_tokens, device=device)[None] >= padding[:, None]
    places = (torch.arange(width, device=device)[None] - padding[:, None]).clamp(min=0)
    same = not bool(padding.any())
    cache = make_cache(lm, width + new_tokens)
    chosen: list[list[int]] = [[] for _ in rows]
    logs: list[list[float]] = [[] for _ in rows]
    open_rows = set(range(len(rows)))
    for step in range(new_tokens):
        mask = None if same else _sees(seen[:, : width + step], ids.shape[1])
        states = read(lm, ids, cache=cache, mask=mask, positions=None if same else places)[:, -1]
        logits = head(lm, states)
        ids = sampler(logits, generators).view(-1, 1)
        likelihoods = torch.log_softmax(logits, -1).gather(1, ids)[:, 0].tolist()
        for row in sorted(open_rows):
            chosen[row].append(int(ids[row, 0]))
            logs[row].append(likelihoods[row])
            if chosen[row][-1] in ends:
                open_rows.discard(row)
        if not open_rows:
            break
        places = places[:, -1:] + 1
    return [
        Continuation(tuple(c), decode(lm, c), tuple(log), row not in open_rows)
        for row, (c, log) in enumerate(zip(chosen, logs, strict=True))
    ]


def _sees(real: torch.Tensor, queries: int) -> torch.Tensor:
    """True (rows, 1, queries, keys) where one of the last `queries` tokens sees another: a real one before
    it, or itself, so that padding sees something too and no row is empty.

    >>> import torch
    >>> _sees(torch.tensor([[False, True, True]]), 3)[0, 0].int().tolist()
    [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    """
    import torch

    keys = real.shape[1]
    own = torch.arange(keys - queries, keys, device=real.device)[:, None]
    other = torch.arange(keys, device=real.device)[None]
    return ((other <= own) & real[:, None, :] | (other == own))[:, None]
