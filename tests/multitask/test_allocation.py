"""Allocations against arithmetic; the whole budget is spent; floors, costs and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.errors import InputError, ParameterError
from reprise.multitask.allocation import L1, L2, Strategy, allocate


def test_proportional_to_the_power_by_hand():
    """|nu| = 2, 1, 1: q = 1 gives 6, 3, 3 of 12; q = 2 gives 4 : 1 : 1 = 8, 2, 2."""
    nu = np.array([-2.0, 1.0, 1.0])
    assert allocate(nu, 1, 12).tolist() == [6, 3, 3]
    assert allocate(nu, 2, 12).tolist() == [8, 2, 2]


def test_the_floor_is_kept_and_the_rest_is_shared():
    """Equation 13: max(c |nu|, 5) with sum 100: 10 at the floor for the last two, c = 90 / 3."""
    assert allocate(np.array([2.0, 1.0, 0.1, 0.0]), 1, 100, 5).tolist() == [60, 30, 5, 5]


def test_floors_of_a_source_each_are_what_was_drawn():
    """Largest relevance is at 40 already: max(c, 40) + max(c, 0) + max(c, 0) = 60, c = 10."""
    assert allocate(np.ones(3), 1, 60, np.array([40, 0, 0])).tolist() == [40, 10, 10]


def test_no_preference_is_uniform_and_ties_go_to_the_first():
    assert allocate(np.zeros(4), 1, 10).tolist() == [3, 3, 2, 2]
    assert allocate(np.zeros(4), 2, 8).tolist() == [2, 2, 2, 2]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.integers(0, 5),
    st.integers(0, 500),
)
def test_every_sample_is_spent_and_no_floor_is_broken(nu, power, floor, extra):
    counts = allocate(np.array(nu), power, floor * len(nu) + extra, floor)
    assert counts.sum() == floor * len(nu) + extra
    assert counts.min() >= floor
    order = np.argsort(np.abs(nu), kind="stable")
    assert (np.diff(counts[order]) >= -1).all(), "a more relevant source never gets less, but for rounding"


def test_a_stack_equals_one_target_at_a_time():
    nu = np.random.default_rng(0).normal(size=(5, 20))
    floors = np.random.default_rng(1).integers(0, 9, (5, 20))
    together = allocate(nu, 2, 300, floors)
    assert all((allocate(n, 2, 300, f) == c).all() for n, f, c in zip(nu, floors, together, strict=True))
    assert (together == allocate(nu, 2, 300, floors)).all()


def test_costs_are_the_lagrange_solution():
    """n proportional to |nu| / sqrt(a): 1/1 : 1/2, costing 1 and 4 each: 1 + 2 = 3 parts of 300."""
    counts = allocate(np.array([1.0, 1.0]), 1, 300, costs=np.array([1.0, 4.0]))
    assert counts.tolist() == [100, 50]
    # no other way to spend 300 has a smaller sum of nu^2 / n
    first = np.arange(4, 297, 4)
    assert (1 / first + 1 / ((300 - first) / 4)).min() >= 1 / 100 + 1 / 50 - 1e-12


def test_strategies_are_those_of_the_papers():
    heads, target = np.array([[1.0, 0.5, 0.5]]), np.array([1.0])
    assert (L1.p, L1.q, L2.p, L2.q) == (1, 1, 2, 2)
    assert np.allclose(L1.relevance(heads, target), [1, 0, 0])
    assert np.allclose(L2.relevance(heads, target), np.array([1, 0.5, 0.5]) / 1.5)


def test_bad_input_is_refused():
    with pytest.raises(ParameterError, match=r"smaller than.*least.*budget of at least 30"):
        allocate(np.ones(3), 1, 29, 10)
    with pytest.raises(ParameterError, match="cost above 0"):
        allocate(np.ones(2), 1, 10, costs=np.array([1.0, 0.0]))
    with pytest.raises(ParameterError, match="cost above 0"):
        allocate(np.ones(2), 1, 10, costs=np.array([1.0, -2.0]))
    with pytest.raises(InputError, match="finite"):
        allocate(np.array([1.0, np.nan]), 1, 10)
    for wrong in ((3, 1), (1, 0), (2, float("nan"))):
        with pytest.raises(ParameterError, match="strategy"):
            Strategy(*wrong)
