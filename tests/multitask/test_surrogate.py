"""The closed forms: uniform is T ||nu2||^2, L1 is ||nu1||_1^2 and optimal; the construction against L2."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.multitask.allocation import L2, allocate
from reprise.multitask.relevance import least_l1, least_l2
from reprise.multitask.representation import fit_heads, fit_representation
from reprise.multitask.setting import excess_risk, make_instances
from reprise.multitask.statistics import draw_statistics
from reprise.multitask.surrogate import hardest_ratio, hardest_scale, variance_factor


@pytest.fixture
def instances():
    return make_instances("random", [1, 2, 3, 4], d=8, k=4, sources=20)


def test_uniform_is_t_times_the_squared_l2_norm(instances):
    heads, target = instances.heads, instances.target
    uniform = variance_factor(heads, target, np.ones((4, 20)))
    assert np.allclose(uniform, 20 * (least_l2(heads, target) ** 2).sum(axis=1))


def test_l1_is_the_squared_l1_norm_and_no_allocation_beats_it(instances):
    heads, target = instances.heads, instances.target
    nu = np.abs(least_l1(heads, target))
    best = variance_factor(heads, target, nu)
    assert np.allclose(best, nu.sum(axis=1) ** 2)
    generator = np.random.default_rng(0)
    for concentration in (0.05, 0.3, 1.0, 5.0):
        other = generator.dirichlet(np.full(20, concentration), size=(50, 4)) + 1e-6
        for allocation in other:
            assert (variance_factor(heads, target, allocation) >= best - 1e-6).all()


def test_the_chain_of_strategies(instances):
    heads, target = instances.heads, instances.target
    one, two = least_l1(heads, target), least_l2(heads, target)
    squares = variance_factor(heads, target, two**2)
    assert (np.abs(one).sum(axis=1) ** 2 <= squares + 1e-9).all()
    assert (squares <= 20 * (two**2).sum(axis=1) + 1e-9).all()


@pytest.mark.parametrize("sources", [4, 9, 100])
def test_what_squared_l2_sampling_pays_on_its_hardest_instance(sources):
    """(sqrt(T) + 1) / 2 times the optimum, and no other length of the other heads costs it more."""
    heads = np.full((1, sources), hardest_scale(sources))
    heads[0, 0] = 1.0
    target = np.array([1.0])
    paid = variance_factor(heads, target, L2.relevance(heads, target) ** 2)
    assert paid == pytest.approx(hardest_ratio(sources))
    for scale in np.linspace(0.01, 1, 200):
        heads[0, 1:] = scale
        assert variance_factor(heads, target, L2.relevance(heads, target) ** 2) <= paid + 1e-9


@pytest.mark.parametrize("strategy", ["uniform", "L2", "L1"])
def test_the_learner_has_the_closed_forms_risk(strategy):
    """With plenty of target samples the mean risk over 60 seeds is noise^2 (d - k) S / N within a sixth."""
    made = make_instances("random", list(range(60)), d=20, k=4, sources=15)
    nu = {
        "uniform": np.ones((60, 15)),
        "L2": least_l2(made.heads, made.target) ** 2,
        "L1": np.abs(least_l1(made.heads, made.target)),
    }[strategy]
    counts = allocate(nu, 1, 60_000, 400)
    generator = np.random.default_rng(1)
    fitted = fit_representation(draw_statistics(made.parameters, counts, 1.0, generator), 4)
    plenty = draw_statistics(made.target_parameter[:, None], np.full((60, 1), 10**8), 1.0, generator)
    risk = excess_risk((fitted.basis @ fit_heads(plenty, fitted))[..., 0], made.target_parameter)
    expected = (20 - 4) * variance_factor(made.heads, made.target, counts) / 60_000
    assert risk.mean() == pytest.approx(expected.mean(), rel=1 / 6)


def test_an_allocation_that_misses_the_target_is_infinitely_bad():
    assert variance_factor(np.eye(2), np.array([1.0, 1.0]), np.array([1.0, 0.0])) == np.inf


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="do not fit"):
        variance_factor(np.eye(2), np.ones(2), np.ones(3))
    for wrong in (np.zeros(2), np.array([1.0, -1.0])):
        with pytest.raises(InputError, match="allocation"):
            variance_factor(np.eye(2), np.ones(2), wrong)
