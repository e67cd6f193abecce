"""Sign codes: bits, Hamming distance and rescoring against plain arithmetic and sentence-transformers."""

import numpy as np
import pytest

from reprise.compression.binary import BinaryIndex, document_codes, query_codes
from reprise.errors import InputError, ParameterError


def signs(bits):
    return np.where(bits, 1.0, -1.0)


def test_rescoring_equals_the_product_with_the_signs(documents, queries):
    index = BinaryIndex.from_vectors(documents, candidates=len(documents))
    places, scores = index.nearest(queries, 15)
    expected = queries @ signs(documents >= 0).T
    order = np.lexsort((np.broadcast_to(np.arange(600), expected.shape), -expected), axis=1)[:, :15]
    np.testing.assert_allclose(scores, np.take_along_axis(expected, order, 1), rtol=1e-4)
    assert np.mean(places == order) > 0.99  # sums of float32 in another order may swap near ties


def test_only_the_nearest_codes_are_rescored(documents, queries):
    distances = (document_codes(documents)[None] ^ query_codes(queries)[:, None]).astype(np.uint8)
    distances = np.unpackbits(distances, axis=2).sum(2)
    places, _ = BinaryIndex.from_vectors(documents, candidates=30).nearest(queries, 10)
    worst = np.sort(distances, axis=1)[:, 29]
    assert np.all(np.take_along_axis(distances, places, 1) <= worst[:, None])


def test_without_candidates_the_order_is_that_of_hamming_distance(documents, queries):
    places, scores = BinaryIndex.from_vectors(documents, candidates=0).nearest(queries, 600)
    expected = (queries > 0)[:, None] != (documents >= 0)[None]
    np.testing.assert_array_equal(scores, np.sort(-expected.sum(2), axis=1)[:, ::-1])
    assert all(sorted(row) == list(range(600)) for row in places.tolist())


def test_bits_of_zero_differ_between_documents_and_queries():
    zeros = np.zeros((1, 8))
    assert document_codes(zeros).tolist() == [[255]] and query_codes(zeros).tolist() == [[0]]


def test_the_codes_of_queries_are_sentence_transformers_ubinary(queries):
    from sentence_transformers.quantization import quantize_embeddings

    np.testing.assert_array_equal(query_codes(queries), quantize_embeddings(queries, "ubinary"))


def test_the_ranking_is_that_of_sentence_transformers_with_rescoring(documents, queries):
    from sentence_transformers.quantization import quantize_embeddings, semantic_search_faiss

    theirs, _ = semantic_search_faiss(
        queries,
        corpus_embeddings=quantize_embeddings(documents, "ubinary"),
        corpus_precision="ubinary",
        top_k=10,
        rescore=True,
        rescore_multiplier=60,  # all 600 documents are candidates
    )
    ours, _ = BinaryIndex.from_vectors(documents, candidates=600).nearest(queries, 10)
    same = [
        len({hit["corpus_id"] for hit in hits} & set(row)) / 10
        for hits, row in zip(theirs, ours, strict=True)
    ]
    assert np.mean(same) > 0.98


def test_what_is_no_code():
    with pytest.raises(ParameterError, match="multiple of 8"):
        document_codes(np.ones((2, 12)))
    with pytest.raises(InputError, match="packed bits"):
        BinaryIndex(np.zeros((0, 4), np.uint8))
    with pytest.raises(InputError, match="packed bits"):
        BinaryIndex(np.zeros((2, 4)))
    with pytest.raises(ParameterError, match="candidates"):
        BinaryIndex(np.zeros((2, 4), np.uint8), candidates=-1)
