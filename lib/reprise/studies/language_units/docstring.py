"""A unit that lets a language model read one docstring: continue it, choose its summary, say how likely it
is."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.language.generation import generate
from reprise.language.perplexity import score_documents
from reprise.language.tokens import encode
from reprise.studies.language_units.answer import scored_example
from reprise.studies.language_units.model import open_model
from reprise.studies.language_units.tasks import summary_questions
from reprise.studies.retrieval_units.collections import open_collection

BEGINNING, NEW_TOKENS, LONGEST = 30, 32, 512


def read_docstring(context: Any, *, precision: str) -> dict[str, Any]:
    """The first document by chance that is neither short nor long; what the model makes of it."""
    collection, lm = open_collection(context), open_model(context, precision)
    generator = np.random.default_rng(context.seed)
    order = generator.permutation(len(collection.documents))
    fitting = (
        document
        for document in (collection.documents[i] for i in order)
        if len(document.text.split()) > 2 * BEGINNING and len(encode(lm, document.text)) <= LONGEST
    )
    document = next(fitting, None)
    if document is None:
        raise InputError("the collection has no docstring of a fitting length", given=collection.name)
    beginning = " ".join(document.text.split()[:BEGINNING])
    written = generate(lm, [beginning], new_tokens=NEW_TOKENS)[0]
    scored = score_documents(lm, [document.text], window=LONGEST)
    question = summary_questions(1, generator, collection)[0]
    return {
        "completions": [
            {"form": "plain", "text": beginning, "continuation": written.text, "ended": written.ended}
        ],
        "questions": [scored_example("summaries", lm, question)],
        "cells": [
            {
                "dataset": "pydocs",
                "measure": measure,
                "factors": {"document": document.id},
                "value": float(value),
            }
            for measure, value in (("perplexity", scored.perplexity), ("tokens", scored.tokens))
        ],
    }
