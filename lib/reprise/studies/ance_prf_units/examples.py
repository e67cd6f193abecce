"""The unit that makes training examples: for each training query its feedback, its positive, its negatives.

Queries are searched block by block, so that a list of 1,000 passages for half a million queries never stands
in memory or on disk; what is kept of it are the first few passages and the sampled negatives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.studies.retrieval_units.collections import open_collection
from reprise.studies.retrieval_units.dense import open_index, topic_vectors

BLOCK = 2048
"""Queries searched at a time."""

FILE = "examples.npz"


def make_examples(
    context: Any,
    *,
    split: str,
    feedback: int,
    depth: int,
    mined: int,
    max_queries: int | None,
    shard: int,
    shards: int,
    prebuilt: str | None,
) -> dict[str, Any]:
    """One shard of a split's queries: their first `feedback` passages, a positive, `mined` negatives.

    A query with several judged positives gives as many examples. Positives may stand among the feedback.
    """
    from reprise.retrieval.hard_negatives import mine_hard_negatives
    from reprise.retrieval.own_documents import search_documents

    collection = open_collection(context)
    topics, relevant = collection.split(split).topics, collection.positives(split)
    rows = _choose(topics, relevant, max_queries, shard, shards)
    index, vectors = open_index(context, prebuilt), topic_vectors(context)
    positives = {topics[i].id: sorted(relevant[topics[i].id]) for i in rows}
    generator = np.random.default_rng([context.seed, shard])
    made: list[tuple[int, str, list[str], tuple[str, ...]]] = []
    for start in context.progress(range(0, len(rows), BLOCK), label="first round"):
        block = rows[start : start + BLOCK]
        ids = [topics[i].id for i in block]
        run = search_documents(
            partial(index.search, ids, vectors[block], threads=context.threads),
            depth,
            remove_query=collection.remove_query,
        )
        if run.depth < feedback:
            raise InputError(
                "the first round finds fewer passages than feedback needs", given=(run.depth, feedback)
            )
        found = mine_hard_negatives(run, positives, mined, generator=generator, depth=depth)
        for i, first in zip(block, run.top(feedback), strict=True):
            topic = topics[i].id
            made += [(int(i), p, first, found.negatives[topic]) for p in positives[topic]]
    _save(context.folder / FILE, topics, made)
    in_feedback = sum(positive in first for _, positive, first, _ in made)
    return {"examples": len(made), "queries": len(rows), "positive_in_feedback": in_feedback}


def read_examples(folders: Sequence[Path], passages: Any, k: int) -> list[Any]:
    """The examples of all shards with the texts of their first k passages."""
    from reprise.retrieval.ance_prf import PrfExample

    examples = []
    for folder in folders:
        with np.load(folder / FILE, allow_pickle=False) as saved:
            ids = saved["doc_ids"]
            first, negatives, positives = (saved[n] for n in ("feedback", "negatives", "positives"))
            texts = passages.texts(ids[np.unique(first[:, :k])].tolist()) if k else {}
            for row, query in enumerate(saved["queries"].tolist()):
                read = tuple(texts[d] for d in ids[first[row, :k]].tolist())
                examples.append(PrfExample(query, read, str(ids[positives[row]]), ids[negatives[row]]))
    return examples


def _choose(
    topics: Sequence[Any],
    relevant: Mapping[str, Mapping[str, int]],
    max_queries: int | None,
    shard: int,
    shards: int,
) -> np.ndarray:
    """Rows of the shard's queries that have a positive; which ones are used follows from their ids alone."""
    from reprise.experiment.unit import seed_for

    usable = [i for i, t in enumerate(topics) if t.id in relevant]
    if not usable:
        raise InputError("no training query has a positive", remedy="train on a split that is judged")
    if max_queries is not None and max_queries < len(usable):
        by_hash = sorted(usable, key=lambda i: seed_for("ance_prf", "training query", topics[i].id))
        usable = sorted(by_hash[:max_queries])
    return np.array(usable[shard::shards], np.int64)


def _save(
    path: Path, topics: Sequence[Any], made: Sequence[tuple[int, str, list[str], tuple[str, ...]]]
) -> None:
    columns = [np.array([positive for _, positive, _, _ in made])[:, None]]
    columns += [np.array([row[part] for row in made]) for part in (2, 3)]
    doc_ids, places = np.unique(np.hstack(columns), return_inverse=True)
    places = places.reshape(len(made), -1).astype(np.int32)
    width = columns[1].shape[1]
    np.savez_compressed(
        path,
        queries=np.array([topics[i].text for i, *_ in made]),
        doc_ids=doc_ids,
        positives=places[:, 0],
        feedback=places[:, 1 : 1 + width],
        negatives=places[:, 1 + width :],
    )
