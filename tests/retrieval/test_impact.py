"""Impact scores are exact inner products; quantising is pyserini's."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from reprise.errors import InputError
from reprise.retrieval.impact import ImpactIndex, quantise


def random_weights(texts, generator, tokens=60):
    names = np.array([f"##tok{i}" for i in range(tokens)])
    return [
        dict(zip(generator.choice(names, n, replace=False), generator.gamma(1.5, 1.0, n), strict=True))
        for n in generator.integers(1, 15, texts)
    ]


def as_matrix(levels, columns):
    rows = [(i, columns[token], level) for i, row in enumerate(levels) for token, level in row.items()]
    i, j, values = zip(*rows, strict=True)
    return csr_array((values, (i, j)), shape=(len(levels), len(columns)))


def test_scores_are_exact_inner_products(tmp_path):
    generator = np.random.default_rng(1)
    documents, queries = random_weights(200, generator), random_weights(15, generator)
    for weights in documents:
        weights["everywhere"] = 1.0  # idf 0: pyserini's searcher would drop it
    queries[0]["everywhere"], queries[1]["nowhere"] = 2.0, 3.0
    doc_ids = [f"doc {i}" for i in range(200)]
    index = ImpactIndex.build(doc_ids, documents, tmp_path / "index")
    run = index.search([f"q{i}" for i in range(15)], queries, depth=200)

    levels = [[quantise(w) for w in side] for side in (queries, documents)]
    columns = {t: i for i, t in enumerate(sorted({t for side in levels for row in side for t in row}))}
    scores = (as_matrix(levels[0], columns) @ as_matrix(levels[1], columns).T).toarray()
    for row, found in zip(scores, run.to_dict().values(), strict=True):
        assert found == {doc_ids[i]: row[i] for i in np.flatnonzero(row)}
    assert len(run.to_dict()["q0"]) == 200


def test_equals_pyserinis_searcher_where_every_idf_is_positive(tmp_path):
    generator = np.random.default_rng(2)
    documents, queries = random_weights(100, generator), random_weights(5, generator)
    index = ImpactIndex.build([f"d{i}" for i in range(100)], documents, tmp_path / "index")
    from pyserini.search.lucene import LuceneImpactSearcher

    class Levels:
        def encode(self, query):
            return quantise(queries[int(query)])

    searcher = LuceneImpactSearcher(str(tmp_path / "index"), Levels())
    for i, ours in enumerate(index.search([str(i) for i in range(5)], queries, depth=20).to_dict().values()):
        theirs = {hit.docid: hit.score for hit in searcher.search(str(i), k=20)}
        assert list(ours) == list(theirs)
        assert ours == pytest.approx(theirs, rel=1e-6)


def test_quantise_as_pyserini_does():
    weights = {f"t{i}": float(w) for i, w in enumerate(np.random.default_rng(0).gamma(1.0, 2.0, 200))}
    expected = {t: round(w / 5 * 256) for t, w in weights.items()}  # UniCoilQueryEncoder
    assert quantise(weights) == {t: level for t, level in expected.items() if level}
    assert quantise({"a": 6.0}) == {"a": 307}  # 6 * 256 / 5 = 307.2: above the limit, not cut
    assert quantise({"a": 1.0}, levels=10, limit=2) == {"a": 5}


@pytest.mark.parametrize(
    "weights",
    [{"a": -0.1}, {"a": float("nan")}, {"a": float("inf")}, {"a b": 1.0}, {"": 1.0}, {"x" * 256: 1.0}],
)
def test_what_cannot_be_indexed_names_document_or_query(weights, tmp_path):
    with pytest.raises(InputError, match="document 'd1'"):
        ImpactIndex.build(["d0", "d1"], [{"a": 1.0}, weights], tmp_path / "index")
    index = ImpactIndex.build(["d0"], [{"a": 1.0}], tmp_path / "index")
    with pytest.raises(InputError, match="query 'q'"):
        index.search(["q"], [weights])


def test_texts_without_weights(tmp_path):
    index = ImpactIndex.build(["d0", "d1"], [{"a": 1.0}, {"a": 0.001}], tmp_path / "index")
    assert len(index) == 1
    assert index.search(["q", "zero"], [{"a": 1.0}, {"a": 0.0}]).top(5) == [["d0"], []]
    with pytest.raises(InputError, match="no document has a term"):
        ImpactIndex.build(["d"], [{}], tmp_path / "none")
