"""The stacked Lasso equals scikit-learn's, one target at a time, and tends to the least L1 norm."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from reprise.errors import InputError, ParameterError, StudyFailed
from reprise.multitask.lasso import largest_penalty, lasso
from reprise.multitask.relevance import least_l1


@pytest.fixture
def stack():
    generator = np.random.default_rng(4)
    return generator.normal(size=(6, 5, 30)), generator.normal(size=(6, 5))


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02])
def test_equals_scikit_learn(stack, share):
    heads, targets = stack
    found = lasso(heads, targets, share, tolerance=1e-12)
    for w, target, nu, most in zip(heads, targets, found, largest_penalty(heads, targets), strict=True):
        theirs = Lasso(alpha=share * most / 5, fit_intercept=False, tol=1e-14, max_iter=500_000).fit(
            w, target
        )
        assert np.allclose(nu, theirs.coef_, atol=2e-5)
        assert set(np.flatnonzero(np.abs(nu) > 1e-4)) == set(np.flatnonzero(np.abs(theirs.coef_) > 1e-4))


def test_orthogonal_heads_are_soft_thresholded():
    """With W = I, nu = sign(w) max(|w| - penalty, 0); the penalty is 0.25 * 4 = 1."""
    assert np.allclose(lasso(np.eye(3), np.array([4.0, -2.0, 0.5]), 0.25), [3, -1, 0], atol=1e-3)


def test_a_small_penalty_gives_the_least_l1_norm(stack):
    heads, targets = stack
    assert np.allclose(lasso(heads, targets, 1e-4, tolerance=1e-9), least_l1(heads, targets), atol=2e-2)


def test_the_largest_penalty_and_a_zero_target_choose_nothing(stack):
    heads, targets = stack
    assert not lasso(heads, targets, 1.0).any()
    assert not lasso(heads, np.zeros_like(targets)).any()


def test_leading_axes_are_kept(stack):
    heads, targets = stack
    whole = lasso(heads.reshape(2, 3, 5, 30), targets.reshape(2, 3, 5), 0.1)
    assert whole.shape == (2, 3, 30)
    assert np.allclose(whole.reshape(6, 30), lasso(heads, targets, 0.1), atol=1e-3)


def test_bad_input_is_refused(stack):
    heads, targets = stack
    for share in (0.0, 1.5, float("nan")):
        with pytest.raises(ParameterError, match="share"):
            lasso(heads, targets, share)
    with pytest.raises(InputError, match="do not fit"):
        lasso(heads, targets[:, :4])
    with pytest.raises(InputError, match="finite"):
        lasso(heads, np.where(targets > 0, np.inf, targets))
    with pytest.raises(StudyFailed, match="not converged"):
        lasso(heads, targets, 0.01, tolerance=1e-12, most=10)
