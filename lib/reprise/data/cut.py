"""Smaller versions of a collection, with what is judged always kept.

What stays is decided by a hash of each id, so a cut is the same on every machine and does not follow the
order of the ids.
"""

from __future__ import annotations

import hashlib

from reprise.data.collection import Collection, Split
from reprise.errors import ParameterError

JUDGED_SHARE = 0.5
"""With `max_documents`, what the topics for evaluation are judged on may fill this share of it."""


def cut_collection(
    collection: Collection,
    *,
    max_documents: int | None = None,
    max_topics: int | None = None,
    max_train: int | None = None,
) -> Collection:
    """At most so many documents, topics in every split but "train", and training queries.

    Every document that a kept topic is judged on stays. With `max_documents`, topics are taken in hash order
    while their judged documents fit: topics for evaluation into half of the documents, training queries into
    what is left; the rest are documents that no kept topic names. Raises `ParameterError` for a limit below 1
    (`max_train` may be 0).
    """
    check_limits(max_documents, max_topics, max_train)
    known = set(collection.doc_ids)
    total = len(known)
    room = min(max_documents or total, total)
    if room == total and max_topics is None and max_train is None:
        return collection
    judged: set[str] = set()
    kept: dict[str, set[str]] = {}
    evaluated = sorted(name for name in collection.splits if name != "train")
    for name in [*evaluated, *({"train"} & set(collection.splits))]:
        split = collection.splits[name]
        limit = max_train if name == "train" else max_topics
        # each split gets its equal part, so that none is left without topics
        share = 1.0 if name == "train" else JUDGED_SHARE * (evaluated.index(name) + 1) / len(evaluated)
        allowed = room if room == total else int(room * share)
        kept[name] = set()
        for topic in sorted((t.id for t in split.topics), key=_hash):
            if limit is not None and len(kept[name]) >= limit:
                break
            needed = judged | (split.qrels.get(topic, {}).keys() & known)
            if len(needed) <= allowed:
                judged = needed
                kept[name].add(topic)
    rest = sorted((d.id for d in collection.documents if d.id not in judged), key=_hash)
    return _restrict(collection, judged | set(rest[: room - len(judged)]), kept)


def check_limits(max_documents: int | None, max_topics: int | None, max_train: int | None) -> None:
    """Refuse a limit that is not a whole number of at least 1 (0 for `max_train`), by `ParameterError`."""
    for name, limit, least in (
        ("max_documents", max_documents, 1),
        ("max_topics", max_topics, 1),
        ("max_train", max_train, 0),
    ):
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < least):
            raise ParameterError(
                f"{name} must be a whole number of at least {least}",
                given=limit,
                remedy="give a larger number, or leave it out",
            )


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _restrict(collection: Collection, documents: set[str], topics: dict[str, set[str]]) -> Collection:
    splits = {
        name: Split(
            tuple(t for t in split.topics if t.id in topics[name]),
            {q: judged for q, judged in split.qrels.items() if q in topics[name]},
        )
        for name, split in collection.splits.items()
    }
    return Collection(
        collection.name,
        tuple(d for d in collection.documents if d.id in documents),
        splits,
        collection.relevance_threshold,
        collection.remove_query,
        collection.oddities,
    )
