"""Values worked out by hand on three documents, equality with trec_eval (pytrec_eval), and invariances."""

from math import log2

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.evaluation.measures import evaluate

MEASURES = ["MAP", "nDCG@10", "R@100", "MRR@10"]


@pytest.fixture
def random_data():
    """40 topics over 60 documents: coarse scores (many ties), graded judgements, topics missing and extra."""
    generator = np.random.default_rng(7)
    documents = [f"d{i:02d}" for i in range(60)]
    run, qrels = {}, {}
    for topic in range(40):
        found, judged = (generator.choice(documents, size, replace=False) for size in (30, 20))
        run[f"q{topic}"] = {d: float(generator.integers(-5, 5)) / 2 for d in found}
        qrels[f"q{topic}"] = {d: int(generator.integers(0, 4)) for d in judged}
    for topic in ("q3", "q11"):
        del run[topic]
    run["unknown"] = {"d00": 1.0}
    del qrels["q5"]
    return run, qrels, [f"q{i}" for i in range(40)]


class TestByHand:
    run = {"q": {"a": 3.0, "b": 2.0, "c": 1.0}}

    @pytest.mark.parametrize(
        ("measure", "expected"),
        [
            ("MAP", (1 / 2 + 2 / 3) / 2),  # relevant at ranks 2 and 3
            ("MRR@10", 1 / 2),
            ("R@2", 1 / 2),
            # Gain 3 at rank 2 and 1 at rank 3; at best 3 at rank 1 and 1 at rank 2.
            ("nDCG@10", (3 / log2(3) + 1 / log2(4)) / (3 / log2(2) + 1 / log2(3))),
        ],
    )
    def test_three_documents(self, measure, expected):
        found = evaluate(self.run, {"q": {"a": 0, "b": 3, "c": 1}}, ["q"], [measure])
        assert found.mean[measure] == pytest.approx(expected)

    def test_threshold_moves_binary_measures_only(self):
        found = evaluate(self.run, {"q": {"a": 0, "b": 3, "c": 1}}, ["q"], ["MAP", "R@1", "nDCG@10"], 2)
        assert found.mean["MAP"] == pytest.approx(1 / 2)  # only b counts, at rank 2
        assert found.mean["nDCG@10"] == pytest.approx((3 / log2(3) + 1 / 2) / (3 + 1 / log2(3)))
        assert found.definitions["MAP"] == "AP(rel=2)"

    def test_ties_are_broken_by_document_id_ascending(self):
        tied = {"q": {"b": 1.0, "a": 1.0, "c": 1.0}}
        assert evaluate(tied, {"q": {"a": 1}}, ["q"], ["MAP"]).mean["MAP"] == 1.0
        assert evaluate(tied, {"q": {"c": 1}}, ["q"], ["MAP"]).mean["MAP"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("kind", [float, np.int64, np.float32])
def test_whole_grades_of_any_kind_are_grades(kind):
    grades = {"q": {"a": kind(0), "b": kind(3), "c": kind(1)}}
    found = evaluate(TestByHand.run, grades, ["q"], ["MAP", "nDCG@10"])
    assert found == evaluate(TestByHand.run, {"q": {"a": 0, "b": 3, "c": 1}}, ["q"], ["MAP", "nDCG@10"])


def test_equals_trec_eval_on_random_graded_data(random_data):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    run, qrels, topics = random_data
    found = evaluate(run, qrels, topics, MEASURES, relevance_threshold=2)
    # trec_eval breaks ties by id descending: mirror the ids, so that its order is ours.
    mirrored = {
        d: f"m{99 - int(d[1:]):02d}"
        for d in {d for docs in run.values() for d in docs} | {d for docs in qrels.values() for d in docs}
    }

    def mirror(table):
        return {t: {mirrored[d]: v for d, v in docs.items()} for t, docs in table.items()}

    oracle = pytrec_eval.RelevanceEvaluator(
        mirror(qrels), {"map", "recall_100", "recip_rank", "ndcg_cut_10"}, relevance_level=2
    ).evaluate(mirror(run))
    names = {"MAP": "map", "nDCG@10": "ndcg_cut_10", "R@100": "recall_100", "MRR@10": "recip_rank"}
    for topic in set(topics) & set(run) & set(qrels):
        for measure, name in names.items():
            # trec_eval's reciprocal rank has no cut-off.
            expected = oracle[topic][name]
            if measure == "MRR@10" and expected < 1 / 10:
                expected = 0.0
            assert found.per_topic[measure][topic] == pytest.approx(expected, abs=1e-9), (topic, measure)


def test_missing_count_zero_unjudged_are_left_out_extra_are_ignored(random_data):
    run, qrels, topics = random_data
    found = evaluate(run, qrels, topics, MEASURES)
    assert (found.n, found.missing, found.unjudged) == (39, ("q3", "q11"), ("q5",))
    assert found.per_topic["MAP"]["q3"] == 0.0 and "unknown" not in found.per_topic["MAP"]
    assert found.mean["MAP"] == pytest.approx(sum(found.per_topic["MAP"].values()) / 39)


def test_invariances(random_data):
    run, qrels, topics = random_data
    expected = evaluate(run, qrels, topics, MEASURES)
    shifted = {t: {d: s + 100 for d, s in docs.items()} for t, docs in run.items()}
    permuted = {t: dict(reversed(run[t].items())) for t in reversed(run)}
    assert evaluate(shifted, qrels, topics, MEASURES) == expected
    assert evaluate(permuted, qrels, topics, MEASURES) == expected
    negated = {t: {d: -s for d, s in docs.items()} for t, docs in run.items()}
    assert evaluate(negated, qrels, topics, MEASURES).mean != expected.mean


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (({"q": {"a": float("nan")}}, {"q": {"a": 1}}, ["q"], ["MAP"]), InputError, "'a' for topic 'q'"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q", "q"], ["MAP"]), InputError, "repeats"),
        (({"q": {"a": 1.0}}, {}, ["q"], ["MAP"]), InputError, "none of the topics is judged"),
        (({"text": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], ["MAP"]), InputError, "answers none of the judged"),
        (({"q": {}}, {"q": {"a": 1}}, ["q"], ["MAP"]), InputError, "answers none of the judged"),
        (({}, {"q": {"a": 1}}, ["q"], ["MAP"]), InputError, "answers none of the judged"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], ["NDCG@10"]), ParameterError, "did you mean 'nDCG@10'"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], ["MAP"], 0), ParameterError, "at least 1"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], "MAP"), InputError, "one measure, not a list"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], []), ParameterError, "no measure is asked for"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, ["q"], ["MAP", "MAP"]), ParameterError, "twice.*MAP"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1}}, "q", ["MAP"]), InputError, "one topic id, not a list"),
        (({1: {"a": 1.0}}, {1: {"a": 1}}, [1], ["MAP"]), InputError, "topic id 1 is not a text"),
        (({"q": {7: 1.0}}, {"q": {"7": 1}}, ["q"], ["MAP"]), InputError, "found for topic 'q' 7 is not a"),
        (({"q": {"7": 1.0}}, {"q": {7: 1}}, ["q"], ["MAP"]), InputError, "judged for topic 'q' 7 is not a"),
        (({"q": {"a": 1.0}}, {"q": {"a": 1.5}}, ["q"], ["MAP"]), InputError, "'a' for topic 'q' is not a wh"),
        (({"q": {"a": 1.0}}, {"q": {"a": "1"}}, ["q"], ["MAP"]), InputError, "'a' for topic 'q' is not a wh"),
        (({"q": {"a": 1.0}}, {"q": {"a": float("inf")}}, ["q"], ["MAP"]), InputError, "is not a whole"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        evaluate(*arguments)


@pytest.mark.parametrize("grades", [{"a": -2, "b": -3}, {"a": -2, "b": 1}])
def test_grades_below_zero_are_no_gain_and_end_no_process(grades):
    """trec_eval crashes on a topic whose highest grade is -2; a grade below 0 counts as 0 in its sums."""
    found = evaluate({"q": {"a": 2.0, "b": 1.0}}, {"q": grades}, ["q"], ["nDCG@10", "MAP"])
    relevant = 1 in grades.values()
    assert found.mean["MAP"] == (0.5 if relevant else 0.0)
    assert found.mean["nDCG@10"] == pytest.approx(1 / log2(3) if relevant else 0.0)
