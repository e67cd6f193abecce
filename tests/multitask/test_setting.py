"""Families of instances have the relevance that they were made for."""

import numpy as np
import pytest

from reprise.errors import ParameterError
from reprise.multitask.relevance import least_l1, least_l2, span_residual
from reprise.multitask.setting import FAMILIES, excess_risk, make_instances
from reprise.multitask.surrogate import hardest_ratio, variance_factor


@pytest.mark.parametrize("family", FAMILIES)
def test_every_target_lies_in_the_span_and_seeds_decide(family):
    made = make_instances(family, [1, 2], d=12, k=4, sources=25, sparsity=2)
    assert made.parameters.shape == (2, 25, 12) and made.target_parameter.shape == (2, 12)
    assert (span_residual(made.heads, made.target) < 1e-8).all()
    assert np.allclose(np.swapaxes(made.basis, 1, 2) @ made.basis, np.eye(4))
    again = make_instances(family, [2], d=12, k=4, sources=25, sparsity=2)
    assert np.array_equal(made.heads[1], again.heads[0]) and np.array_equal(made.basis[1], again.basis[0])


@pytest.mark.parametrize("sparsity", [1, 2, 3])
def test_spikes_by_hand(sparsity):
    """s sources of weight 1/sqrt(s): ||nu1||_1^2 = s for L1 and L2 alike, and T for uniform."""
    made = make_instances("spikes", [1], d=10, k=4, sources=20, sparsity=sparsity)
    one, two = least_l1(made.heads, made.target), least_l2(made.heads, made.target)
    assert np.allclose(one, two) and np.count_nonzero(np.abs(one) > 1e-9) == sparsity
    assert variance_factor(made.heads, made.target, np.abs(one))[0] == pytest.approx(sparsity)
    assert variance_factor(made.heads, made.target, two**2)[0] == pytest.approx(sparsity)
    assert variance_factor(made.heads, made.target, np.ones((1, 20)))[0] == pytest.approx(20)


def test_rare_makes_l1_and_l2_alike():
    """Both sources of the target's direction get the same: nu2 = 1/2, 1/2."""
    made = make_instances("rare", [3], d=10, k=4, sources=20)
    assert np.allclose(least_l2(made.heads, made.target)[0, :3], [0.5, 0.5, 0])
    factors = [
        variance_factor(made.heads, made.target, np.abs(nu) ** q)[0]
        for nu, q in ((least_l1(made.heads, made.target), 1), (least_l2(made.heads, made.target), 2))
    ]
    assert np.allclose(factors, 1)


def test_hardest_is_the_construction_of_the_surrogate():
    made = make_instances("hardest", [1], d=10, k=3, sources=18)
    paid = variance_factor(made.heads, made.target, least_l2(made.heads, made.target) ** 2)
    assert paid[0] == pytest.approx(hardest_ratio(16))


def test_excess_risk_is_the_mean_squared_error_of_a_standard_normal_input():
    generator = np.random.default_rng(0)
    truth, found = generator.normal(size=3), generator.normal(size=3)
    x = generator.normal(size=(200_000, 3))
    assert excess_risk(found, truth) == pytest.approx(np.mean((x @ found - x @ truth) ** 2), rel=0.02)


def test_bad_input_is_refused():
    with pytest.raises(ParameterError, match="unknown family"):
        make_instances("nothing", [1], d=5, k=2, sources=9)
    for k in (0, 6, 10):
        with pytest.raises(ParameterError, match="at most the number of inputs and of sources"):
            make_instances("random", [1], d=5, k=k, sources=9)
    with pytest.raises(ParameterError, match="sparsity"):
        make_instances("spikes", [1], d=5, k=3, sources=9, sparsity=3)
    with pytest.raises(ParameterError, match="rare"):
        make_instances("rare", [1], d=5, k=1, sources=9)
    with pytest.raises(ParameterError, match="hardest"):
        make_instances("hardest", [1], d=9, k=8, sources=8)
