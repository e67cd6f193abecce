"""BM25: the score by hand, the ranking of pyserini's own searcher, ids kept as they are."""

import math

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.bm25 import BM25Index

WORDS = [f"{a}{b}" for a in ("matri", "vecto", "spars", "densi", "tenso", "graph") for b in "abcdefg"]


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    generator = np.random.default_rng(0)
    doc_ids = [f"d{i}" for i in generator.permutation(300)]  # order of indexing is not the order of ids
    texts = [" ".join(generator.choice(WORDS, generator.integers(3, 30))) for _ in doc_ids]
    folder = tmp_path_factory.mktemp("bm25")
    queries = [" ".join(generator.choice(WORDS, 3)) for _ in range(20)]
    return BM25Index.build(doc_ids, texts, folder / "index"), folder / "index", queries


def test_score_by_hand(tmp_path):
    texts = ["sparse tree", "dense trees tree solver", "graph of nodes"]  # "of" is a stop word
    index = BM25Index.build(["a", "b", "c"], texts, tmp_path / "index")
    lengths, tf = {"a": 2, "b": 4, "c": 2}, {"a": 1, "b": 2}
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    average = sum(lengths.values()) / 3
    for k1, b in [(0.9, 0.4), (1.2, 0.75)]:
        expected = {d: idf * tf[d] / (tf[d] + k1 * (1 - b + b * lengths[d] / average)) for d in tf}
        found = index.search(["q"], ["trees"], k1=k1, b=b).to_dict()["q"]  # stemmed
        assert found == pytest.approx(expected, rel=1e-6)


def test_equals_pyserinis_searcher(toy):
    index, folder, queries = toy
    from pyserini.search.lucene import LuceneSearcher

    searcher = LuceneSearcher(str(folder))
    run = index.search([str(i) for i in range(len(queries))], queries, depth=50)
    for (_, ours), text in zip(run.to_dict().items(), queries, strict=True):
        theirs = {hit.docid: hit.score for hit in searcher.search(text, k=50)}
        assert list(ours) == list(theirs)  # ties and what is cut off included
        assert ours == pytest.approx(theirs, abs=1e-4)


def test_ties_at_the_cut_go_by_document_id(tmp_path):
    doc_ids = [f"d{i}" for i in (7, 3, 10, 9, 1)]
    index = BM25Index.build(doc_ids, ["one sparse matrix"] * 5, tmp_path / "index")
    assert index.search(["q"], ["sparse"], depth=3).top(5) == [["d1", "d10", "d3"]]


def test_ids_come_back_as_they_went_in(tmp_path):
    doc_ids = ["numpy.linalg.svd", "a b", "é/ü?#", "x\ty", '"quoted\\', "日本"]
    index = BM25Index.build(doc_ids, ["sparse"] * len(doc_ids), tmp_path / "index")
    assert sorted(index.search(["q"], ["sparse"]).top(9)[0]) == sorted(doc_ids)
    assert len(BM25Index.open(tmp_path / "index")) == len(doc_ids)


def test_queries_that_find_nothing_have_empty_rows(tmp_path):
    index = BM25Index.build(["a", "empty"], ["sparse", " \n"], tmp_path / "index")
    assert len(index) == 1  # a text without a word is left out
    run = index.search(["the", "q", "none"], ["the", "sparse AND (matrix", "unheard"])
    assert run.top(5) == [[], ["a"], []]
    with pytest.raises(InputError, match="is empty"):
        index.search(["q"], ["unheard"])


def test_long_query_is_no_error(tmp_path):
    index = BM25Index.build(["a"], ["word7"], tmp_path / "index")
    assert index.search(["q"], [" ".join(f"word{i}" for i in range(3000))]).top(1) == [["a"]]


def test_what_is_refused(toy, tmp_path):
    index, _, _ = toy
    with pytest.raises(InputError, match="query 'q2' has no text"):
        index.search(["q1", "q2"], ["matria", "  "])
    with pytest.raises(InputError, match="one query for each"):
        index.search(["q1"], ["a", "b"])
    with pytest.raises(InputError, match="query 'q1' repeats"):
        index.search(["q1", "q1"], ["matria", "matria"])
    with pytest.raises(ParameterError, match="b from 0 to 1"):
        index.search(["q1"], ["matria"], b=1.5)
    with pytest.raises(ParameterError, match="depth"):
        index.search(["q1"], ["matria"], depth=0)
    with pytest.raises(InputError, match="'a' is empty or repeats"):
        BM25Index.build(["a", "a"], ["x", "y"], tmp_path / "new")
    with pytest.raises(InputError, match="no document has a term"):
        BM25Index.build(["a"], [" "], tmp_path / "new")
    with pytest.raises(InputError, match="no Lucene index"):
        BM25Index.open(tmp_path / "new")
