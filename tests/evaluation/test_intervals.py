"""Bootstrap and t intervals against scipy, by hand, and by how often they cover the truth."""

import numpy as np
import pytest
from scipy import stats

from reprise.errors import InputError, ParameterError
from reprise.evaluation.intervals import bootstrap_interval, t_interval

SKEWED = np.random.default_rng(3).exponential(size=30)


@pytest.mark.parametrize(("ours", "theirs"), [("percentile", "percentile"), ("bca", "BCa")])
def test_bootstrap_is_near_scipys(ours, theirs):
    found = bootstrap_interval(SKEWED, np.random.default_rng(1), method=ours, resamples=20_000)
    oracle = stats.bootstrap(
        (SKEWED,), np.mean, method=theirs, n_resamples=20_000, rng=np.random.default_rng(2)
    ).confidence_interval
    # Two bootstraps of 20,000 draws differ by chance by about a hundredth of the interval's width.
    assert found == pytest.approx(tuple(oracle), abs=0.03 * (oracle.high - oracle.low))


def test_bca_moves_with_the_skew():
    percentile = bootstrap_interval(SKEWED, np.random.default_rng(1), method="percentile")
    bca = bootstrap_interval(SKEWED, np.random.default_rng(1), method="bca")
    assert bca[0] > percentile[0] and bca[1] > percentile[1]


def test_t_interval_equals_scipys():
    oracle = stats.ttest_1samp(SKEWED, 0).confidence_interval(0.9)
    assert t_interval(SKEWED, 0.9) == pytest.approx(tuple(oracle))


def test_topics_and_seeds():
    # Two seeds far apart, topics all alike: only drawing seeds shows any spread.
    table = np.array([[0.2] * 5, [0.6] * 5])
    generator = np.random.default_rng(1)
    assert bootstrap_interval(table, generator, over="topics") == pytest.approx((0.4, 0.4))
    low, high = bootstrap_interval(table, generator, over="seeds", method="percentile")
    assert (low, high) == pytest.approx((0.2, 0.6))
    low, high = bootstrap_interval(table, generator, over="both", method="percentile", resamples=200)
    assert (low, high) == pytest.approx((0.2, 0.6))


def test_same_seed_same_interval_other_seed_another():
    draws = [bootstrap_interval(SKEWED, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_no_spread_no_width():
    assert bootstrap_interval([0.5, 0.5, 0.5], np.random.default_rng(1)) == (0.5, 0.5)


def test_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(300):
        low, high = bootstrap_interval(generator.normal(size=40), generator, resamples=400)
        covered += low <= 0 <= high
    assert 0.90 <= covered / 300 <= 0.98


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")]])
def test_too_little_is_refused(values):
    with pytest.raises(InputError):
        bootstrap_interval(values, np.random.default_rng(1))


def test_bca_over_two_axes_is_refused():
    with pytest.raises(ParameterError, match="percentile"):
        bootstrap_interval(np.ones((2, 2)), np.random.default_rng(1), over="both")
