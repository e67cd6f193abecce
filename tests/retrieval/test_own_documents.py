"""Topics that are documents themselves, worked out by hand.

Vectors are (1, 0), (.8, .6), (0, 1) for a, b, c; the topics are a and b with those same vectors, and x with
(1, 0). Dense alone: a finds a b c, b finds b a c (1, .8, .6), x finds a b c.
"""

from functools import partial

import numpy as np
import pytest

from reprise.compression.binary import BinaryIndex
from reprise.errors import InputError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.own_documents import has_own_documents, search_documents, without_own_documents
from reprise.retrieval.prf import rocchio_prf
from reprise.retrieval.run import Run
from reprise.retrieval.stages import STAGES, search_stage

IDS = ["a", "b", "x"]
QUERIES = np.array([[1, 0], [0.8, 0.6], [1, 0]], np.float32)


@pytest.fixture
def index():
    return DenseIndex.from_vectors(["a", "b", "c"], np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32))


@pytest.fixture
def at_stage(index):
    """A search at a stage, two deep, whose feedback is the first document alone."""
    sparse = Run.from_dict("s", {"a": {"c": 2.0, "b": 1.0}, "b": {"c": 2.0, "a": 1.0}, "x": {"c": 1.0}})
    return partial(
        search_stage,
        query_vectors=QUERIES,
        query_ids=IDS,
        index=index,
        sparse=sparse,
        feedback=partial(rocchio_prf, alpha=0.0, beta=1.0),
        prf_depth=1,
        depth=2,
        remove_query=True,
    )


def test_the_own_document_is_taken_out_and_the_list_is_as_long_as_others(index):
    search = partial(index.search, IDS, QUERIES)
    assert search(2).top(2) == [["a", "b"], ["b", "a"], ["a", "b"]]
    found = search_documents(search, 2, remove_query=True)
    assert found.top(2) == [["b", "c"], ["a", "c"], ["a", "b"]]
    assert found.scores[0].tolist() == pytest.approx([0.8, 0.0])
    assert search_documents(search, 2, remove_query=False).top(2) == search(2).top(2)


def test_without_one_deeper_the_list_would_be_short(index):
    assert without_own_documents(index.search(IDS, QUERIES, 2)).top(2) == [["b"], ["a"], ["a", "b"]]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_free_of_them_and_full(at_stage, stage):
    run = at_stage(stage)
    assert not has_own_documents(run)
    assert run.lengths.tolist() == [2, 2, 2]


def test_feedback_never_reads_the_own_document(at_stage):
    """The feedback of a is b, so its second list is b's without a: b (1), c (.6)."""
    fed = at_stage("vprf")
    assert fed.top(2)[0] == ["b", "c"]
    assert fed.scores[0].tolist() == pytest.approx([1.0, 0.6])


def test_a_compressed_index_with_as_many_candidates_as_the_list_looks_one_deeper():
    """Signs of a, b, c: all +, half +, all -. For topic a: a 8, b 0, c -8, of which a is taken out."""
    vectors = np.array([[1] * 8, [1] * 4 + [-1] * 4, [-1] * 8], np.float32)
    compressed = BinaryIndex.from_vectors(vectors, candidates=2)

    def search(depth):
        return Run.from_arrays(
            "hash", ["a", "x"], ["a", "b", "c"], *compressed.nearest(vectors[[0, 0]], depth)
        )

    assert search(2).top(2) == [["a", "b"], ["a", "b"]]
    found = search_documents(search, 2, remove_query=True)
    assert found.top(2) == [["b", "c"], ["a", "b"]]
    assert found.scores.tolist() == [[0.0, -8.0], [8.0, 0.0]]


def test_a_run_of_own_documents_alone_is_refused():
    with pytest.raises(InputError, match="no query has a result"):
        without_own_documents(Run.from_dict("r", {"a": {"a": 1.0}}))


def test_ids_that_no_document_has_take_nothing_out():
    run = Run.from_dict("r", {"q": {"a": 1.0, "zz": 0.5}, "zzz": {"a": 1.0}})
    assert not has_own_documents(run) and without_own_documents(run) is run
