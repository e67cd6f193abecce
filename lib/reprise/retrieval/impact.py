"""Learned sparse retrieval: documents and queries are weighted tokens, a score is their inner product.

The weights (uniCOIL, Lin and Ma 2021, arXiv 2106.14807) are quantised to whole numbers and indexed as term
frequencies in Lucene, in Anserini's form (JsonVectorCollection, impact, pretokenised). A score is the sum
over shared tokens of level times level: whole numbers, exact in float32 below 2**24.

Unlike pyserini's LuceneImpactSearcher, a token that stands in every document still counts (pyserini drops
tokens whose idf is 0, which matters on toy collections only), and no table of all tokens is made first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from reprise.errors import InputError
from reprise.retrieval.java import java_class
from reprise.retrieval.lucene import FIELD, LuceneIndex, build_index, prebuilt_folder
from reprise.retrieval.run import Run
from reprise.retrieval.searcher import check_pairs

LONGEST_TOKEN = 255
"""Lucene's white-space tokeniser splits what is longer."""


def quantise(weights: Mapping[str, float], levels: int = 256, limit: float = 5.0) -> dict[str, int]:
    """Turn weights into whole levels, `levels` to a weight of `limit`, as pyserini does (half to even).

    Weights above the limit get more levels, not fewer digits; tokens that round to 0 are dropped. Raises
    `InputError` for a weight below 0 or not finite, and for a token that Lucene would split.

    >>> quantise({"sparse": 2.5, "##ity": 0.0, "matrix": 0.02, "the": 0.001})
    {'sparse': 128, 'matrix': 1}
    """
    quantised = {}
    for token, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise InputError(f"token {token!r} has a weight that is not a number of at least 0", given=weight)
        if token.split() != [token] or len(token) > LONGEST_TOKEN:
            raise InputError(
                "a token must be one word without white space, at most 255 characters long", given=token
            )
        if level := round(weight * levels / limit):
            quantised[str(token)] = int(level)  # plain types: Java takes no numpy ones
    return quantised


class ImpactIndex:
    """A Lucene index of weighted tokens; make it with `build`, `open` or `prebuilt`."""

    def __init__(self, folder: str | Path) -> None:
        self._index = LuceneIndex(folder)

    @classmethod
    def build(
        cls, doc_ids: Sequence[str], token_weights: Sequence[Mapping[str, float]], folder: str | Path
    ) -> ImpactIndex:
        """Quantise the weights of each document and index them in the folder.

        Raises `InputError` as `quantise` does, naming the document, and for empty or repeated ids.
        """
        check_pairs(doc_ids, token_weights, "document")
        documents = (
            {"id": i, FIELD: "", "vector": _quantise_named("document", i, weights)}
            for i, weights in zip(doc_ids, token_weights, strict=True)
        )
        build_index(documents, folder, "JsonVectorCollection", "-impact", "-pretokenized")
        return cls(folder)

    @classmethod
    def open(cls, folder: str | Path) -> ImpactIndex:
        """An index that `build` or pyserini wrote; `InputError` when there is none."""
        return cls(folder)

    @classmethod
    def prebuilt(cls, name: str) -> ImpactIndex:
        """One of pyserini's prebuilt indexes, such as "msmarco-v1-passage.unicoil"; see `prebuilt_folder`."""
        return cls(prebuilt_folder(name))

    def __len__(self) -> int:
        """Number of indexed documents."""
        return len(self._index)

    def search(
        self, query_ids: Sequence[str], queries: Sequence[Mapping[str, float]], depth: int = 1000
    ) -> Run:
        """The best `depth` documents of each query, weights by token, by the product of quantised weights.

        A query without any weight finds nothing and has an empty row. Raises `InputError`, naming the query,
        for bad weights, and when no query finds anything.
        """
        check_pairs(query_ids, queries, "query")
        levels = [_quantise_named("query", q, w) for q, w in zip(query_ids, queries, strict=True)]
        similarity = java_class("io.anserini.search.similarity.ImpactSimilarity")()
        return self._index.search(
            query_ids, map(_weighted_query, levels), depth, name="impact", similarity=similarity
        )


def _quantise_named(what: str, name: str, weights: Mapping[str, float]) -> dict[str, int]:
    try:
        return quantise(weights)
    except InputError as error:
        raise InputError(f"{what} {name!r}: {error}") from error


def _weighted_query(levels: Mapping[str, int]) -> object:
    boolean = java_class("org.apache.lucene.search.BooleanQuery$Builder")()
    should = java_class("org.apache.lucene.search.BooleanClause$Occur").SHOULD
    term, term_query, boost = (
        java_class(f"org.apache.lucene.{name}")
        for name in ("index.Term", "search.TermQuery", "search.BoostQuery")
    )
    for token, level in levels.items():
        boolean.add(boost(term_query(term(FIELD, token)), float(level)), should)
    return boolean.build()
