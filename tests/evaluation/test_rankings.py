"""Tau union and RBO by hand, their rules, and repro_eval as a second opinion on sorted runs."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.evaluation.rankings import compare_runs, kendall_tau_union, rank_biased_overlap


class TestTauUnion:
    @pytest.mark.parametrize(
        ("original", "ours", "expected"),
        [
            ("abc", "abc", 1.0),
            ("abc", "cba", -1.0),
            ("abc", "acb", 1 / 3),  # of 3 pairs, 2 in order and 1 turned round
            ("abc", "xab", -1 / 3),  # numbers 3, 0, 1: pairs (3, 0) and (3, 1) turned round, (0, 1) in order
        ],
    )
    def test_by_hand(self, original, ours, expected):
        assert kendall_tau_union(list(original), list(ours)) == pytest.approx(expected)

    def test_renaming_documents_changes_nothing(self):
        lists = ("bac", "bca"), ("abc", "acb"), ("zyx", "zxy")
        found = {kendall_tau_union(list(original), list(ours)) for original, ours in lists}
        assert len(found) == 1

    def test_cut_to_the_shorter_list(self):
        assert kendall_tau_union([*"abcdef"], [*"ab"]) == 1.0
        assert kendall_tau_union([*"a"], [*"a"]) is None
        assert kendall_tau_union([*"abc"], [*"acb"], depth=1) is None


class TestOverlap:
    def test_by_hand(self):
        # Depth 1: a against b share 0; depth 2: 1 of 2 (b); depth 3: 2 of 3 (a, b); weights 1, 1/2, 1/4.
        expected = (0 + 1 / 2 * 1 / 2 + 1 / 4 * 2 / 3) / (1 + 1 / 2 + 1 / 4)
        assert rank_biased_overlap([*"abc"], [*"bda"], p=0.5) == pytest.approx(expected)

    def test_bounds(self):
        assert rank_biased_overlap([*"abc"], [*"abc"]) == 1.0
        assert rank_biased_overlap([*"abc"], [*"xyz"]) == 0.0
        assert rank_biased_overlap([], []) == 0.0

    def test_lists_of_unequal_length(self):
        # Depth 1: 1 of 1; depth 2: still 1 of 2.
        assert rank_biased_overlap([*"a"], [*"ab"], p=0.5) == pytest.approx((1 + 1 / 2 * 1 / 2) / 1.5)

    @pytest.mark.parametrize("p", [0.0, 1.0])
    def test_p_must_lie_inside(self, p):
        with pytest.raises(ParameterError):
            rank_biased_overlap([*"a"], [*"a"], p=p)


class TestRuns:
    def test_ties_and_topics(self):
        original = {"q1": {"b": 1.0, "a": 1.0}, "q2": {"a": 1.0}, "q3": {}}
        ours = {"q1": {"a": 2.0, "b": 1.0}, "q2": {"a": 1.0}, "q4": {"a": 1.0}}
        found = compare_runs(original, ours)
        assert found.tau_by_topic == {"q1": 1.0, "q2": None} and found.tau_union == 1.0
        assert found.left_out == ("q3", "q4")

    @pytest.mark.parametrize("agreement", [kendall_tau_union, rank_biased_overlap])
    @pytest.mark.parametrize(
        ("ours", "words"),
        [
            ("d1d2", "one document id, not a list"),
            ([1, 2], "document id 1 is not a text"),
            (["d1", "d1"], "a document twice.*d1"),
        ],
    )
    def test_a_list_that_is_none_is_refused(self, agreement, ours, words):
        with pytest.raises(InputError, match=words):
            agreement(["d1", "d2"], ours)

    def test_nothing_shared(self):
        with pytest.raises(InputError, match="no topic in common"):
            compare_runs({"q1": {"a": 1.0}}, {"q2": {"a": 1.0}})

    def test_repro_eval_agrees_on_runs_whose_names_sort_as_the_original_ranks(self):
        order = pytest.importorskip("repro_eval.measure.document_order")
        generator = np.random.default_rng(8)
        documents = [f"d{i:03d}" for i in range(60)]
        original, ours = {}, {}
        for topic in ("q1", "q2", "q3"):
            original[topic] = {d: 100.0 - i for i, d in enumerate(documents[:40])}
            # The new documents of ours come last, in the order of their names.
            kept = generator.permutation(documents[:40])[:30].tolist() + documents[40:50]
            ours[topic] = {d: 100.0 - i for i, d in enumerate(kept)}
        found = compare_runs(original, ours, p=0.8, depth=40)
        assert found.tau_by_topic == pytest.approx(order.KTU(original, ours, 40, per_topic=True))
        assert found.rbo_by_topic == pytest.approx(order.RBO(original, ours, 0.8, 40, False, True))
