"""Log-likelihood of options after a prompt, with the prompt read once for all of them.

The options of a question are read in one pass behind the prompt's cache: each sees the prompt and itself, at
the positions that it would have alone. What the next prompt has in common with this one (a system turn,
examples, a passage) stays in the cache as well. The result is what reading prompt and option together gives,
up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import InputError
from reprise.language.cache import cut_cache, make_cache
from reprise.language.forward import read, token_log_likelihoods
from reprise.language.model import LanguageModel, Progress
from reprise.language.tokens import check_ids, check_length, encode, encode_continuation

if TYPE_CHECKING:
    import torch
    from transformers.cache_utils import Cache


Question = tuple[str, Sequence[str]]
"""A prompt and its options, each with the space or line end that it begins with."""


def score_options(
    lm: LanguageModel, questions: Sequence[Question], progress: Progress | None = None
) -> list[list[np.ndarray]]:
    """log p of every token (float64) of every option of every question, natural logarithm.

    Sum an option's for its likelihood, or take the mean where options differ in length for no reason of
    content. Raises `InputError`, before anything is read, for a question without options, an option without
    tokens, and a prompt that does not fit the context with its longest option.
    """
    import torch

    prepared = []
    for number, (prompt, options) in enumerate(questions):
        ids, others = encode(lm, prompt), [encode_continuation(lm, option) for option in options]
        if not others:
            raise InputError(f"question {number} has no options", given=prompt)
        check_ids(lm, ids, f"the prompt of question {number}")
        check_length(lm, len(ids) + max(map(len, others)), f"question {number} with its longest option")
        prepared.append((ids, others))
    if not prepared:
        return []
    cache = make_cache(lm, max(len(ids) + sum(map(len, others)) for ids, others in prepared))
    held: list[int] = []
    found = []
    with torch.inference_mode():
        for ids, others in progress(prepared, total=len(prepared)) if progress else prepared:
            last = _read_on(lm, cache, held, ids)
            found.append(_score(lm, cache, last, others))
            cut_cache(cache, len(ids))
            held = ids
    return found


def best_option(scores: Sequence[np.ndarray], *, mean: bool = False) -> int:
    """The number of the likeliest option, by the sum (or mean) of its tokens' log-likelihoods; the first of
    equals.

    >>> best_option([np.array([-1.0, -1.0]), np.array([-1.5])]), best_option(
    ...     [np.array([-1.0, -1.0]), np.array([-1.5])], mean=True)
    (1, 0)
    """
    return int(np.argmax([s.mean() if mean else s.sum() for s in scores]))


def _read_on(lm: LanguageModel, cache: Cache, held: Sequence[int], ids: list[int]) -> torch.Tensor:
    """Read what the cache does not hold yet of `ids`; gives the state (dim,) of the last token."""
    import torch

    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(held, ids, strict=False)))
    same = min(same, len(ids) - 1)  # the last token is read in any case: its state predicts the option
    cut_cache(cache, same)
    return read(lm, torch.tensor([ids[same:]], device=lm.device), cache=cache)[0, -1]


def _score(
    lm: LanguageModel, cache: Cache, last: torch.Tensor, options: Sequence[list[int]]
) -> list[np.ndarray]:
    import torch

    # an option's last token is predicted but predicts nothing
    tails = [option[:-1] for option in options]
    count, before = sum(map(len, tails)), cache.get_seq_length()
    states = [last[None]] * len(options)
    if count:
        ids = torch.tensor([[token for tail in tails for token in tail]], device=lm.device)
        positions = torch.tensor([[before + i for tail in tails for i in range(len(tail))]], device=lm.device)
        behind = read(
            lm, ids, cache=cache, mask=_tree_mask(map(len, tails), before).to(lm.device), positions=positions
        )
        pieces = behind[0].split([len(tail) for tail in tails])
        states = [torch.cat([last[None], piece]) for piece in pieces]
    targets = torch.tensor([token for option in options for token in option], device=lm.device)
    scores = token_log_likelihoods(lm, torch.cat(states), targets).cpu().numpy().astype(float)
    return np.split(scores, np.cumsum([len(option) for option in options])[:-1])


def _tree_mask(lengths: Iterable[int], before: int) -> torch.Tensor:
    """True (1, 1, tokens, before + tokens) where a token sees another: the prompt, and its own option so far.

    >>> _tree_mask([2, 1], before=1)[0, 0].int().tolist()
    [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1]]
    """
    import torch

    owners = torch.tensor([number for number, length in enumerate(lengths) for _ in range(length)])
    own = (owners[:, None] == owners[None]).tril()
    return torch.cat([torch.ones(len(owners), before, dtype=torch.bool), own], 1)[None, None]
