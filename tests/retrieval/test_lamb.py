"""LAMB against the arithmetic of its formula, and where its ratio is 1."""

import numpy as np
import pytest
import torch

from reprise.errors import ParameterError
from reprise.retrieval.lamb import lamb, make_lamb
from reprise.retrieval.training import train
from reprise.retrieval.training_settings import TrainingSettings


def by_hand(weight, gradients, rate, betas, epsilon, decay):
    mean = square = np.zeros_like(weight)
    for gradient in gradients:
        mean = betas[0] * mean + (1 - betas[0]) * gradient
        square = betas[1] * square + (1 - betas[1]) * gradient**2
        update = mean / (np.sqrt(square) + epsilon) + decay * weight
        size, length = min(np.linalg.norm(weight), 10), np.linalg.norm(update)
        ratio = size / length if size > 0 and length > 0 else 1.0
        weight = weight - rate * ratio * update
    return weight


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("size", [1.0, 30.0])  # the norm of the larger one is cut to 10
def test_three_steps_equal_the_formula(size, decay):
    generator = np.random.default_rng(0)
    start = size * generator.normal(size=(3, 2))
    gradients = generator.normal(size=(3, 3, 2))
    weight = torch.nn.Parameter(torch.tensor(start))
    optimiser = make_lamb([weight], 0.01, betas=(0.9, 0.99), epsilon=1e-6, weight_decay=decay)
    for gradient in gradients:
        weight.grad = torch.tensor(gradient)
        optimiser.step()
    expected = by_hand(start, gradients, 0.01, (0.9, 0.99), 1e-6, decay)
    assert np.abs(weight.detach().numpy() - expected).max() < 1e-12


def test_the_first_step_by_hand():
    """m = 0.1 g and v = 0.001 g^2, so u = 0.1 / sqrt(0.001) = 3.1623 for each of two weights, whatever g is;
    |w| = 5, |u| = 4.4721: each weight falls by 0.1 * 5 / 4.4721 * 3.1623 = 0.3536."""
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    optimiser = make_lamb([weight], 0.1)
    weight.grad = torch.tensor([2.0, 2.0])
    optimiser.step()
    assert weight.tolist() == pytest.approx([2.6464, 3.6464], abs=1e-4)


def test_a_weight_of_zero_takes_the_plain_step():
    weight = torch.nn.Parameter(torch.zeros(2))
    optimiser = make_lamb([weight], 0.1)
    weight.grad = torch.tensor([1.0, 0.0])
    optimiser.step()
    assert weight.tolist() == pytest.approx([-0.31623, 0.0], abs=1e-4)
    untouched = torch.nn.Parameter(torch.ones(2))
    make_lamb([untouched], 0.1).step()  # no gradient, no step
    assert untouched.tolist() == [1.0, 1.0]


def test_biases_do_not_decay_and_a_resumed_run_ends_the_same(tmp_path):
    groups = lamb(torch.nn.Linear(2, 2), TrainingSettings(steps=1, weight_decay=0.3)).param_groups
    assert [(g["weight_decay"], g["params"][0].ndim) for g in groups] == [(0.3, 2), (0.0, 1)]

    def run(folder, stop_at=None):
        line = torch.nn.Linear(2, 1)
        torch.nn.init.ones_(line.weight)
        torch.nn.init.zeros_(line.bias)
        calls = iter(range(99))

        def loss(batch, _):
            if next(calls) == stop_at:
                raise KeyboardInterrupt
            return line(torch.tensor(batch)).square().mean()

        settings = TrainingSettings(steps=6, batch_size=1, learning_rate=0.01, checkpoint_every=2)
        train(line, loss, [[1.0, 2.0], [0.5, -1.0]], settings, optimiser=lamb, checkpoint_folder=folder)
        return [*line.weight[0].tolist(), line.bias.item()]

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", stop_at=3)
    assert run(tmp_path / "killed") == run(tmp_path / "whole")


@pytest.mark.parametrize("wrong", [{"learning_rate": 0}, {"betas": (0.9, 1.0)}, {"weight_decay": -1}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ParameterError, match="LAMB"):
        make_lamb([torch.nn.Parameter(torch.ones(1))], **{"learning_rate": 0.1, **wrong})
