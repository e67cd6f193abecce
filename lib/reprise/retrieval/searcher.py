"""What every searcher is: `search(query_ids, queries, depth)` gives a run; ids first, as in an index.

Queries are what the index compares: texts (`BM25Index`), weights of tokens (`ImpactIndex`) or vectors, an
array (queries, dim) (`DenseIndex`). Ids and texts are both lists of texts, so handed over the wrong way round
they would give a run for topics that nobody judged. Ids are one word each as a rule, which tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.run import Run
from reprise.texts import id_array


class Searcher(Protocol):
    """Anything that finds the best `depth` documents of each query."""

    def search(
        self, query_ids: Sequence[str], queries: Sequence[Any] | np.ndarray, depth: int = 1000
    ) -> Run: ...


def check_pairs(ids: Sequence[str], items: Sequence[Any] | np.ndarray, what: str) -> None:
    """Raise `InputError` unless ids are ids and there is one item, a text, weights or a vector, for each.

    >>> check_pairs(["sparse matrices"], ["q1"], "query")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    reprise.errors.InputError: each query stands where its id belongs (given: 'sparse matrices'). To mend...
    """
    queries = [] if isinstance(ids, str) else [one for one in ids if _is_query(one)]
    if queries and 2 * len(queries) >= len(ids) and _are_ids(items):
        raise InputError(
            f"each {what} stands where its id belongs",
            given=queries[0],
            remedy=f"give the ids first, then each {what}",
        )
    id_array(ids, f"{what} id")
    if isinstance(items, str | Mapping) or len(ids) != len(items):
        given = items.shape if isinstance(items, np.ndarray) else len(items)
        raise InputError(f"there must be one {what} for each {what} id", given=(len(ids), given))


def _are_ids(items: Sequence[Any] | np.ndarray) -> bool:
    return not isinstance(items, str | Mapping) and all(
        isinstance(one, str) and len(one.split()) == 1 for one in items
    )


def _is_query(one: Any) -> bool:
    """Whether it can be a query and no id: several words, weights or a vector."""
    return len(one.split()) > 1 if isinstance(one, str) else isinstance(one, Mapping | Sequence | np.ndarray)
