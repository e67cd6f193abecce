"""Least-norm relevance against hand-worked cases, pinv and a linear program a target; the span is checked."""

import numpy as np
import pytest
from scipy.optimize import linprog

from reprise.errors import InputError
from reprise.multitask.relevance import least_l1, least_l2, require_span, span_residual


@pytest.fixture
def stack():
    generator = np.random.default_rng(2)
    return generator.normal(size=(7, 4, 12)), generator.normal(size=(7, 4))


def test_one_dimension_by_hand():
    """Heads 1, 2, -4 and target 2: L1 puts -1/2 on the longest; L2 is 2 w / 21."""
    heads, target = np.array([[1.0, 2.0, -4.0]]), np.array([2.0])
    assert np.allclose(least_l1(heads, target), [0, 0, -0.5])
    assert np.allclose(least_l2(heads, target), np.array([2, 4, -8]) / 21)


def test_a_stack_equals_one_program_a_target(stack):
    heads, targets = stack
    nu = least_l1(heads, targets)
    for w, target, found in zip(heads, targets, nu, strict=True):
        one = linprog(np.ones(24), A_eq=np.hstack([w, -w]), b_eq=target, bounds=(0, None))
        assert np.abs(found).sum() == pytest.approx(one.fun, abs=1e-9)
        assert np.allclose(w @ found, target)


def test_l2_equals_pinv_and_both_solve_the_equations(stack):
    heads, targets = stack
    for w, target, found in zip(heads, targets, least_l2(heads, targets), strict=True):
        assert np.allclose(found, np.linalg.pinv(w) @ target)
        assert np.allclose(w @ found, target)


def test_norms_are_in_order_and_l1_is_sparse(stack):
    """||nu1||_1 <= ||nu2||_1 <= sqrt(T) ||nu2||_2, and a corner has at most k sources."""
    heads, targets = stack
    one, two = least_l1(heads, targets), least_l2(heads, targets)
    assert (np.abs(one).sum(axis=1) <= np.abs(two).sum(axis=1) + 1e-9).all()
    assert (np.abs(two).sum(axis=1) <= np.sqrt(12) * np.linalg.norm(two, axis=1) + 1e-9).all()
    assert ((np.abs(one) > 1e-9).sum(axis=1) <= 4).all() and ((np.abs(two) > 1e-9).sum(axis=1) == 12).all()


def test_a_target_outside_the_span_is_refused_with_its_residual():
    """Sources reach only the first axis: of (3, 4) they miss 4/5."""
    heads, target = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([3.0, 4.0])
    assert span_residual(heads, target) == pytest.approx(0.8)
    with pytest.raises(InputError, match=r"outside the span.*residual up to 0\.8"):
        require_span(heads, target)
    with pytest.raises(InputError, match="outside the span"):
        least_l1(heads, target)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="do not fit"):
        least_l2(np.zeros((3, 5)), np.zeros(4))
    with pytest.raises(InputError, match="finite"):
        least_l1(np.full((1, 2), np.nan), np.zeros(1))
