"""Statistics equal those of samples, add up, and drawn ones have the distribution of real ones."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.multitask.statistics import TaskStatistics, draw_statistics, statistics_of


def test_statistics_of_samples_are_the_products():
    """X = (1, 2; 3, 4), y = (1, -1): X'X = (10, 14; 14, 20), X'y = (1 - 3, 2 - 4)."""
    found = statistics_of(np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([[1.0, -1.0]]))
    assert found.gram.tolist() == [[[10, 14], [14, 20]]]
    assert found.moment.tolist() == [[-2, -2]]
    assert found.count.tolist() == [2]


def test_statistics_of_two_parts_add_up():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(3, 7, 4)), generator.normal(size=(3, 7))
    whole, parts = statistics_of(x, y), statistics_of(x[:, :5], y[:, :5]) + statistics_of(x[:, 5:], y[:, 5:])
    assert np.allclose(whole.gram, parts.gram) and np.allclose(whole.moment, parts.moment)
    assert (whole.count == parts.count).all()


@pytest.mark.parametrize("n", [2, 5, 40])
def test_drawn_statistics_have_the_moments_of_sampled_ones(n):
    """Over 4,000 draws mean and spread of every entry agree with real samples', also for n below d."""
    generator, d, draws = np.random.default_rng(1), 4, 4000
    theta = np.array([1.0, -0.5, 0.0, 2.0])
    drawn = draw_statistics(np.tile(theta, (draws, 1)), np.full(draws, n), 0.7, generator)
    x = generator.normal(size=(draws, n, d))
    real = statistics_of(x, x @ theta + 0.7 * generator.normal(size=(draws, n)))
    for a, b in ((drawn.gram, real.gram), (drawn.moment, real.moment)):
        spread = b.std(axis=0) + 1e-9
        assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) < 6 * spread * np.sqrt(2 / draws)).all()
        assert np.allclose(a.std(axis=0), spread, rtol=0.12)
    # and jointly: the residual of each sample's own least squares
    assert np.linalg.matrix_rank(drawn.gram[0]) == min(n, d)


def test_no_samples_give_nothing():
    drawn = draw_statistics(np.ones((2, 3)), np.array([0, 1]), 1.0, np.random.default_rng(0))
    assert not drawn.gram[0].any() and not drawn.moment[0].any()
    assert np.linalg.matrix_rank(drawn.gram[1]) == 1


def test_without_noise_the_truth_solves_the_normal_equations():
    theta = np.array([[3.0, 1.0, -2.0]])
    drawn = draw_statistics(theta, np.array([10]), 0.0, np.random.default_rng(0))
    assert np.allclose(np.linalg.solve(drawn.gram[0], drawn.moment[0]), theta[0])


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="do not fit"):
        TaskStatistics(np.zeros((2, 3, 3)), np.zeros((2, 4)), np.zeros(2))
    with pytest.raises(InputError, match="do not fit"):
        statistics_of(np.zeros((2, 5, 3)), np.zeros((2, 4)))
    with pytest.raises(InputError, match="finite"):
        statistics_of(np.full((1, 1, 2), np.nan), np.zeros((1, 1)))
    with pytest.raises(InputError, match="at least 0"):
        draw_statistics(np.zeros((1, 2)), np.array([-1]), 1.0, np.random.default_rng(0))
