"""Each stage equals its road walked by hand, on vectors of two numbers and on random ones."""

from functools import partial

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.fusion import interpolate
from reprise.retrieval.prf import average_prf, rocchio_prf
from reprise.retrieval.run import Run
from reprise.retrieval.stages import FUSED_STAGES, PRF_STAGES, STAGES, search_stage

ROCCHIO = partial(rocchio_prf, alpha=0.5, beta=0.5)


@pytest.fixture(scope="module")
def toy():
    generator = np.random.default_rng(0)
    doc_ids = [f"d{i}" for i in range(40)]
    queries = [f"q{i}" for i in range(6)]
    lists = {
        q: {f"d{i}": float(generator.normal()) for i in generator.choice(40, 12, False)}
        for q in queries[::-1]
    }  # another order of queries than the vectors'
    sparse = Run.from_dict("sparse", lists)
    return {
        "query_vectors": generator.normal(size=(6, 8)).astype(np.float32),
        "query_ids": queries,
        "index": DenseIndex.from_vectors(doc_ids, generator.normal(size=(40, 8))),
        "sparse": sparse,
        "feedback": ROCCHIO,
        "depth": 15,
    }


def by_hand(stage, query_vectors, query_ids, index, sparse, depth, alpha=0.5, beta=0.5, k=3):
    """One query at a time, in the words of the paper."""
    results = {}
    for query, vector in zip(query_ids, query_vectors, strict=True):

        def retrieve(v, query=query):
            return index.search([query], v[None], depth)

        def fuse(dense, query=query):
            return interpolate(sparse.select([query]), dense, depth=depth)

        first = retrieve(vector)
        if stage == "dense":
            final = first
        elif stage == "no-prf":
            final = fuse(first)
        else:
            feeding = fuse(first) if stage in ("pre-prf", "both-prf") else first
            passages = index.vectors(feeding.top(k)[0])
            second = retrieve((alpha * vector + beta * passages.mean(axis=0)).astype(np.float32))
            final = fuse(second) if stage in ("post-prf", "both-prf") else second
        results |= final.to_dict()
    return results


@pytest.mark.parametrize("stage", STAGES)
def test_stage_equals_its_road_by_hand(toy, stage):
    found = search_stage(stage, **toy)
    expected = by_hand(stage, **{name: value for name, value in toy.items() if name != "feedback"})
    assert list(found.query_ids) == toy["query_ids"]
    for query, row in found.to_dict().items():
        assert list(row) == list(expected[query])
        assert row == pytest.approx(expected[query], abs=1e-5)


def test_stages_differ(toy):
    found = [search_stage(stage, **toy).top(10) for stage in STAGES]
    assert all(a != b for i, a in enumerate(found) for b in found[:i])


def test_names_of_stages():
    assert STAGES == ("dense", "vprf", "no-prf", "pre-prf", "post-prf", "both-prf")
    assert PRF_STAGES == ("vprf", "pre-prf", "post-prf", "both-prf")
    assert FUSED_STAGES == ("no-prf", "pre-prf", "post-prf", "both-prf")


def test_feedback_from_the_sparse_list_alone():
    # The dense list of depth 1 is [near]; the sparse list holds only far. At weight 1 the fused list starts
    # with far, so with alpha 0 the new query is far's vector and the second list starts with far.
    index = DenseIndex.from_vectors(["near", "far"], np.array([[1.0, 0.0], [0.0, 1.0]]))
    found = search_stage(
        "pre-prf",
        query_vectors=np.array([[1.0, 0.0]]),
        query_ids=["q"],
        index=index,
        sparse=Run.from_dict("s", {"q": {"far": 1.0}}),
        weight=1.0,
        prf_depth=1,
        depth=1,
        feedback=partial(rocchio_prf, alpha=0.0, beta=1.0),
    )
    assert found.top(1) == [["far"]]


def test_fewer_documents_than_prf_depth(toy):
    few = DenseIndex.from_vectors(["a", "b"], np.array([[1.0, 0.0], [0.6, 0.8]]))
    found = search_stage(
        "vprf",
        query_vectors=np.array([[1.0, 1.0]]),
        query_ids=["q"],
        index=few,
        prf_depth=5,
        feedback=ROCCHIO,
    )
    # new query: 0.5 * (1, 1) + 0.5 * ((1, 0) + (0.6, 0.8)) / 2 = (0.9, 0.7); a: 0.9, b: 0.54 + 0.56
    assert found.to_dict()["q"] == pytest.approx({"b": 1.1, "a": 0.9})


def test_queries_of_the_sparse_run_need_not_be_the_same(toy):
    sparse = Run.from_dict("sparse", {"other": {"d1": 1.0}, "q0": {"d1": 1.0, "d2": 0.0}})
    found = search_stage("no-prf", **toy | {"sparse": sparse})
    assert list(found.query_ids) == toy["query_ids"]
    assert found.top(5)[1:] == search_stage("dense", **toy).top(5)[1:]
    assert found.top(5)[0] != search_stage("dense", **toy).top(5)[0]


def test_average_feedback_fits_too(toy):
    assert search_stage("vprf", **toy | {"feedback": average_prf}).depth == 15


def test_dense_lists_are_as_deep_as_fusion_wants(toy):
    options = toy | {"depth": 5}
    found = search_stage("no-prf", **options, fusion_depth=40)
    dense = toy["index"].search(toy["query_ids"], toy["query_vectors"], 40)
    assert found.to_dict() == interpolate(toy["sparse"].select(toy["query_ids"]), dense, depth=5).to_dict()
    assert search_stage("pre-prf", **options, fusion_depth=40).depth == 5


def test_what_is_refused(toy):
    with pytest.raises(ParameterError, match="unknown stage 'prf'"):
        search_stage("prf", **toy)
    with pytest.raises(ParameterError, match="sparse run"):
        search_stage("no-prf", **toy | {"sparse": None})
    with pytest.raises(ParameterError, match="feedback function"):
        search_stage("vprf", **toy | {"feedback": None})
    with pytest.raises(InputError, match="do not fit the index"):
        search_stage("dense", **toy | {"query_vectors": toy["query_vectors"][:, :5]})
    stranger = Run.from_dict("s", {q: {"stranger": 2.0, "d1": 1.0, "d2": 0.0} for q in toy["query_ids"]})
    with pytest.raises(InputError, match="no document 'stranger'"):
        search_stage("both-prf", **toy | {"sparse": stranger})
