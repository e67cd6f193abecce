"""Rocchio feedback for all queries at once against pyserini's loop over queries, on one index."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

QUERIES, DOCUMENTS, DIM, K, DEPTH = 1000, 20_000, 384, 3, 1000
ALPHA, BETA = 0.4, 0.6


def benchmark(queries: int = QUERIES, documents: int = DOCUMENTS, repeats: int = 5) -> list[dict[str, Any]]:
    """Two rows: from the first list to new query vectors, and the whole way with both searches.

    In the first row pyserini has its feedback vectors given by faiss, while ours fetches them by id.
    """
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.java import start_java
    from reprise.retrieval.prf import feedback_vectors, rocchio_prf

    start_java()
    from pyserini.search.faiss import DenseVectorRocchioPrf, FaissSearcher, PrfDenseSearchResult

    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(documents, DIM)).astype(np.float32)
    asked = generator.normal(size=(queries, DIM)).astype(np.float32)
    doc_ids, query_ids = [f"d{i}" for i in range(documents)], [f"q{i}" for i in range(queries)]
    rocchio = DenseVectorRocchioPrf(alpha=ALPHA, beta=BETA, gamma=0, topk=K, bottomk=0)
    with tempfile.TemporaryDirectory() as folder:
        DenseIndex.from_vectors(doc_ids, vectors).save(folder)
        index = DenseIndex.open(folder)
        searcher = FaissSearcher(folder, query_encoder=None)

        first = index.search(query_ids, asked, K)
        scores, places, found = searcher.index.search_and_reconstruct(asked, K)

        def ours_feedback(run: Any) -> np.ndarray:
            passages, mask = feedback_vectors(run, index, K)
            return rocchio_prf(asked, passages, ALPHA, BETA, mask)

        def peer_feedback() -> np.ndarray:  # as FaissSearcher.batch_search and its command line do it
            lists = {
                query: [
                    PrfDenseSearchResult(searcher.docids[place], score, vector)
                    for score, place, vector in zip(*row, strict=True)
                ]
                for query, *row in zip(query_ids, scores, places, found, strict=True)
            }
            return rocchio.get_batch_prf_q_emb(query_ids, asked, lists)

        def ours_whole() -> Any:
            return index.search(query_ids, ours_feedback(index.search(query_ids, asked, K)), DEPTH)

        def peer_whole() -> Any:
            given, lists = searcher.batch_search(asked, query_ids, K, return_vector=True)
            changed = rocchio.get_batch_prf_q_emb(query_ids, given, lists)
            return searcher.batch_search(changed, query_ids, DEPTH)

        if not np.allclose(ours_feedback(first), peer_feedback(), atol=1e-5):
            raise AssertionError("ours and pyserini's query vectors differ: the times compare nothing")
        size = f"{queries:,} queries, {documents:,} x {DIM} vectors, k {K}"
        return [
            compare_times(
                "rocchio feedback",
                lambda: ours_feedback(first),
                peer_feedback,
                f"{size}; against pyserini's loop over queries",
                repeats,
            ),
            compare_times(
                "rocchio with both searches",
                ours_whole,
                peer_whole,
                f"{size}, depth {DEPTH:,}; against pyserini's FaissSearcher",
                repeats,
            ),
        ]
