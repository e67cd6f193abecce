"""Dense search equals sorting the inner products; folders go both ways between us and pyserini."""

from pathlib import Path

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.faiss_settings import BLAS_FROM, use_faiss


@pytest.fixture
def toy():
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(50, 8)).astype(np.float32)
    doc_ids = [f"numpy.d{i}" for i in generator.permutation(50)]
    return doc_ids, vectors, generator.normal(size=(6, 8)).astype(np.float32)


def test_search_equals_sorting_all_inner_products(toy):
    doc_ids, vectors, queries = toy
    run = DenseIndex.from_vectors(doc_ids, vectors).search(list("abcdef"), queries, depth=10)
    products = queries.astype(np.float64) @ vectors.T
    best = np.argsort(-products, axis=1)[:, :10]
    assert run.top(10) == [[doc_ids[i] for i in row] for row in best]
    assert np.allclose(run.scores, np.take_along_axis(products, best, axis=1), atol=1e-5)


def test_depth_beyond_the_collection_gives_every_document(toy):
    doc_ids, vectors, queries = toy
    run = DenseIndex.from_vectors(doc_ids, vectors).search(list("abcdef"), queries, depth=1000)
    assert run.lengths.tolist() == [50] * 6


def test_ties_go_by_document_id():
    index = DenseIndex.from_vectors(["b", "a", "c"], np.ones((3, 2)))
    assert index.search(["q"], np.ones((1, 2)), depth=3).top(3) == [["a", "b", "c"]]


def test_vectors_by_id_in_the_order_asked(toy):
    doc_ids, vectors, _ = toy
    index = DenseIndex.from_vectors(doc_ids, vectors)
    assert np.array_equal(index.vectors([doc_ids[i] for i in (7, 3, 7)]), vectors[[7, 3, 7]])
    assert index.vectors([]).shape == (0, 8)
    for unknown in ("numpy.d99", "zzz", ""):
        with pytest.raises(InputError, match=f"no document '{unknown}'"):
            index.vectors([doc_ids[0], unknown])


def test_saved_index_is_mapped_and_equal(toy, tmp_path):
    doc_ids, vectors, queries = toy
    index = DenseIndex.from_vectors(doc_ids, vectors)
    index.save(tmp_path / "index")
    opened = DenseIndex.open(tmp_path / "index")
    assert opened.dim == 8 and len(opened) == 50
    found = [i.search(list("abcdef"), queries, 5).to_dict() for i in (opened, index)]
    assert found[0] == found[1]
    assert np.array_equal(opened.vectors(doc_ids), vectors)
    if (maps := Path("/proc/self/maps")).exists():
        assert str(tmp_path / "index" / "index") in maps.read_text()
    DenseIndex.from_vectors(["other"], vectors[:1]).save(tmp_path / "index")  # while the old one is in use
    assert np.array_equal(opened.vectors(doc_ids), vectors)


def test_pyserini_opens_our_folder(toy, tmp_path):
    from reprise.retrieval.java import start_java

    start_java()
    from pyserini.search.faiss import FaissSearcher

    doc_ids, vectors, queries = toy
    index = DenseIndex.from_vectors(doc_ids, vectors)
    index.save(tmp_path)
    theirs = FaissSearcher(str(tmp_path), None).batch_search(queries, list("abcdef"), 10)
    ours = index.search(list("abcdef"), queries, 10)
    assert ours.top(10) == [[hit.docid for hit in theirs[q]] for q in "abcdef"]


def test_scores_do_not_depend_on_the_threads_of_the_machine():
    import faiss

    generator = np.random.default_rng(1)
    index = DenseIndex.from_vectors([str(i) for i in range(1100)], generator.normal(size=(1100, 384)))
    queries, ids = generator.normal(size=(4100, 384)), [str(i) for i in range(4100)]
    before = faiss.omp_get_max_threads()
    try:
        found = []
        for threads in (1, 2):
            faiss.omp_set_num_threads(threads)
            found.append(index.search(ids, queries, 100))
            assert faiss.omp_get_max_threads() == threads  # left as it was
    finally:
        faiss.omp_set_num_threads(before)
    assert found[0].scores.tobytes() == found[1].scores.tobytes()


def test_a_batch_is_multiplied_and_a_single_query_is_scanned_for_the_same_list():
    """Both roads of faiss; its own setting stands again after either, and after an error."""
    import faiss

    generator = np.random.default_rng(2)
    index = DenseIndex.from_vectors([str(i) for i in range(500)], generator.normal(size=(500, 384)))
    queries, ids = generator.normal(size=(20, 384)), [f"q{i}" for i in range(20)]
    before = faiss.cvar.distance_compute_blas_threshold
    assert queries[:1].size < BLAS_FROM <= queries.size < before
    batch = index.search(ids, queries, 50)
    singles = [index.search(ids[i : i + 1], queries[i : i + 1], 50) for i in range(20)]
    assert batch.top(50) == [single.top(50)[0] for single in singles]
    assert np.allclose(batch.scores, np.vstack([single.scores for single in singles]), atol=1e-4)
    with pytest.raises(KeyError), use_faiss(1):
        raise KeyError
    assert faiss.cvar.distance_compute_blas_threshold == before


def test_what_does_not_fit_is_refused(toy, tmp_path):
    doc_ids, vectors, queries = toy
    index = DenseIndex.from_vectors(doc_ids, vectors)
    with pytest.raises(InputError, match=r"do not fit the index \(given: \(7, 8\)\)"):
        index.search(list("abcdef"), queries[:, :7])
    with pytest.raises(InputError, match="one query for each query id"):
        index.search(["a"], queries)
    with pytest.raises(ParameterError, match="depth"):
        index.search(list("abcdef"), queries, 0)
    queries[2, 3] = np.nan
    with pytest.raises(InputError, match="query 'c'"):
        index.search(list("abcdef"), queries)
    vectors[1, 0] = np.inf
    with pytest.raises(InputError, match=f"document '{doc_ids[1]}'"):
        DenseIndex.from_vectors(doc_ids, vectors)
    with pytest.raises(InputError, match="one document for each document id"):
        DenseIndex.from_vectors(doc_ids[:-1], vectors)
    with pytest.raises(InputError, match="document id 'a' repeats"):
        DenseIndex.from_vectors(["a", "b", "a"], np.ones((3, 2)))
    with pytest.raises(InputError, match="no vectors"):
        DenseIndex.from_vectors([], np.ones((0, 2)))
    for bad in ("", "a ", "a\nb", "a\u2028b"):
        with pytest.raises(InputError, match="line breaks"):
            DenseIndex.from_vectors([bad], np.ones((1, 2))).save(tmp_path)


def test_damaged_folder_is_refused(toy, tmp_path):
    doc_ids, vectors, _ = toy
    with pytest.raises(InputError, match="no dense index"):
        DenseIndex.open(tmp_path / "none")
    DenseIndex.from_vectors(doc_ids, vectors).save(tmp_path)
    (tmp_path / "docid").write_text("only\n")
    with pytest.raises(InputError, match="one vector for each document id"):
        DenseIndex.open(tmp_path)
    (tmp_path / "index").write_bytes(b"no index")
    with pytest.raises(InputError, match="no dense index"):
        DenseIndex.open(tmp_path)
