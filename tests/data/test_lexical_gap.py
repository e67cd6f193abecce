"""Word overlap of topics and documents, by hand."""

import pytest

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.lexical_gap import examples, lexical_overlap
from reprise.errors import InputError


@pytest.fixture
def collection():
    documents = (
        Document("d1", "Computes sparse matrices.", domain="a"),
        Document("d2", "Draws a line.", domain="b"),
        Document("d3", "A sparse line", domain="b"),
    )
    topics = (
        Topic("q1", "compute the sparse product", "a"),
        Topic("q2", "draw lines", "b"),
        Topic("q3", "none", "b"),
    )
    qrels = {"q1": {"d1": 3, "d3": 1}, "q2": {"d2": 3}}
    return Collection("toy", documents, {"test": Split(topics, qrels)})


def test_overlap_is_the_mean_share_of_stems_in_the_best_documents(collection):
    # q1: comput, sparse of (comput, sparse, product) = 2/3; q2: draw, lin of (draw, lin) = 1; q3 unjudged
    assert lexical_overlap(collection, "test") == {"a": 0.666667, "all": round((2 / 3 + 1) / 2, 6), "b": 1.0}


def test_examples_show_the_best_documents_first(collection):
    first = examples(collection, "test", 3)[0]
    assert [(d["id"], d["grade"]) for d in first["documents"]] == [("d1", 3), ("d3", 1)]
    assert first["documents"][0]["opening"] == "Computes sparse matrices."
    assert len(examples(collection, "test", 2)) == 2


def test_an_unknown_split_is_refused(collection):
    with pytest.raises(InputError, match="no split 'dl19'"):
        lexical_overlap(collection, "dl19")
