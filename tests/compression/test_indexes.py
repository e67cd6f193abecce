"""Every unsupervised method: how near it comes to exact search, what it weighs, and what it refuses."""

import numpy as np
import pytest

from reprise.compression.binary import BinaryIndex
from reprise.compression.index import CompressedIndex, compression_ratio, fill, merge_ranked
from reprise.compression.lsh import itq_index, lsh_index
from reprise.compression.product import product_index
from reprise.compression.rabitq import rabitq_index
from reprise.compression.reduction import pca_index, truncated_index
from reprise.compression.scalar import eight_bit_index, half_precision_index
from reprise.compression.vectors import check_codebook, check_vectors
from reprise.errors import InputError, ParameterError

METHODS = {
    "fp16": (half_precision_index, 0.98, 64),
    "sq8": (eight_bit_index, 0.95, 32),
    "pq": (lambda v: product_index(v, 8), 0.6, 8),
    "opq": (lambda v: product_index(v, 8, rotated=True, iterations=5), 0.6, 8),
    "lsh": (lambda v: lsh_index(v, 32), 0.1, 4),
    "itq": (itq_index, 0.2, 4),
    "rabitq": (rabitq_index, 0.3, 12),
    "pca": (lambda v: pca_index(v, 16, centred=False), 0.5, 64),
    "truncated": (lambda v: truncated_index(v, 16), 0.4, 64),
    "binary": (lambda v: BinaryIndex.from_vectors(v, candidates=100), 0.2, 4),
}


def exact(documents, queries, depth):
    return np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :depth]


def overlap(found, expected):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, expected, strict=True)])


@pytest.mark.parametrize("name", METHODS)
def test_near_to_exact_search_and_of_the_stated_size(name, documents, queries, tmp_path):
    make, least, code_bytes = METHODS[name]
    index = make(documents)
    places, scores = index.nearest(queries, 10)
    assert overlap(places, exact(documents, queries, 10)) >= least
    assert np.all(np.diff(scores, axis=1) <= 0)
    assert index.code_bytes == code_bytes
    index.save(tmp_path / "index")
    assert (tmp_path / "index").stat().st_size == index.stored_bytes >= len(documents) * code_bytes


@pytest.mark.parametrize("name", METHODS)
def test_the_same_again_and_on_two_threads(name, documents, queries):
    make = METHODS[name][0]
    first, again = make(documents).nearest(queries, 5), make(documents).nearest(queries, 5, threads=2)
    np.testing.assert_array_equal(first[0], again[0])


@pytest.mark.parametrize("name", METHODS)
def test_what_cannot_be_indexed_or_asked(name, documents, queries):
    make = METHODS[name][0]
    broken = documents.copy()
    broken[7, 3] = np.nan
    with pytest.raises(InputError, match="vector 7 has values that are not finite"):
        make(broken)
    with pytest.raises(InputError, match="no document vectors"):
        make(documents[:0])
    index = make(documents)
    with pytest.raises(InputError, match="do not fit the index"):
        index.nearest(queries[:, :24], 5)
    with pytest.raises(ParameterError, match="at least 1"):
        index.nearest(queries, 0)
    with pytest.raises(InputError, match="query vector 0"):
        index.nearest(np.full((1, 32), np.inf), 5)


def test_a_short_corpus_gives_short_lists(documents, queries):
    assert half_precision_index(documents[:3]).nearest(queries, 10)[0].shape == (20, 3)


def test_written_and_opened_again(documents, queries, tmp_path):
    index = eight_bit_index(documents)
    index.save(tmp_path / "index")
    again = CompressedIndex.open(tmp_path / "index", index.code_bytes)
    np.testing.assert_array_equal(again.nearest(queries, 5)[0], index.nearest(queries, 5)[0])
    (tmp_path / "index").write_bytes(b"no index")
    with pytest.raises(InputError, match="cannot be read"):
        CompressedIndex.open(tmp_path / "index", 1)


def test_all_components_without_the_offset_rank_as_exact_search_does_and_with_it_they_do_not(
    documents, queries
):
    fair = pca_index(documents, 32, centred=False).nearest(queries, 10)[0]
    literal = pca_index(documents, 32, centred=True).nearest(queries, 10)[0]
    expected = exact(documents, queries, 10)
    assert overlap(fair, expected) == 1
    assert overlap(literal, expected) < 1


def test_the_literal_form_subtracts_the_mean_from_both_sides(documents, queries):
    mean = documents.mean(0)
    centred = (queries - mean) @ (documents - mean).T
    _, scores = pca_index(documents, 32, centred=True).nearest(queries, 10)
    np.testing.assert_allclose(scores, -np.sort(-centred, axis=1)[:, :10], atol=1e-5)


def test_truncation_by_hand():
    documents = np.array([[3, 4, 9, 9], [1, 0, 0, 0]])
    places, scores = truncated_index(documents, 2).nearest(np.array([[1, 1, 7, 7]]), 2)
    assert places.tolist() == [[0, 1]]
    np.testing.assert_allclose(scores, [[7 / 5, 1]])  # 3/5 + 4/5; 1


def test_lsh_scores_are_negative_hamming_distances(documents):
    _, scores = lsh_index(documents, 32).nearest(documents[:3], 4)
    assert scores[:, 0].tolist() == [0, 0, 0]
    assert np.all(scores <= 0) and np.all(scores == scores.round())


def test_codebooks_and_dimensions_that_cannot_be():
    with pytest.raises(ParameterError, match=r"not divisible.*\(32, 5\)"):
        check_codebook(32, 5, 8, 1000)
    with pytest.raises(InputError, match=r"fewer training vectors than centroids.*\(255, 256\)"):
        check_codebook(32, 8, 8, 255)
    with pytest.raises(ParameterError, match="1 to 8 bits"):
        check_codebook(32, 8, 9, 1000)
    with pytest.raises(ParameterError, match="to keep"):
        pca_index(np.eye(4), 5, centred=False)
    with pytest.raises(InputError, match="as many training vectors as dimensions"):
        itq_index(np.eye(8)[:4])


def test_unit_vectors_are_asked_for_where_that_is_said():
    check_vectors(np.eye(3), unit=True)
    with pytest.raises(InputError, match=r"vector 1 does not have unit length \(given: 2.0\)"):
        check_vectors(np.array([[1.0, 0], [0, 2]]), unit=True)
    with pytest.raises(InputError, match=r"\(vectors, dim\)"):
        check_vectors(np.zeros(3))


def test_equal_scores_stand_in_the_order_of_positions():
    places, scores = merge_ranked(np.array([[5.0, 7.0, 5.0, 5.0]]), np.array([[9, 1, 3, 4]]), 3)
    assert places.tolist() == [[1, 3, 4]] and scores.tolist() == [[7, 5, 5]]


def test_a_filled_index_and_its_ratio():
    import faiss

    made = fill(faiss.IndexFlatIP(4), np.eye(4, dtype=np.float32), None, 16)
    assert (len(made), made.dim, compression_ratio(made.dim, made.code_bytes)) == (4, 4, 1.0)
