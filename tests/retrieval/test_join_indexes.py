"""Joined indexes are the index of all vectors, to the byte."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.retrieval import join_indexes as module
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.join_indexes import join_indexes

IDS = [f"d{i}" for i in range(23)]
VECTORS = np.random.default_rng(0).normal(size=(23, 12)).astype(np.float32)


@pytest.fixture
def parts(tmp_path):
    folders = []
    for start, stop in ((0, 9), (9, 10), (10, 23)):
        folders.append(tmp_path / str(start))
        DenseIndex.from_vectors(IDS[start:stop], VECTORS[start:stop]).save(folders[-1])
    return folders


@pytest.mark.parametrize("piece", [1 << 24, 7])
def test_the_same_bytes_as_one_index_of_all_vectors(tmp_path, parts, piece, monkeypatch):
    monkeypatch.setattr(module, "PIECE", piece)
    assert join_indexes(parts, tmp_path / "joined") == 23
    DenseIndex.from_vectors(IDS, VECTORS).save(tmp_path / "whole")
    for file in ("index", "docid"):
        assert (tmp_path / "joined" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
    assert not list((tmp_path / "joined").glob(".*")), "nothing temporary is left"


def test_pyserini_opens_what_was_joined(tmp_path, parts):
    from reprise.retrieval.java import start_java

    start_java()
    from pyserini.search.faiss import FaissSearcher

    join_indexes(parts, tmp_path / "joined")
    searcher = FaissSearcher(str(tmp_path / "joined"), query_encoder=None)
    best = int(np.argmax(VECTORS @ VECTORS[3]))
    assert searcher.search(VECTORS[3:4], 1)[0].docid == IDS[best]


def test_another_dimension_another_kind_and_no_index(tmp_path, parts):
    import faiss

    DenseIndex.from_vectors(["x"], np.ones((1, 5))).save(tmp_path / "short")
    with pytest.raises(InputError, match="does not fit the first one") as error:
        join_indexes([*parts, tmp_path / "short"], tmp_path / "joined")
    assert str(tmp_path / "short") in str(error.value)
    quantised = faiss.index_factory(12, "SQ8", faiss.METRIC_INNER_PRODUCT)
    quantised.train(VECTORS)
    quantised.add(VECTORS[:1])
    DenseIndex(["y"], quantised).save(tmp_path / "quantised")
    with pytest.raises(InputError, match="flat indexes of one dimension"):
        join_indexes([*parts, tmp_path / "quantised"], tmp_path / "joined")
    with pytest.raises(InputError, match="no indexes to join"):
        join_indexes([], tmp_path / "joined")
    assert not (tmp_path / "joined").exists()


def test_a_document_in_two_shards_is_named(tmp_path, parts):
    with pytest.raises(InputError, match="document 'd0' stands in the indexes twice"):
        join_indexes([*parts, parts[0]], tmp_path / "joined")
