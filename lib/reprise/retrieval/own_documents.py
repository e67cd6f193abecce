"""A topic that is itself a document: its own document, the one with its id, is left out of its lists.

In BEIR's ArguAna and Quora every topic stands in the corpus and would find itself first. BEIR's evaluation
takes it out before measuring (`ignore_identical_ids`), pyserini's search with `--remove-query`. Here the list
is searched one deeper and the own document taken out before the list is cut, so that every list is as long as
any other and feedback and fusion never see it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reprise.retrieval.ranked_rows import rank_rows
from reprise.retrieval.run import Run


def search_documents(search: Callable[[int], Run], depth: int, *, remove_query: bool) -> Run:
    """What `search(depth)` finds; with `remove_query` one deeper, without own documents, and cut at `depth`.

    >>> found = Run.from_dict("toy", {"a": {"a": 3.0, "b": 2.0, "c": 1.0}, "x": {"b": 2.0, "c": 1.0}})
    >>> search_documents(found.cut, 1, remove_query=True).top(2)
    [['b'], ['b']]
    """
    if not remove_query:
        return search(depth)
    return without_own_documents(search(depth + 1)).cut(depth)


def without_own_documents(run: Run) -> Run:
    """The run without the document that has a query's own id; `InputError` when nothing is left."""
    own = _own_places(run)
    if not own.any():
        return run
    docs, scores = rank_rows(np.where(own, -1, run.docs), run.scores)
    return Run.from_ranked(run.name, run.query_ids, run.doc_ids, docs, scores)


def has_own_documents(run: Run) -> bool:
    """Whether a query's list has the document with its own id."""
    return bool(_own_places(run).any())


def _own_places(run: Run) -> np.ndarray:
    """Where the own documents stand: (queries, depth) bool."""
    queries = np.asarray(run.query_ids, dtype=str)
    places = np.minimum(np.searchsorted(run.doc_ids, queries), len(run.doc_ids) - 1)
    known = np.where(run.doc_ids[places] == queries, places, -2)  # -1 is the end of a list
    return run.docs == known[:, None]
