"""Runs: the tie rule, what is refused, and files that read back equal."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.run import Run, align


def random_run(name="random", queries=5, documents=40, depth=10, seed=0, distinct=4):
    """Scores take few values, so ties are many; ids are shuffled, so order of entry is not id order."""
    generator = np.random.default_rng(seed)
    doc_ids = [f"d{i}" for i in generator.permutation(documents)]
    docs = np.array([generator.permutation(documents)[:depth] for _ in range(queries)])
    scores = generator.integers(-distinct, distinct, (queries, depth)) / 2
    return Run.from_arrays(name, [f"q{i}" for i in range(queries)], doc_ids, docs, scores)


def test_rows_are_sorted_by_score_then_by_document_id():
    run = Run.from_dict("r", {"q": {"d9": 1.0, "d10": 1.0, "d2": 3.0, "a": -1.0, "z": 0.0}})
    assert run.top(5) == [["d2", "d10", "d9", "z", "a"]]  # "d10" < "d9" in code points
    assert run.scores.tolist() == [[3.0, 1.0, 1.0, 0.0, -1.0]]
    assert run.doc_ids.tolist() == sorted(run.doc_ids)


def test_same_order_as_sorting_in_plain_python():
    run = random_run(queries=20)
    for ids, (_, scores) in zip(run.top(10), run.to_dict().items(), strict=True):
        assert ids == sorted(scores, key=lambda d: (-scores[d], d))


def test_minus_zero_ties_with_zero():
    assert Run.from_dict("r", {"q": {"b": 0.0, "a": -0.0}}).top(2) == [["a", "b"]]


def test_vocabulary_holds_only_documents_that_occur():
    run = Run.from_arrays(
        "r",
        ["q1", "q2"],
        ["c", "b", "unused", "a"],
        np.array([[0, 3, -1], [-1, 1, -1]]),
        np.array([[1, 2, 9], [9, 4, 9.0]]),
    )
    assert run.doc_ids.tolist() == ["a", "b", "c"]
    assert run.to_dict() == {"q1": {"a": 2.0, "c": 1.0}, "q2": {"b": 4.0}}
    assert run.lengths.tolist() == [2, 1] and run.size == 3 and run.depth == 2
    assert run.docs.dtype == np.int32 and run.scores.dtype == np.float32


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e300])
def test_score_that_is_no_number_names_query_and_document(bad):
    with pytest.raises(InputError, match="query 'q2', document 'x'"):
        Run.from_dict("r", {"q1": {"a": 1.0}, "q2": {"b": 1.0, "x": bad}})


def test_padding_may_hold_any_score():
    run = Run.from_arrays("r", ["q"], ["a"], np.array([[0, -1]]), np.array([[1.0, np.nan]]))
    assert run.to_dict() == {"q": {"a": 1.0}}


def test_duplicates_are_refused_by_name():
    docs, scores = np.array([[0, 1], [1, 1]]), np.ones((2, 2))
    with pytest.raises(InputError, match="query 'q2' has document 'b' twice"):
        Run.from_arrays("r", ["q1", "q2"], ["a", "b"], docs, scores)
    with pytest.raises(InputError, match="query 'q1' repeats"):
        Run.from_arrays("r", ["q1", "q1"], ["a", "b"], docs[[0, 0]], scores)
    with pytest.raises(InputError, match="document id 'a' repeats"):
        Run.from_arrays("r", ["q"], ["a", "a"], np.array([[0, 1]]), np.ones((1, 2)))


@pytest.mark.parametrize("results", [{}, {"q": {}}, {"q1": {}, "q2": {}}])
def test_run_without_results_is_refused(results):
    with pytest.raises(InputError, match="run 'r' is empty"):
        Run.from_dict("r", results)


def test_shapes_and_positions_are_checked():
    with pytest.raises(InputError, match="must be"):
        Run.from_arrays("r", ["q"], ["a"], np.array([0]), np.array([1.0]))
    with pytest.raises(InputError, match="must be"):
        Run.from_arrays("r", ["q", "p"], ["a"], np.array([[0]]), np.array([[1.0]]))
    with pytest.raises(InputError, match="beyond the document ids"):
        Run.from_arrays("r", ["q"], ["a"], np.array([[1]]), np.array([[1.0]]))


def test_dictionary_round_trip():
    run = random_run()
    assert Run.from_dict("again", run.to_dict()).to_dict() == run.to_dict()


def test_cut_keeps_the_first_documents():
    run = random_run()
    assert run.cut(3).top(10) == run.top(3)
    assert run.cut(99) is run
    with pytest.raises(ParameterError):
        run.cut(0)


def test_select_orders_queries_and_fills_missing_ones():
    run = Run.from_dict("r", {"q1": {"a": 1.0}, "q2": {"b": 2.0}})
    assert run.select(["q3", "q2"]).to_dict() == {"q3": {}, "q2": {"b": 2.0}}


def test_align_gives_one_vocabulary_and_loses_nothing():
    runs = [random_run("a", seed=1), random_run("b", queries=7, documents=60, seed=2)]
    aligned = align(*runs)
    assert aligned[0].doc_ids is aligned[1].doc_ids
    assert aligned[0].query_ids == aligned[1].query_ids == runs[1].query_ids
    assert aligned[1].to_dict() == runs[1].to_dict()
    assert {q: r for q, r in aligned[0].to_dict().items() if r} == runs[0].to_dict()


def test_save_and_load(tmp_path):
    run = random_run()
    run.save(tmp_path / "run.npz")
    again = Run.load(tmp_path / "run.npz")
    assert again.name == run.name and again.to_dict() == run.to_dict()
    content = (tmp_path / "run.npz").read_bytes()
    run.save(tmp_path / "run.npz")
    assert (tmp_path / "run.npz").read_bytes() == content
    (tmp_path / "run.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="not a saved run"):
        Run.load(tmp_path / "run.npz")
