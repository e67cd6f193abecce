"""What is refused in the arrays of a run, and positions made to count only the documents that occur."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reprise.errors import InputError
from reprise.texts import id_array


def first_repeated(values: np.ndarray) -> str | None:
    """The first value of a sorted array that stands there twice."""
    repeats = np.flatnonzero(values[1:] == values[:-1])
    return str(values[repeats[0]]) if len(repeats) else None


def refuse_infinite(
    name: str,
    query_ids: tuple[str, ...],
    doc_ids: Sequence[str] | np.ndarray,
    docs: np.ndarray,
    scores: np.ndarray,
    found: np.ndarray,
) -> None:
    """Raise `InputError`, naming query and document, for a score that is not a finite number."""
    bad = np.argwhere(found & ~np.isfinite(scores))
    if len(bad):
        query, rank = bad[0]
        document = str(doc_ids[docs[query, rank]])
        raise InputError(
            f"run {name!r}: query {query_ids[query]!r}, document {document!r}: "
            "the score is not a finite number",
            given=float(scores[query, rank]),
            remedy="look at what made the run: such a score has no rank",
        )


def compact(
    name: str, doc_ids: Sequence[str] | np.ndarray, docs: np.ndarray, found: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the ids that occur, sorted, and turn positions into positions among them.

    Raises `InputError` for a run without any result, a position beyond the ids and an id that repeats.
    """
    if not found.any():
        raise InputError(
            f"run {name!r} is empty: no query has a result",
            remedy="look at the index and the queries that made it",
        )
    ids = id_array(doc_ids, "document id")
    if docs.max() >= len(ids):
        raise InputError(
            f"run {name!r}: a position is beyond the document ids", given=(int(docs.max()), len(ids))
        )
    used = np.zeros(len(ids), bool)
    used[docs[found]] = True
    kept = np.flatnonzero(used)
    kept = kept[np.argsort(ids[kept], kind="stable")]
    repeated = first_repeated(ids[kept])
    if repeated is not None:
        raise InputError(
            f"run {name!r}: document id {repeated!r} repeats", remedy="give each document one id"
        )
    place = np.full(len(ids) + 1, -1, np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    return ids[kept], place[np.where(found, docs, -1)]


def refuse_duplicates(name: str, query_ids: tuple[str, ...], doc_ids: np.ndarray, docs: np.ndarray) -> None:
    """Raise `InputError`, naming query and document, for a document twice in a row."""
    ordered = np.sort(docs, axis=1)
    repeats = np.argwhere((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0))
    if len(repeats):
        query, place = repeats[0]
        raise InputError(
            f"run {name!r}: query {query_ids[query]!r} has document "
            f"{str(doc_ids[ordered[query, place]])!r} twice",
            remedy="keep one of them",
        )
