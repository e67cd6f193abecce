"""Feedback equals pyserini's classes, on random vectors and on an index; short lists are defined."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.prf import average_prf, feedback_vectors, rocchio_prf
from reprise.retrieval.run import Run


@pytest.fixture(scope="module")
def pyserini():
    from reprise.retrieval.java import start_java

    start_java()
    import pyserini.search.faiss

    return pyserini.search.faiss


@pytest.fixture
def random_vectors():
    generator = np.random.default_rng(3)
    return (
        generator.normal(size=(20, 16)).astype(np.float32),
        generator.normal(size=(20, 5, 16)).astype(np.float32),
    )


def their_lists(pyserini, feedback, mask=None):
    return {
        str(i): [
            pyserini.PrfDenseSearchResult(str(j), 0.0, vector)
            for j, vector in enumerate(row)
            if mask is None or mask[i, j]
        ]
        for i, row in enumerate(feedback)
    }


def test_average_equals_pyserini(pyserini, random_vectors):
    queries, feedback = random_vectors
    theirs = pyserini.DenseVectorAveragePrf().get_batch_prf_q_emb(
        [str(i) for i in range(20)], queries, their_lists(pyserini, feedback)
    )
    ours = average_prf(queries, feedback)
    assert ours.dtype == np.float32 and np.abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize(("alpha", "beta"), [(0.4, 0.6), (0.9, 0.1), (1.0, 0.0), (0.0, 1.0)])
def test_rocchio_equals_pyserini(pyserini, random_vectors, alpha, beta):
    queries, feedback = random_vectors
    theirs = pyserini.DenseVectorRocchioPrf(alpha, beta, 0.1, 5, 0).get_batch_prf_q_emb(
        [str(i) for i in range(20)], queries, their_lists(pyserini, feedback)
    )
    ours = rocchio_prf(queries, feedback, alpha, beta)
    assert ours.dtype == np.float32 and np.abs(ours - theirs).max() < 1e-5


def test_short_lists_equal_pyserinis(pyserini, random_vectors):
    queries, feedback = random_vectors
    mask = np.arange(5) < np.random.default_rng(0).integers(1, 6, (20, 1))
    lists = their_lists(pyserini, feedback, mask)
    ids = [str(i) for i in range(20)]
    rocchio = pyserini.DenseVectorRocchioPrf(0.4, 0.6, 0.1, 5, 0).get_batch_prf_q_emb(ids, queries, lists)
    average = pyserini.DenseVectorAveragePrf().get_batch_prf_q_emb(ids, queries, lists)
    feedback[~mask] = np.nan  # what is masked is not looked at
    assert np.abs(rocchio_prf(queries, feedback, 0.4, 0.6, mask) - rocchio).max() < 1e-5
    assert np.abs(average_prf(queries, feedback, mask) - average).max() < 1e-5


def test_query_without_feedback_ranks_as_before(random_vectors):
    queries, feedback = random_vectors
    nothing = np.zeros((20, 5), bool)
    assert np.array_equal(average_prf(queries, feedback, nothing), queries)
    assert np.allclose(rocchio_prf(queries, feedback, 0.4, 0.6, nothing), 0.4 * queries)


def test_whole_way_on_an_index_equals_pyserini(pyserini, random_vectors, tmp_path):
    queries, _ = random_vectors
    documents = np.random.default_rng(4).normal(size=(100, 16)).astype(np.float32)
    ids = [str(i) for i in range(20)]
    index = DenseIndex.from_vectors([f"d{i}" for i in range(100)], documents)
    index.save(tmp_path)
    searcher = pyserini.FaissSearcher(str(tmp_path), None)
    given, lists = searcher.batch_search(queries, ids, 3, return_vector=True)
    theirs = pyserini.DenseVectorRocchioPrf(0.4, 0.6, 0.1, 3, 0).get_batch_prf_q_emb(ids, given, lists)

    passages, mask = feedback_vectors(index.search(ids, queries, 50), index, 3)
    ours = rocchio_prf(queries, passages, 0.4, 0.6, mask)
    assert mask.all() and np.abs(ours - theirs).max() < 1e-5
    hits = searcher.batch_search(theirs, ids, 20)
    assert index.search(ids, ours, 20).top(20) == [[hit.docid for hit in hits[i]] for i in ids]


def test_feedback_is_fetched_by_id_from_any_list():
    index = DenseIndex.from_vectors(["c", "a", "b"], np.array([[3.0], [1.0], [2.0]]))
    run = Run.from_dict("sparse", {"q": {"b": 9.0, "c": 8.0, "a": 7.0}, "short": {"a": 1.0}, "none": {}})
    vectors, mask = feedback_vectors(run, index, 2)
    assert vectors[..., 0].tolist() == [[2.0, 3.0], [1.0, 0.0], [0.0, 0.0]]
    assert mask.tolist() == [[True, True], [True, False], [False, False]]
    assert rocchio_prf(np.ones((3, 1)), vectors, 0.5, 2.0, mask).tolist() == [[5.5], [2.5], [0.5]]
    with pytest.raises(InputError, match="no document 'x'"):
        feedback_vectors(Run.from_dict("r", {"q": {"x": 1.0}}), index, 2)
    with pytest.raises(ParameterError, match="at least one"):
        feedback_vectors(run, index, 0)


def test_what_is_refused(random_vectors):
    queries, feedback = random_vectors
    for bad in [(-0.1, 0.5), (0.0, 0.0), (float("nan"), 1.0)]:
        with pytest.raises(ParameterError, match="weights"):
            rocchio_prf(queries, feedback, *bad)
    for wrong in [
        (queries[:, :3], feedback),
        (queries, feedback[:4]),
        (queries, feedback[:, 0]),
        (queries, feedback, np.ones((20, 4), bool)),
    ]:
        with pytest.raises(InputError, match="do not fit"):
            average_prf(*wrong)
