"""What a retriever is trained on: a query, a passage that answers it, and passages that do not.

Queries and passages are texts, or any strings that stand for them: heads over stored states look both up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reprise.errors import InputError


class Triple(NamedTuple):
    """A training query, a passage that is relevant to it, and hard negatives to choose from."""

    query: str
    positive: str
    negatives: tuple[str, ...] = ()


class TrainingBatch(NamedTuple):
    """Texts of one step: passage i is the positive of query i, hard negatives follow, query by query.

    `ignored` (queries, passages) marks the passages that are the same text as the query's positive: they
    are neither right nor wrong answers and are left out of the loss.
    """

    queries: list[str]
    passages: list[str]
    ignored: np.ndarray


def make_batch(triples: Sequence[Triple], negatives: int, generator: np.random.Generator) -> TrainingBatch:
    """Draw `negatives` hard negatives a query, without replacement, and lay the texts out.

    >>> triples = [Triple("q1", "a", ("b",)), Triple("q2", "b", ("c",))]
    >>> batch = make_batch(triples, 1, np.random.default_rng(0))
    >>> batch.passages
    ['a', 'b', 'b', 'c']
    >>> batch.ignored.astype(int).tolist()
    [[0, 0, 0, 0], [0, 0, 1, 0]]
    """
    passages = [t.positive for t in triples]
    for triple in triples if negatives else ():
        chosen = generator.choice(len(triple.negatives), size=negatives, replace=False)
        passages += [triple.negatives[i] for i in chosen]
    number: dict[str, int] = {}
    same = np.array([number.setdefault(passage, len(number)) for passage in passages])
    ignored = same[: len(triples), None] == same  # the first passages are the positives
    np.fill_diagonal(ignored, False)
    return TrainingBatch([t.query for t in triples], passages, ignored)


def check_triples(triples: Sequence[Triple], negatives: int) -> None:
    """Raise `InputError`, naming the first query that cannot be trained on."""
    if negatives < 0:
        raise InputError("negatives must not be below 0", given=negatives)
    for triple in triples:
        if not triple.query.strip() or not triple.positive.strip():
            raise InputError("a training pair has an empty text", given=tuple(triple[:2]))
        if len(triple.negatives) < negatives:
            raise InputError(
                f"training query {triple.query!r} has too few hard negatives",
                given=(len(triple.negatives), negatives),
                remedy="mine more, or ask for fewer negatives a query",
            )
