"""Units that say how good the embedded stand-ins are: the query generators and the cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from reprise.studies.hash_units.adaptation import open_generator_named, open_teacher
from reprise.studies.hash_units.vectors import open_encoder, read_vectors
from reprise.studies.retrieval_units.collections import open_collection
from reprise.studies.retrieval_units.judge import Judge


def generator_quality(
    context: Any,
    *,
    generators: Sequence[str],
    released: str | None,
    held_out: int,
    encoder: str | None,
    reading: dict,
) -> dict[str, Any]:
    """On held-out source documents: does a query find its document, and has it the words of the real one.

    The round trip is the reciprocal rank of the document in the base retriever's list; the real training
    query ("summary") is beside the generators as what could be reached.
    """
    from reprise.retrieval.query_generation import token_overlap

    collection = open_collection(context)
    qrels = collection.positives("train")
    topics = [t for t in collection.split("train").topics if t.id in qrels][-held_out:]
    place = {d: i for i, d in enumerate(collection.doc_ids)}
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    documents = [max(qrels[t.id], key=qrels[t.id].get) for t in topics]
    base, made = (
        read_vectors(context, "base").documents,
        open_encoder(context, encoder, **reading),
    )
    cells, examples = [], []
    for name in ("summary", *generators):
        if name == "summary":
            said = [[t.text] for t in topics]
        else:
            generator = open_generator_named(context, name, released, encoder, reading)
            said = generator.generate([texts[d] for d in documents], 1, context.seed)
        first = [of_one[0] if of_one else "" for of_one in said]
        asked = [i for i, query in enumerate(first) if query]
        ranks = np.zeros(len(first))
        if asked:
            scores = made.encode_queries([first[i] for i in asked]) @ base.T
            own = scores[np.arange(len(asked)), [place[documents[i]] for i in asked]]
            ranks[asked] = 1 / (1 + (scores > own[:, None]).sum(1))
        overlap = [token_overlap(query, t.text) for query, t in zip(first, topics, strict=True)]
        for measure, values in (("round trip", ranks.tolist()), ("word overlap", overlap)):
            cells.append(
                {
                    "dataset": "source, held out",
                    "measure": measure,
                    "factors": {"generator": name},
                    "value": float(np.mean(values)),
                    "n": len(values),
                    "samples": {t.id: float(v) for t, v in zip(topics, values, strict=True)},
                }
            )
        examples.append({"generator": name, "queries": first[:3]})
    return {"cells": cells, "examples": examples}


def teacher_quality(
    context: Any, *, judged: dict, depth: int, teacher: str | None, precision: str, max_tokens: int, most: int
) -> dict[str, Any]:
    """nDCG@10 on source topics for development: the base retriever, and its top reranked by the teacher."""
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.own_documents import search_documents
    from reprise.retrieval.run import Run

    collection = open_collection(context)
    judge = Judge(context, **judged)
    vectors = read_vectors(context, "base", judged["split"])
    index = DenseIndex.from_vectors(collection.doc_ids, vectors.documents)
    run = search_documents(
        partial(index.search, judge.topics, vectors.topics[judged["split"]]),
        depth,
        remove_query=judge.remove_query,
    )
    topics = judge.topics[:most]
    tops = dict(zip(run.query_ids, run.top(depth), strict=True))
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    pairs = [(judge.texts[t], texts[d]) for t in topics for d in tops[t]]
    scores = iter(
        open_teacher(context, teacher, precision, max_tokens).score(pairs, context.progress).tolist()
    )
    reranked = Run.from_dict("reranked", {t: {d: next(scores) for d in tops[t]} for t in topics})
    judge.topics = topics
    return {
        "cells": [
            *judge.cells(run.select(topics), {"reranker": "none"}),
            *judge.cells(reranked, {"reranker": "cross-encoder"}),
        ]
    }
