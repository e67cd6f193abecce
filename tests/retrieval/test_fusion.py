"""Fusion against ranx and pyserini, properties that any fusion has, and the edges by hand."""

import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.errors import ParameterError
from reprise.retrieval.fusion import interpolate, normalise_scores, reciprocal_rank_fusion
from reprise.retrieval.run import Run

HERE = {
    "x": Run.from_dict("x", {"q": {"a": 4.0, "b": 3.0, "c": 2.0}}),
    "y": Run.from_dict("y", {"q": {"d": -1.0, "c": -2.0, "b": -5.0}}),
}


def random_runs(seed=0, queries=8, documents=60, depth=25, count=2):
    """Lists of different queries and lengths that overlap in part, scores on different scales."""
    generator = np.random.default_rng(seed)
    runs = []
    for n in range(count):
        results = {}
        for q in range(n, queries + n):
            length = int(generator.integers(2, depth))
            ids = generator.choice(documents, length, replace=False)
            scores = generator.normal(10 * n, 3**n, length).astype(np.float32)
            results[f"q{q}"] = {f"d{i}": float(s) for i, s in zip(ids, scores, strict=True)}
        runs.append(Run.from_dict(f"run{n}", results))
    return runs


def same(ours, theirs):
    """Equal scores, and equal order wherever scores differ by more than float32 can lose."""
    assert ours.keys() == theirs.keys()
    for query, scores in ours.items():
        expected = theirs[query]
        assert scores == pytest.approx(expected, abs=1e-6)
        order = sorted(expected, key=lambda d, e=expected: -e[d])
        for ours_at, theirs_at in zip(scores, order, strict=True):
            assert abs(expected[ours_at] - expected[theirs_at]) < 1e-6


@pytest.mark.parametrize("weight", [0.5, 0.3, 0.9])
def test_interpolation_equals_ranx(weight):
    import ranx

    runs = [r.select([f"q{i}" for i in range(1, 8)]) for r in random_runs()]  # ranx wants the same queries
    theirs = ranx.fuse(
        [ranx.Run(r.to_dict()) for r in runs],
        norm="min-max",
        method="wsum",
        params={"weights": (weight, 1 - weight)},
    )
    same(interpolate(*runs, weight).to_dict(), {q: dict(d) for q, d in theirs.to_dict().items()})


def test_rank_fusion_equals_ranx_for_three_runs():
    import ranx

    runs = [r.select([f"q{i}" for i in range(2, 8)]) for r in random_runs(count=3)]
    theirs = ranx.fuse([ranx.Run(r.to_dict()) for r in runs], norm=None, method="rrf", params={"k": 60})
    same(reciprocal_rank_fusion(*runs).to_dict(), {q: dict(d) for q, d in theirs.to_dict().items()})


def hits(scores):
    return [types.SimpleNamespace(docid=d, score=s) for d, s in scores.items()]


@pytest.fixture(scope="module")
def pyserini():
    from reprise.retrieval.java import start_java

    start_java()
    import pyserini.fusion
    import pyserini.search.hybrid

    return pyserini


@pytest.mark.parametrize("weight", [0.5, 0.2, 0.8])
def test_ranks_as_pyserinis_hybrid_search_with_normalisation(pyserini, weight):
    sparse, dense = random_runs(seed=1)
    fused = interpolate(sparse, dense, weight).to_dict()
    alpha = weight / (1 - weight)
    for query in sorted(set(sparse.query_ids) & set(dense.query_ids)):
        theirs = pyserini.search.hybrid.HybridSearcher._hybrid_results(
            hits(dense.to_dict()[query]), hits(sparse.to_dict()[query]), alpha, 1000, True
        )
        # pyserini scales each list to -1/2..1/2 and leaves ties in the order of a Python set
        scores = {hit.docid: (hit.score + (alpha + 1) / 2) / (alpha + 1) for hit in theirs}
        same({query: fused[query]}, {query: scores})


def test_ranks_as_pyserinis_fusion_method_normalize(pyserini):
    sparse, dense = random_runs(seed=2)
    runs = [
        pyserini.trectools.TrecRun.from_list(
            [
                (q, "Q0", d, rank, s, "t")
                for q, row in run.to_dict().items()
                for rank, (d, s) in enumerate(row.items(), start=1)
            ]
        )
        for run in (sparse, dense)
    ]
    theirs = pyserini.fusion.normalize(runs, k=1000)
    fused = interpolate(sparse, dense).to_dict()
    for query, row in fused.items():
        found = theirs.get_docs_by_topic(query)
        expected = dict(zip(found["docid"], found["score"] / 2, strict=True))
        assert row == pytest.approx(expected, abs=1e-6)
        assert list(row) == sorted(row, key=lambda d, r=row: (-r[d], d))


@pytest.mark.parametrize("weight", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_weight_at_the_ends_keeps_the_parents_ranking(weight, seed):
    sparse, dense = random_runs(seed=seed)
    parent = sparse if weight == 1 else dense
    fused = interpolate(sparse, dense, weight).to_dict()
    for query, row in parent.to_dict().items():
        assert [d for d in fused[query] if d in row] == list(row)


@given(st.integers(0, 1000), st.sampled_from([lambda x: 3 * x - 7, np.exp, np.tanh, np.cbrt]))
@settings(max_examples=30, deadline=None)
def test_rank_fusion_does_not_see_monotone_changes(seed, change):
    first, second = random_runs(seed=seed)
    small = {q: {d: s / 50 for d, s in row.items()} for q, row in first.to_dict().items()}
    changed = {q: {d: float(change(s)) for d, s in row.items()} for q, row in small.items()}
    before = reciprocal_rank_fusion(Run.from_dict("a", small), second)
    after = reciprocal_rank_fusion(Run.from_dict("a", changed), second)
    assert before.to_dict() == after.to_dict()


def test_both_orders_of_the_runs_fuse_alike():
    sparse, dense = random_runs(seed=3)
    one, other = interpolate(sparse, dense, 0.25), interpolate(dense, sparse, 0.75)
    assert {q: one.to_dict()[q] for q in sorted(one.query_ids)} == {
        q: other.to_dict()[q] for q in sorted(other.query_ids)
    }


def test_min_max_by_hand():
    # x: a 1, b 1/2, c 0; y: d 1, c 3/4, b 0
    fused = interpolate(HERE["x"], HERE["y"], 0.5).to_dict()["q"]
    assert fused == {"a": 0.5, "d": 0.5, "c": 0.375, "b": 0.25}
    assert list(fused) == ["a", "d", "c", "b"]


def test_equal_scores_become_one_and_an_empty_list_adds_nothing():
    flat = Run.from_dict("flat", {"q": {"a": 3.0, "b": 3.0}, "one": {"z": -2.0}})
    assert normalise_scores(flat).tolist() == [[1.0, 1.0], [1.0, 0.0]]
    other = Run.from_dict("other", {"q": {"b": 2.0, "c": 1.0}, "new": {"n": 5.0, "m": 4.0}})
    fused = interpolate(flat, other, 0.5).to_dict()
    assert fused == {"q": {"b": 1.0, "a": 0.5, "c": 0.0}, "one": {"z": 0.5}, "new": {"n": 0.5, "m": 0.0}}


def test_each_inferred_choice_is_a_parameter():
    x, y = HERE["x"], HERE["y"]
    raw = interpolate(x, y, 0.5, normalisation="none").to_dict()["q"]
    assert raw == {"a": 2.0, "c": 0.0, "b": -1.0, "d": -0.5}  # a missing document scores 0
    lowest = interpolate(x, y, 0.5, normalisation="none", missing="minimum").to_dict()["q"]
    assert lowest == {"a": (4 - 5) / 2, "b": (3 - 5) / 2, "c": (2 - 2) / 2, "d": (2 - 1) / 2}
    one = interpolate(x, y, 0.5, normalised="sparse").to_dict()["q"]
    assert one == {"a": 0.5, "b": (0.5 - 5) / 2, "c": (0 - 2) / 2, "d": -0.5}
    shallow = interpolate(x, y, 0.5, fusion_depth=2).to_dict()["q"]
    assert shallow == {"a": 0.5, "d": 0.5, "b": 0.0, "c": 0.0}  # two documents a list: 1 and 0
    flat = Run.from_dict("flat", {"q": {"z": 3.0}})
    assert interpolate(flat, y, 0.5, missing="minimum").to_dict()["q"] == {
        "d": 1.0,
        "c": 0.875,
        "b": 0.5,
        "z": 0.5,
    }  # the least of a list of equal scores is 1


def test_cut_keeps_the_best_of_the_union():
    sparse, dense = random_runs(seed=4)
    whole, cut = interpolate(sparse, dense), interpolate(sparse, dense, depth=5)
    assert cut.top(99) == whole.top(5) and cut.depth == 5
    assert set(cut.doc_ids) == {d for row in cut.top(5) for d in row}


def test_inputs_are_left_as_they_are():
    sparse, dense = random_runs(seed=5)
    before = sparse.to_dict(), dense.to_dict()
    interpolate(sparse, dense)
    reciprocal_rank_fusion(sparse, dense, sparse)
    assert (sparse.to_dict(), dense.to_dict()) == before


@pytest.mark.parametrize(
    "options",
    [
        {"weight": 1.1},
        {"weight": float("nan")},
        {"normalisation": "z"},
        {"normalised": "dense"},
        {"missing": "mean"},
        {"depth": 0},
        {"fusion_depth": 0},
    ],
)
def test_what_is_refused(options):
    with pytest.raises(ParameterError):
        interpolate(HERE["x"], HERE["y"], **options)


def test_rank_fusion_needs_two_runs():
    with pytest.raises(ParameterError):
        reciprocal_rank_fusion(HERE["x"])
