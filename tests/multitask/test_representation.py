"""The batched learner: exact cases, the normal equations solved whole, one fit at a time, and bad input."""

from itertools import pairwise

import numpy as np
import pytest

from reprise.errors import ParameterError
from reprise.multitask.representation import (
    Representation,
    _BasisSolver,
    fit_heads,
    fit_representation,
    fit_single,
)
from reprise.multitask.setting import make_instances
from reprise.multitask.statistics import TaskStatistics, draw_statistics, statistics_of


@pytest.fixture
def problems():
    instances = make_instances("random", [1, 2, 3], d=7, k=2, sources=9)
    generator = np.random.default_rng(5)
    counts = generator.integers(5, 60, (3, 9))
    return instances, draw_statistics(instances.parameters, counts, 0.5, generator)


def loss(statistics, fitted):
    """Sum of squares without the labels' own square, which no fit changes, and the ridge."""
    theta = fitted.parameters
    squares = np.einsum("...ti,...tij,...tj->...", theta, statistics.gram, theta)
    ridge = np.asarray(fitted.penalty) * (fitted.heads**2).sum(axis=(-1, -2))
    return squares - 2 * (theta * statistics.moment).sum(axis=(-1, -2)) + ridge


def test_without_noise_the_truth_is_found():
    instances = make_instances("random", [1, 2], d=10, k=3, sources=12)
    generator = np.random.default_rng(0)
    exact = draw_statistics(instances.parameters, np.full((2, 12), 30), 0.0, generator)
    fitted = fit_representation(exact, 3, ridge=0, tolerance=1e-12, sweeps=200)
    assert np.allclose(fitted.parameters, instances.parameters, atol=1e-5)
    head = fit_heads(
        draw_statistics(instances.target_parameter[:, None], np.full((2, 1), 20), 0.0, generator), fitted
    )
    assert np.allclose((fitted.basis @ head)[..., 0], instances.target_parameter, atol=1e-4)


def test_alike_grams_are_solved_by_one_singular_value_decomposition():
    """With G_t = n I the loss is n ||theta_t - B w_t||^2: the best rank k of the least-squares solutions."""
    generator = np.random.default_rng(3)
    theta = generator.normal(size=(8, 5))
    statistics = TaskStatistics(np.tile(10 * np.eye(5), (8, 1, 1)), 10 * theta, np.full(8, 10))
    fitted = fit_representation(statistics, 2, ridge=0, tolerance=1e-13, sweeps=500)
    u, s, v = np.linalg.svd(theta, full_matrices=False)
    assert np.allclose(fitted.parameters, (u[:, :2] * s[:2]) @ v[:2], atol=1e-5)


def test_the_map_solves_the_whole_normal_equations(problems):
    """Conjugate gradients end where a direct solve of the (d k) x (d k) Kronecker system does."""
    _, statistics = problems
    heads = np.random.default_rng(1).normal(size=(3, 2, 9))
    solver = _BasisSolver(statistics, np.full(3, 2.0))
    solver.STEPS, solver.ACCURACY = 200, 1e-12
    found = solver.solve(np.zeros((3, 7, 2)), heads)
    for i in range(3):
        system = sum(
            np.kron(g + 2 * np.eye(7), np.outer(w, w))
            for g, w in zip(statistics.gram[i], heads[i].T, strict=True)
        )
        goal = sum(np.outer(b, w) for b, w in zip(statistics.moment[i], heads[i].T, strict=True))
        assert np.allclose(found[i], np.linalg.solve(system, goal.ravel()).reshape(7, 2), atol=1e-7)


def test_a_stack_equals_one_fit_at_a_time(problems):
    _, statistics = problems
    together = fit_representation(statistics, 2, tolerance=1e-12, sweeps=300)
    for i in range(3):
        alone = fit_representation(statistics[i], 2, tolerance=1e-12, sweeps=300)
        assert np.allclose(together.parameters[i], alone.parameters, atol=1e-4)


def test_more_sweeps_never_fit_worse_and_the_basis_is_orthonormal(problems):
    _, statistics = problems
    losses = [
        loss(statistics, fit_representation(statistics, 2, sweeps=n, tolerance=0)) for n in (0, 1, 3, 10, 40)
    ]
    for before, after in pairwise(losses):
        assert (after <= before + 1e-6 * np.abs(before)).all()
    basis = fit_representation(statistics, 2).basis
    assert np.allclose(np.swapaxes(basis, 1, 2) @ basis, np.eye(2))


def test_the_optimum_is_a_stationary_point_of_torch_too(problems):
    """Gradient descent by torch from our solution goes nowhere better."""
    import torch

    _, statistics = problems
    fitted = fit_representation(statistics[0], 2, ridge=0, tolerance=1e-14, sweeps=2000)
    gram, moment = torch.tensor(statistics.gram[0]), torch.tensor(statistics.moment[0])
    basis, heads = (torch.tensor(a, requires_grad=True) for a in (fitted.basis, fitted.heads))
    theta = (basis @ heads).T
    value = torch.einsum("ti,tij,tj->", theta, gram, theta) - 2 * (theta * moment).sum()
    value.backward()
    scale = np.abs(statistics.moment[0]).sum()
    assert basis.grad.abs().max() < 2e-3 * scale and heads.grad.abs().max() < 2e-3 * scale


def test_a_ridge_worth_all_samples_halves_the_heads():
    """n = 4 samples with X'X = 4 I and a ridge of 4 samples: w = X'y / (4 + 4)."""
    statistics = TaskStatistics(
        np.tile(4 * np.eye(2), (2, 1, 1)), np.array([[4.0, 0], [8.0, 0]]), np.array([4, 4])
    )
    fitted = fit_representation(statistics, 1, ridge=4)
    assert np.allclose(fitted.parameters, [[0.5, 0], [1, 0]])


def test_single_ridge_is_scikit_learns():
    from sklearn.linear_model import Ridge

    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(1, 6, 4)), generator.normal(size=(1, 6))
    strength = (x**2).sum() / 6
    theirs = Ridge(alpha=strength, fit_intercept=False).fit(x[0], y[0]).coef_
    assert np.allclose(fit_single(statistics_of(x, y))[0], theirs)


def test_a_part_of_a_stack_can_be_picked():
    whole = Representation(np.zeros((3, 4, 2)), np.zeros((3, 2, 5)), np.zeros(3))
    assert whole[1:].basis.shape == (2, 4, 2) and whole[0].heads.shape == (2, 5)


def test_bad_input_is_refused(problems):
    _, statistics = problems
    for k in (0, 8):
        with pytest.raises(ParameterError, match="at most the number of inputs and of tasks"):
            fit_representation(statistics, k)
    with pytest.raises(ParameterError, match="at most the number of inputs and of tasks"):
        fit_representation(statistics[:, :1], 2)
    empty = TaskStatistics(np.zeros((2, 2, 2)), np.zeros((2, 2)), np.array([0, 3]))
    with pytest.raises(ParameterError, match="at least one sample"):
        fit_representation(empty, 1)
