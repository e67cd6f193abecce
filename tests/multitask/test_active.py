"""The epochs: budgets, floors, top-ups, the same allocation from the same seed; rules against arithmetic."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.multitask.active import advance, budgets_of, explore, learn_once, run_epochs
from reprise.multitask.allocation import L1
from reprise.multitask.representation import fit_representation
from reprise.multitask.rules import (
    embedding_rule,
    gradient_rule,
    lasso_rule,
    least_l2_rule,
    shared_rule,
    shuffled,
    uniform,
)
from reprise.multitask.setting import excess_risk, make_instances
from reprise.multitask.statistics import TaskStatistics, draw_statistics


class Drawn:
    """A sampler of the synthetic model that notes what it was asked for."""

    def __init__(self, instances, seed=0, noise=1.0):
        self.instances, self.noise = instances, noise
        self.generator, self.asked = np.random.default_rng(seed), []

    def draw(self, have, want):
        self.asked.append((have.copy(), want.copy()))
        return draw_statistics(self.instances.parameters, want - have, self.noise, self.generator)


@pytest.fixture
def instances():
    return make_instances("rare", [1, 2, 3], d=12, k=3, sources=20)


@pytest.fixture
def target(instances):
    return draw_statistics(
        instances.target_parameter[:, None], np.full((3, 1), 400), 1.0, np.random.default_rng(9)
    )


def run(instances, target, rule, power, total=4000, epochs=3, seed=0):
    sampler, budgets = Drawn(instances, seed), budgets_of(total, epochs)
    first = explore(sampler, target, 20, budgets[0], 3)
    return sampler, run_epochs(sampler, first, rule, power, budgets[1:])


def test_budgets_double():
    assert budgets_of(800, 4) == [100, 200, 400, 800] and budgets_of(7, 1) == [7]


def test_only_the_top_up_is_drawn_and_every_budget_is_spent(instances, target):
    sampler, epochs = run(instances, target, least_l2_rule, 2)
    assert [e.counts.sum(axis=1).tolist() for e in epochs] == [[n] * 3 for n in (1000, 2000, 4000)]
    for before, (have, want) in zip([None, *epochs], sampler.asked, strict=False):
        assert (have == (0 if before is None else before.counts)).all() and (want >= have).all()
    assert (epochs[0].counts == 50).all()
    assert (epochs[-1].statistics.count == epochs[-1].counts).all()


@pytest.mark.parametrize(("rule", "power"), [(least_l2_rule, 2), (lasso_rule(0.1), 1)])
def test_active_rules_find_the_rare_sources_and_beat_uniform(instances, target, rule, power):
    _, active = run(instances, target, rule, power)
    _, passive = run(instances, target, uniform, 1)
    assert (active[-1].counts[:, :2].sum(axis=1) > 0.5 * 4000).all()
    truth = instances.target_parameter
    risks = [excess_risk(e[-1].predictor, truth).mean() for e in (active, passive)]
    assert risks[0] < risks[1]


def test_uniform_stays_uniform(instances, target):
    _, epochs = run(instances, target, uniform, 1)
    assert (epochs[-1].counts == 200).all()


def test_the_same_seed_gives_the_same_allocation(instances, target):
    first, second = (run(instances, target, lasso_rule(), 1, seed=5)[1][-1] for _ in range(2))
    assert np.array_equal(first.counts, second.counts) and np.array_equal(first.predictor, second.predictor)
    other = run(instances, target, lasso_rule(), 1, seed=6)[1][-1]
    assert not np.array_equal(first.counts, other.counts)


def test_known_relevance_is_learned_from_at_once(instances, target):
    nu = L1.relevance(instances.heads, instances.target)
    counts = np.full((3, 20), 30)
    done = learn_once(Drawn(instances), target, counts, nu, 3)
    assert (done.counts == 30).all() and done.head.shape == (3, 3) and done.predictor.shape == (3, 12)


def test_a_budget_below_one_sample_a_source_is_refused(instances, target):
    with pytest.raises(ParameterError, match=r"one sample a source.*at least 20"):
        explore(Drawn(instances), target, 20, 19, 3)
    with pytest.raises(ParameterError, match="at least one epoch"):
        budgets_of(100, 0)


# -- rules ------------------------------------------------------------------------------------------


def epoch_of(theta, aim, k):
    """An epoch whose samples are exact: Grams are 10 I."""
    d = theta.shape[-1]

    def exact(t):
        return TaskStatistics(
            np.tile(10 * np.eye(d), (*t.shape[:-1], 1, 1)), 10 * t, np.full(t.shape[:-1], 10)
        )

    class Exact:
        def draw(self, have, want):
            return exact(theta[None])

    return explore(Exact(), exact(aim[None, None]), len(theta), 10 * len(theta), k)


def test_relevance_of_exact_heads_by_hand():
    """Sources e1, e2, e1 + e2 and target 2 e1: L2 gives 4/3, -2/3, 2/3; Lasso only e1."""
    epoch = epoch_of(np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 0]]), np.array([2.0, 0, 0]), 2)
    assert np.allclose(least_l2_rule(epoch), [[4 / 3, -2 / 3, 2 / 3]], atol=1e-3)
    chosen = lasso_rule(0.01)(epoch)[0]
    assert chosen[0] > 1.9 and np.abs(chosen[1:]).max() < 0.05


def test_embedding_is_the_absolute_cosine():
    epoch = epoch_of(np.array([[3.0, 0, 0], [-1, 0, 0], [1, 1, 0], [0, 0, 5]]), np.array([1.0, 0, 0]), 2)
    assert np.allclose(embedding_rule(epoch), [[1, 1, np.sqrt(0.5), 0]])


def test_gradient_similarity_is_that_of_torch(instances, target):
    """The product of two cosines is the cosine of the gradients that torch computes."""
    import torch

    epoch = explore(Drawn(instances), target, 20, 400, 2)
    found = gradient_rule(epoch)

    def gradient(gram, moment, basis, head):
        b = torch.tensor(basis, requires_grad=True)
        theta = b @ torch.tensor(head)
        (0.5 * theta @ torch.tensor(gram) @ theta - theta @ torch.tensor(moment)).backward()
        return b.grad.ravel()

    basis, s = epoch.fitted.basis[0], epoch.statistics
    own = gradient(target.gram[0, 0], target.moment[0, 0], basis, epoch.head[0])
    for t in range(20):
        its = gradient(s.gram[0, t], s.moment[0, t], basis, epoch.fitted.heads[0, :, t])
        cosine = torch.nn.functional.cosine_similarity(own, its, dim=0).item()
        assert found[0, t] == pytest.approx(max(cosine, 0), abs=1e-6)


def test_shared_sources_are_multi_task_lasso_and_need_one_fit(instances, target):
    epoch = explore(Drawn(instances), target, 20, 400, 2)
    with pytest.raises(InputError, match="one fit"):
        shared_rule()(epoch)
    first = epoch.fitted[:1]
    shared = type(epoch)(
        epoch.nu, epoch.counts, epoch.statistics,
        type(first)(*(np.repeat(a, 3, axis=0) for a in (first.basis, first.heads, first.penalty))),
        epoch.head, epoch.target,
    )  # fmt: skip
    relevance = shared_rule(0.3)(shared)
    assert (relevance == relevance[0]).all() and 0 < np.count_nonzero(relevance[0]) < 20
    assert not shared_rule(1.0)(shared).any()


def test_shuffled_keeps_the_values_and_forgets_the_sources(instances, target):
    epoch = explore(Drawn(instances), target, 20, 400, 2)
    kept, moved = lasso_rule()(epoch), shuffled(lasso_rule(), np.random.default_rng(1))(epoch)
    assert np.allclose(np.sort(kept, axis=1), np.sort(moved, axis=1)) and not np.allclose(kept, moved)


def test_uniform_advances_like_exploring_more(instances, target):
    sampler = Drawn(instances)
    first = explore(sampler, target, 20, 400, 2)
    assert (advance(sampler, first, uniform, 1, 800).counts == 40).all()
    assert isinstance(fit_representation(first.statistics, 2).heads, np.ndarray)
