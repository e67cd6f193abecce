"""Hard negatives: passages that a retriever ranks high for a training query and that are not relevant to it.

Sampling from a retriever's own top results as in ANCE (Xiong et al. 2021, section 3) or from BM25's as
in DPR (Karpukhin et al. 2020). Unjudged passages at the very top are often relevant, hence `skip_top`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.texts import check_ids

if TYPE_CHECKING:
    from reprise.retrieval.run import Run


@dataclass(frozen=True)
class HardNegatives:
    """Negatives of each query, in the order of the run's queries.

    `random_documents` counts negatives that were drawn from the whole collection because a query had too
    few candidates; `short_queries` counts those queries.
    """

    negatives: dict[str, tuple[str, ...]]
    random_documents: int = 0
    short_queries: int = 0


def mine_hard_negatives(
    run: Run,
    positives: Mapping[str, Collection[str]],
    per_query: int,
    *,
    generator: np.random.Generator,
    depth: int = 100,
    skip_top: int = 0,
    groups: Mapping[str, str] | None = None,
    all_documents: Sequence[str] | None = None,
) -> HardNegatives:
    """Sample `per_query` negatives for each query of the run, without replacement, evenly from its ranks.

    Candidates stand at ranks `skip_top` + 1 to `depth` and are neither a positive of the query nor, where
    `groups` (document id -> group) is given, of the same group as one. A query with too few candidates keeps
    those and is filled up with random documents from `all_documents`, which is counted; without
    `all_documents` it raises `InputError`, as does a query of the run without a positive.

    >>> from reprise.retrieval.run import Run
    >>> run = Run.from_dict("bm25", {"q": {"a": 3.0, "b": 2.0, "c": 1.0}})
    >>> mine_hard_negatives(run, {"q": ["b"]}, 2, generator=np.random.default_rng(0)).negatives
    {'q': ('a', 'c')}
    """
    if per_query < 1:
        raise ParameterError("per_query must be at least 1", given=per_query)
    if not 0 <= skip_top < depth:
        raise ParameterError("skip_top must be from 0 to below depth", given=(skip_top, depth))
    if all_documents is not None:
        check_ids(all_documents, "document id")
    groups = groups or {}
    chosen: dict[str, tuple[str, ...]] = {}
    random_documents = short_queries = 0
    for query, ranked in zip(run.query_ids, run.top(depth), strict=True):
        relevant = set(positives.get(query, ()))
        if not relevant:
            raise InputError(f"training query {query!r} has no positive", remedy="leave it out of the run")
        relevant_groups = {groups[d] for d in relevant if d in groups}

        def allowed(document: str, relevant: set = relevant, relevant_groups: set = relevant_groups) -> bool:
            return document not in relevant and groups.get(document) not in relevant_groups

        candidates = [d for d in ranked[skip_top:] if allowed(d)]
        if len(candidates) >= per_query:
            picks = np.sort(generator.choice(len(candidates), size=per_query, replace=False))  # in rank order
            chosen[query] = tuple(candidates[i] for i in picks)
            continue
        if all_documents is None:
            raise InputError(
                f"query {query!r} has too few candidates for hard negatives",
                given=(len(candidates), per_query),
                remedy="search deeper, lower per_query, or give all_documents to draw from",
            )
        filled = _fill(candidates, [d for d in all_documents if allowed(d)], per_query, generator, query)
        random_documents += per_query - len(candidates)
        short_queries += 1
        chosen[query] = filled
    return HardNegatives(chosen, random_documents, short_queries)


def _fill(
    candidates: list[str], documents: list[str], per_query: int, generator: np.random.Generator, query: str
) -> tuple[str, ...]:
    taken = set(candidates)
    rest = [d for d in documents if d not in taken]
    missing = per_query - len(candidates)
    if len(rest) < missing:
        raise InputError(
            f"the collection has too few documents to give query {query!r} its negatives",
            given=(len(candidates) + len(rest), per_query),
            remedy="lower per_query",
        )
    picks = generator.choice(len(rest), size=missing, replace=False)
    return (*candidates, *(rest[i] for i in picks))
