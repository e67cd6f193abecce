"""The tests against scipy, their behaviour under the null, and what a comparison says of itself."""

import numpy as np
import pytest
from scipy import stats

from reprise.errors import InputError, ParameterError
from reprise.evaluation.cells import Cell
from reprise.evaluation.equivalence import equivalence_test
from reprise.evaluation.intervals import t_interval
from reprise.evaluation.significance import (
    compare,
    compare_family,
    effect_size,
    paired_differences,
    paired_t_test,
    permutation_test,
)

LEFT, RIGHT = np.random.default_rng(4).random((2, 25))


def cell(values, stage="dense", measure="MAP"):
    samples = {f"q{i}": float(v) for i, v in enumerate(values)}
    return Cell("toy", measure, {"stage": stage}, float(np.mean(values)), len(samples), samples)


class TestPairedT:
    def test_equals_scipys(self):
        assert paired_t_test(LEFT - RIGHT) == pytest.approx(stats.ttest_rel(LEFT, RIGHT).pvalue)

    def test_without_spread(self):
        assert paired_t_test(np.zeros(4)) == 1.0
        assert paired_t_test(np.full(4, 0.25)) == 0.0


class TestPermutation:
    def test_is_near_scipys_exact_p(self):
        differences = (LEFT - RIGHT)[:10]  # 2 ** 10 sign vectors: scipy takes all of them
        exact = stats.permutation_test(
            (differences,), np.mean, permutation_type="samples", n_resamples=2000
        ).pvalue
        found = permutation_test(differences, np.random.default_rng(1), 20_000)
        assert found == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))

    def test_is_never_zero(self):
        # Twenty equal differences: only 2 of 2 ** 20 sign vectors are as extreme.
        assert permutation_test(np.ones(20), np.random.default_rng(1), 999) == 1 / 1000

    def test_seed_decides(self):
        found = [permutation_test(LEFT - RIGHT, np.random.default_rng(seed), 500) for seed in (1, 1, 2)]
        assert found[0] == found[1] != found[2]

    def test_uniform_under_the_null(self):
        # The p-values of 500 fixed seeds; a test that is too eager or too shy fails this by far.
        p_values = []
        for seed in range(500):
            generator = np.random.default_rng(seed)
            p_values.append(permutation_test(generator.normal(size=20), generator, 400))
        assert stats.kstest(p_values, "uniform").pvalue > 0.01
        squared = np.square(p_values)  # what a test that doubles its findings would give
        assert stats.kstest(squared, "uniform").pvalue < 1e-6

    def test_t_test_is_uniform_under_the_null_too(self):
        p_values = [paired_t_test(np.random.default_rng(seed).normal(size=20)) for seed in range(500)]
        assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_effect_size_by_hand():
    assert effect_size(np.array([0.1, 0.3])) == pytest.approx(0.2 / np.sqrt(0.02))  # mean 0.2, variance 0.02
    assert effect_size(np.full(3, 0.1)) is None


class TestCompare:
    def test_pairs_by_topic_not_by_position(self):
        left = Cell("toy", "MAP", {}, 0.5, samples={"q1": 0.9, "q2": 0.1, "q3": 0.2})
        right = Cell("toy", "MAP", {}, 0.5, samples={"q3": 0.2, "q2": 0.1, "q1": 0.6})
        assert compare(left, right).difference == pytest.approx(0.1)

    def test_says_what_it_did(self):
        found = compare(
            cell(LEFT, "vprf"),
            cell(RIGHT),
            test="permutation test",
            interval="bca",
            generator=np.random.default_rng(1),
            resamples=500,
        )
        assert found.test == "permutation test (500 sign flips)"
        assert found.interval_kind == "95% bootstrap, bca"
        assert (found.n, found.correction, found.family) == (25, "none", "this comparison alone")
        assert found.interval[0] < found.difference < found.interval[1]

    def test_is_antisymmetric(self):
        there, back = compare(cell(LEFT), cell(RIGHT)), compare(cell(RIGHT), cell(LEFT))
        assert there.p == back.p and there.difference == -back.difference
        assert there.interval == pytest.approx([-b for b in reversed(back.interval)])
        assert there.effect_size == pytest.approx(-back.effect_size)

    def test_family_is_corrected_as_a_whole(self):
        pairs = [(cell(LEFT + shift), cell(RIGHT)) for shift in (0.0, 0.1, 0.2)]
        alone, together = [compare(*pair).p for pair in pairs], compare_family(pairs, family="shifts")
        smallest = int(np.argmin(alone))
        assert together[smallest].p_adjusted == pytest.approx(min(1, 3 * alone[smallest]))
        assert {c.family for c in together} == {"shifts (3 comparisons)"}
        assert {c.correction for c in together} == {"holm"}
        assert compare_family([], family="none") == []

    def test_to_dict_is_plain(self):
        import json

        record = compare(cell(LEFT, "vprf"), cell(RIGHT)).to_dict()
        assert json.loads(json.dumps(record)) == record
        assert {
            "dataset",
            "measure",
            "left",
            "right",
            "difference",
            "interval",
            "p",
            "p_adjusted",
            "test",
            "correction",
            "family",
            "n",
            "effect_size",
        } <= set(record)


@pytest.mark.parametrize(
    "values", [[], [0.3], [0.3, float("nan")], [[0.1, 0.2], [0.3, 0.4]], 0.3, ["x", "y"]]
)
@pytest.mark.parametrize(
    "test",
    [
        paired_t_test,
        effect_size,
        t_interval,
        lambda values: permutation_test(values, np.random.default_rng(1), 99),
        lambda values: equivalence_test(values, margin=0.1),
    ],
)
def test_no_test_answers_from_what_is_no_sample(test, values):
    with pytest.raises(InputError, match="at least two values"):
        test(values)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: compare(cell(LEFT), cell(RIGHT[:-1])), InputError, "not of the same topics.*q24"),
        (lambda: compare(cell(LEFT), cell(RIGHT, measure="nDCG@10")), InputError, "different datasets"),
        (lambda: compare(cell([0.1]), cell([0.2])), InputError, "at least two values"),
        (
            lambda: compare(cell(LEFT), cell(RIGHT), test="permutation test"),
            ParameterError,
            "random generator",
        ),
        (lambda: compare(cell(LEFT), cell(RIGHT), interval="bca"), ParameterError, "random generator"),
        (
            lambda: compare(cell(LEFT), cell(RIGHT), test="wilcoxon", generator=np.random.default_rng(1)),
            ParameterError,
            "unknown test",
        ),
        (
            lambda: paired_differences({"a": 1.0, "b": float("inf")}, {"a": 1.0, "b": 1.0}),
            InputError,
            "finite",
        ),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
