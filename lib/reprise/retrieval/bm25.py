"""BM25 through Lucene, as pyserini does it by default: English analyser, Porter stemmer, k1 0.9, b 0.4.

Other languages have Anserini's analysers (`languages`); an index is searched with the one that built it.

Robertson et al. (TREC-3) in Lucene's form: the constant factor (k1 + 1) is left out and document lengths are
kept in one byte, so lengths above 39 are rounded. The query is a bag of words: a word that repeats counts as
often as it stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reprise.errors import InputError, ParameterError
from reprise.retrieval.java import java_class
from reprise.retrieval.languages import check_language, open_analyser
from reprise.retrieval.lucene import FIELD, LuceneIndex, build_index, prebuilt_folder
from reprise.retrieval.run import Run
from reprise.retrieval.searcher import check_pairs
from reprise.texts import check_texts


class BM25Index:
    """A Lucene index of texts; make it with `build`, `open` or `prebuilt`."""

    def __init__(self, folder: str | Path, language: str = "en") -> None:
        self._index = LuceneIndex(folder)
        self._words = java_class("io.anserini.search.query.BagOfWordsQueryGenerator")()
        self._analyser = open_analyser(language)

    @classmethod
    def build(
        cls, doc_ids: Sequence[str], texts: Sequence[str], folder: str | Path, *, language: str = "en"
    ) -> BM25Index:
        """Index the texts in the folder. Raises `InputError` for empty or repeated ids and when no text has
        a word, and `ParameterError` for an unknown language; a text without a word is left out of the index.
        """
        check_language(language)
        check_texts(texts, "document")
        check_pairs(doc_ids, texts, "document")
        documents = ({"id": i, FIELD: text} for i, text in zip(doc_ids, texts, strict=True))
        build_index(documents, folder, "JsonCollection", "-language", language)
        return cls(folder, language)

    @classmethod
    def open(cls, folder: str | Path, *, language: str = "en") -> BM25Index:
        """An index that `build` or pyserini wrote; `InputError` when there is none."""
        return cls(folder, language)

    @classmethod
    def prebuilt(cls, name: str, *, language: str = "en") -> BM25Index:
        """One of pyserini's prebuilt indexes, such as "msmarco-v1-passage"; see `prebuilt_folder`."""
        return cls(prebuilt_folder(name), language)

    def __len__(self) -> int:
        """Number of indexed documents."""
        return len(self._index)

    def search(
        self,
        query_ids: Sequence[str],
        queries: Sequence[str],
        depth: int = 1000,
        *,
        k1: float = 0.9,
        b: float = 0.4,
    ) -> Run:
        """The best `depth` documents of each query, scored as Lucene does in float32.

        Raises `InputError`, naming it, for a query without text, and when no query finds anything; a query
        of stop words alone finds nothing and has an empty row.
        """
        check_texts(queries, "query")
        check_pairs(query_ids, queries, "query")
        if k1 < 0 or not 0 <= b <= 1:
            raise ParameterError("BM25 needs k1 of at least 0 and b from 0 to 1", given={"k1": k1, "b": b})
        for query, text in zip(query_ids, queries, strict=True):
            if not text.strip():
                raise InputError(f"query {query!r} has no text", remedy="give it text or leave it out")
        words = (self._words.buildQuery(FIELD, self._analyser, str(text)) for text in queries)
        similarity = java_class("org.apache.lucene.search.similarities.BM25Similarity")(float(k1), float(b))
        return self._index.search(query_ids, words, depth, name="bm25", similarity=similarity)
