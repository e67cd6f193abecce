"""Units that read text with a language model: what it costs it, what it continues it with, how fast it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.language.forward import read
from reprise.language.generation import generate
from reprise.language.perplexity import score_documents
from reprise.language.tokens import chat_prompt, decode, encode
from reprise.studies.language_units.model import open_model
from reprise.studies.language_units.tasks import code_source

PREFILL, DECODING, OPENING = "reading: tokens a second", "writing: tokens a second", "opening: seconds"
TIMINGS = (PREFILL, DECODING, OPENING)
"""Measures that no second run gives again."""

LOSS = "nats a token"


def read_text(context: Any, *, kind: str, documents: int, window: int, precision: str) -> dict[str, Any]:
    """Perplexity over documents of exactly `window` tokens, and the mean loss by how much stood before a
    token.

    `kind` is "prose" (docstrings of the collection) or "code" (functions, one after the other, of the same
    packages).
    """
    lm = open_model(context, precision)
    texts = []
    for text in _texts(context, kind):
        if len(ids := encode(lm, text)) >= window:
            texts.append(ids[:window])
        if len(texts) == documents:
            break
    else:
        raise InputError(
            f"there are only {len(texts)} texts of {window:,} tokens of {kind}",
            given=documents,
            remedy="ask for fewer documents, or a shorter window",
        )
    scored = score_documents(lm, texts, window=window, progress=context.progress)
    edges = [1, *(2**k for k in range(3, 20) if 2**k < window), window]
    cells = [
        _cell(kind, "perplexity", {}, scored.perplexity, len(texts)),
        _cell(kind, LOSS, {}, float(scored.documents.mean()), len(texts), scored.documents),
    ]
    for begin, end in pairwise(edges):
        means = np.array([losses[begin - 1 : end - 1].mean() for losses in scored.losses])
        cells.append(
            _cell(kind, f"{LOSS} by place", {"place": str(end)}, float(means.mean()), len(texts), means)
        )
    return {"cells": cells, "tokens": scored.tokens}


def write_text(
    context: Any, *, prompts: Sequence[dict[str, str]], new_tokens: int, precision: str
) -> dict[str, Any]:
    """Greedy continuations of prompts; of "chat" ones the model's answer."""
    lm = open_model(context, precision)
    given = [chat_prompt(lm, p["text"]) if p["form"] == "chat" else p["text"] for p in prompts]
    made = generate(lm, given, new_tokens=new_tokens)
    return {
        "completions": [
            {
                **prompt,
                "continuation": one.text,
                "ended": one.ended,
                "log_likelihood": float(sum(one.log_likelihoods)),
            }
            for prompt, one in zip(prompts, made, strict=True)
        ]
    }


def time_reading(
    context: Any, *, lengths: Sequence[int], batches: Sequence[int], new_tokens: int, precision: str
) -> dict[str, Any]:
    """Tokens a second, with the unit's threads, of reading prompts of each length and of writing for many at
    once."""
    import torch

    start = perf_counter()
    lm = open_model(context, precision)
    cells = [_speed(OPENING, {}, perf_counter() - start)]
    ids = np.random.default_rng(context.seed).integers(100, lm.vocabulary, max(lengths)).tolist()
    with torch.inference_mode():
        read(lm, torch.tensor([ids[:32]]))  # the first pass pays for what later ones find ready
        for length in lengths:
            start = perf_counter()
            read(lm, torch.tensor([ids[:length]]))
            cells.append(_speed(PREFILL, {"tokens": str(length)}, length / (perf_counter() - start)))
    prompt = decode(lm, ids[:32])
    for count in batches:
        start = perf_counter()
        generate(lm, [prompt] * count, new_tokens=1, batch_size=count)
        before, start = perf_counter() - start, perf_counter()
        generate(lm, [prompt] * count, new_tokens=new_tokens + 1, batch_size=count, stop_at_end=False)
        seconds = max(perf_counter() - start - before, 1e-9)
        cells.append(_speed(DECODING, {"prompts": str(count)}, count * new_tokens / seconds))
    return {"cells": cells}


def _texts(context: Any, kind: str) -> Any:
    from reprise.data.python_code import read_functions
    from reprise.studies.retrieval_units.collections import open_collection

    collection = open_collection(context)
    if kind == "prose":
        order = np.random.default_rng(context.seed).permutation(len(collection.documents))
        yield from (collection.documents[i].text for i in order)
    else:
        functions = ["\n".join(f.lines) for f in read_functions(code_source())]
        order = np.random.default_rng(context.seed).permutation(len(functions))
        for at in range(0, len(order), 25):
            yield "\n\n\n".join(functions[i] for i in order[at : at + 25])


def _cell(
    kind: str, measure: str, factors: dict[str, str], value: float, n: int, samples: np.ndarray | None = None
) -> dict[str, Any]:
    cell = {
        "dataset": "text",
        "measure": measure,
        "factors": {"kind": kind, **factors},
        "value": value,
        "n": n,
    }
    return (
        cell if samples is None else {**cell, "samples": {f"d{i}": float(v) for i, v in enumerate(samples)}}
    )


def _speed(measure: str, factors: dict[str, str], value: float) -> dict[str, Any]:
    return {"dataset": "speed", "measure": measure, "factors": factors, "value": float(value)}
