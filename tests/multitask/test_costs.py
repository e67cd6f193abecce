"""Costs against arithmetic: weighted L1, money spent and needed; the cost-aware way is the cheapest."""

import numpy as np
import pytest

from reprise.errors import ParameterError
from reprise.multitask.allocation import allocate
from reprise.multitask.costs import least_weighted_l1, money_needed, money_spent
from reprise.multitask.relevance import least_l1
from reprise.multitask.setting import make_instances
from reprise.multitask.surrogate import variance_factor


def test_the_cheaper_of_two_like_sources_is_chosen():
    """A head twice as long saves 4 in samples: at 3 times the price it is still cheaper, at 5 times not."""
    heads, target = np.array([[2.0, 1.0]]), np.array([1.0])
    assert np.allclose(least_weighted_l1(heads, target, np.array([3.0, 1.0])), [0.5, 0])
    assert np.allclose(least_weighted_l1(heads, target, np.array([5.0, 1.0])), [0, 1])


def test_equal_costs_change_nothing():
    made = make_instances("random", [1, 2], d=8, k=3, sources=15)
    weighted = least_weighted_l1(made.heads, made.target, np.full(15, 7.0))
    assert np.allclose(weighted, least_l1(made.heads, made.target))


def test_the_cost_aware_way_is_the_cheapest():
    """Money for a given variance: (sum sqrt(a) |nu|)^2, and no strategy that ignores prices needs less."""
    made = make_instances("random", [1, 2, 3, 4], d=8, k=3, sources=15)
    costs = np.exp(np.random.default_rng(0).normal(size=15))
    nu = least_weighted_l1(made.heads, made.target, costs)
    shares = np.abs(nu) / np.sqrt(costs)
    factor = variance_factor(made.heads, made.target, shares)
    aware = money_needed(factor, shares, costs, 0.0, 1000)
    assert np.allclose(aware, 1000 * (np.sqrt(costs) * np.abs(nu)).sum(axis=1) ** 2)
    for blind in (np.abs(least_l1(made.heads, made.target)), np.ones((4, 15))):
        money = money_needed(variance_factor(made.heads, made.target, blind), blind, costs, 0.0, 1000)
        assert (money >= aware - 1e-6).all()


def test_money_by_hand():
    """2 samples at 3 and 1 at 5 make 11; two sources opened at 4 make 19."""
    assert money_spent(np.array([2, 1, 0]), np.array([3.0, 5.0, 9.0])) == 11
    assert money_spent(np.array([2, 1, 0]), np.array([3.0, 5.0, 9.0]), 4) == 19
    counts = allocate(np.array([1.0, 2.0]), 1, 90, costs=np.array([1.0, 4.0]))
    assert money_spent(counts, np.array([1.0, 4.0])) <= 90


def test_bad_costs_are_refused():
    for wrong in (np.array([0.0, 1.0]), np.array([-1.0, 1.0]), np.array([1.0]), np.array([np.nan, 1.0])):
        with pytest.raises(ParameterError, match="cost above 0"):
            least_weighted_l1(np.eye(2), np.ones(2), wrong)
    with pytest.raises(ParameterError, match="less than nothing"):
        money_spent(np.array([1]), np.array([1.0]), -1.0)
