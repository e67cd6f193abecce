"""What must hold whatever the numbers are: of corrections, tests, intervals and agreement of rankings."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.evaluation.correction import adjust
from reprise.evaluation.equivalence import equivalence_test
from reprise.evaluation.intervals import bootstrap_interval
from reprise.evaluation.rankings import kendall_tau_union, rank_biased_overlap
from reprise.evaluation.reproducibility import (
    delta_relative_improvement,
    effect_ratio,
    normalised_rmse,
    rmse,
)
from reprise.evaluation.significance import paired_t_test, permutation_test

quick = settings(max_examples=60, deadline=None, derandomize=True)
families = st.lists(st.floats(0, 1), min_size=1, max_size=12)
samples = st.lists(
    st.integers(-1000, 1000).map(lambda i: i / 1000), min_size=3, max_size=15, unique=True
).map(np.array)
rankings = st.permutations(list("abcdefgh")).flatmap(
    lambda order: st.integers(2, 8).map(lambda n: list(order[:n]))
)
scores = st.floats(0, 1, allow_subnormal=False)


@quick
@given(families)
def test_corrected_p_values_are_in_order_and_between_the_raw_ones_and_bonferronis(family):
    holm, bh = (np.array(adjust(family, name)) for name in ("holm", "benjamini-hochberg"))
    raw = np.array(family)
    assert np.all(raw <= bh + 1e-12) and np.all(bh <= holm + 1e-12)
    assert np.all(holm <= np.minimum(raw * len(raw), 1) + 1e-12)
    order = np.argsort(raw)
    assert np.all(np.diff(holm[order]) >= 0) and np.all(np.diff(bh[order]) >= 0)


@quick
@given(families, st.randoms(use_true_random=False))
def test_the_order_of_a_family_does_not_matter(family, shuffler):
    places = list(range(len(family)))
    shuffler.shuffle(places)
    for name in ("holm", "benjamini-hochberg"):
        expected = adjust(family, name)
        assert adjust([family[i] for i in places], name) == [expected[i] for i in places]


@quick
@given(samples, st.sampled_from([2.0, 0.5, -1.0]))
def test_tests_see_neither_the_unit_nor_the_direction(differences, factor):
    assert np.isclose(paired_t_test(differences), paired_t_test(differences * factor))
    found = [permutation_test(d, np.random.default_rng(1), 99) for d in (differences, differences * factor)]
    assert found[0] == found[1]
    assert 1 / 100 <= found[0] <= 1


@quick
@given(samples, st.sampled_from([0.01, 0.1, 1.0]))
def test_a_wider_margin_is_easier_to_keep_to(differences, margin):
    narrow, wide = equivalence_test(differences, margin), equivalence_test(differences, margin * 2)
    assert 0 <= wide <= narrow + 1e-12 <= 1 + 1e-12
    assert np.isclose(equivalence_test(-differences, margin), narrow)


@quick
@given(samples, st.sampled_from(["bca", "percentile"]))
def test_intervals_lie_among_their_values(values, method):
    low, high = bootstrap_interval(values, np.random.default_rng(1), method=method, resamples=200)
    assert values.min() - 1e-12 <= low <= high <= values.max() + 1e-12


@quick
@given(samples)
def test_intervals_move_with_their_values(values):
    """Of the percentile method; BCa counts resamples below the mean, where rounding decides among equals."""
    there = bootstrap_interval(values, np.random.default_rng(1), method="percentile", resamples=200)
    moved = bootstrap_interval(values * 2 + 1, np.random.default_rng(1), method="percentile", resamples=200)
    assert np.allclose(moved, (there[0] * 2 + 1, there[1] * 2 + 1))


@quick
@given(rankings, rankings)
def test_agreement_of_rankings(first, second):
    overlap = rank_biased_overlap(first, second)
    assert 0 <= overlap <= 1 + 1e-12
    assert np.isclose(overlap, rank_biased_overlap(second, first)), "RBO has no first and second"
    assert np.isclose(rank_biased_overlap(first, first), 1.0)
    tau = kendall_tau_union(first, second)
    assert -1 - 1e-12 <= tau <= 1 + 1e-12
    assert np.isclose(kendall_tau_union(first, first), 1.0)
    renamed = {name: f"doc-{ord(name) * 7919 % 101}" for name in "abcdefgh"}
    again = [[renamed[d] for d in ranking] for ranking in (first, second)]
    assert kendall_tau_union(*again) == tau and rank_biased_overlap(*again) == overlap


@quick
@given(st.lists(st.tuples(scores, scores), min_size=1, max_size=8))
def test_errors_by_topic(pairs):
    original = {f"q{i}": a for i, (a, _) in enumerate(pairs)}
    ours = {f"q{i}": b for i, (_, b) in enumerate(pairs)}
    assert np.isclose(rmse(original, ours), rmse(ours, original))
    assert rmse(original, original) == 0
    assert 0 <= rmse(original, ours) <= normalised_rmse(original, ours) + 1e-12 <= 1 + 1e-9


@quick
@given(*[st.floats(0.05, 1)] * 4)
def test_effects(base, advanced, our_base, our_advanced):
    assert delta_relative_improvement(base, advanced, base, advanced) == 0
    there = delta_relative_improvement(base, advanced, our_base, our_advanced)
    back = delta_relative_improvement(our_base, our_advanced, base, advanced)
    assert np.isclose(there, -back)
    ratio = effect_ratio(advanced - base, our_advanced - our_base)
    if ratio is not None:
        assert np.isclose(ratio * (advanced - base), our_advanced - our_base)
