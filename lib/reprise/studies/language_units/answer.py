"""Units that ask a language model multiple-choice questions, and say how many it got right and what guessing
would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reprise.language.model import LanguageModel
from reprise.language.scoring import best_option, score_options
from reprise.studies.language_units.model import open_model
from reprise.studies.language_units.tasks import TASKS, Asked

ACCURACY = "accuracy"


def answer_task(context: Any, *, task: str, count: int, precision: str) -> dict[str, Any]:
    """A task made from text that is there: its cells, and its first question as an example."""
    from reprise.studies.retrieval_units.collections import open_collection

    collection = open_collection(context) if context.has("collection") else None
    asked = TASKS[task](count, np.random.default_rng(context.seed), collection)
    return _answer(context, task, asked, precision)


def answer_set(context: Any, *, name: str, part: str, count: int, precision: str) -> dict[str, Any]:
    """The first `count` questions, by chance, of an open question set."""
    from reprise.data.questions import load_questions

    found = load_questions(name, part)
    chosen = [q for q in found.questions if q.choices]
    order = np.random.default_rng(context.seed).permutation(len(chosen))[:count]
    asked = [
        Asked(
            q.id,
            "\n".join(line for line in (q.passage, f"Question: {q.question}", "Answer:") if line),
            tuple(f" {choice}" for choice in q.choices),
            q.answer,
            q.subject or q.id,
            mean=True,
        )
        for q in (chosen[i] for i in order)
    ]
    oddities = [str(oddity) for oddity in found.oddities]
    return {**_answer(context, name, asked, precision), "oddities": oddities}


def _answer(context: Any, task: str, asked: Sequence[Asked], precision: str) -> dict[str, Any]:
    lm = open_model(context, precision)
    # questions with a long beginning in common stand side by side: it is read once
    order = sorted(range(len(asked)), key=lambda i: (asked[i].group, i))
    scored = score_options(lm, [(asked[i].prompt, asked[i].options) for i in order], context.progress)
    right = {
        asked[i].name: float(best_option(scores, mean=asked[i].mean) == asked[i].answer)
        for i, scores in zip(order, scored, strict=True)
    }
    chance = {a.name: 1 / len(a.options) for a in asked}
    return {
        "cells": [
            _cell(task, "model", right),
            _cell(task, "guessing", chance),
        ],
        "example": _example(task, asked[order[0]], scored[0]),
    }


def scored_example(task: str, lm: LanguageModel, asked: Asked) -> dict[str, Any]:
    """One question with the scores of its options."""
    return _example(task, asked, score_options(lm, [(asked.prompt, asked.options)])[0])


def _example(task: str, asked: Asked, scores: Sequence[np.ndarray]) -> dict[str, Any]:
    return {
        "task": task,
        "prompt": asked.prompt,
        "right": asked.answer,
        "mean": asked.mean,
        "options": [
            {"text": text, "log_likelihood": float(score.sum()), "tokens": len(score)}
            for text, score in zip(asked.options, scores, strict=True)
        ],
    }


def _cell(task: str, who: str, samples: dict[str, float]) -> dict[str, Any]:
    values = list(samples.values())
    return {
        "dataset": "tasks",
        "measure": ACCURACY,
        "factors": {"task": task, "who": who},
        "value": float(np.mean(values)),
        "n": len(values),
        "samples": samples,
    }
