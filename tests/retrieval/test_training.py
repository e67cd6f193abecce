"""The training loop: order, schedule, resume to the same bits, and what stops it."""

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from reprise.errors import EnvironmentNotReady, InputError, ParameterError, StudyFailed
from reprise.retrieval.training import (
    CHECKPOINT,
    TrainingSettings,
    adamw,
    batch_order,
    rate_factor,
    train,
    use_threads,
)

EXAMPLES = [[5 + i % 7, 6 + i % 5, 7 + i % 3] for i in range(10)]
SETTINGS = TrainingSettings(steps=7, batch_size=4, learning_rate=1e-3, seed=3, threads=1, checkpoint_every=2)


def tiny_bert():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return BertModel(
            BertConfig(
                vocab_size=20,
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=16,
            )
        )


def digest(module):
    weights = b"".join(weight.numpy().tobytes() for weight in module.state_dict().values())
    return hashlib.sha256(weights).hexdigest()


def loss_of(model, stop_at=None):
    """Depends on the batch, on dropout and on the numpy generator; may be interrupted at a step."""
    calls = iter(range(1000))

    def loss(batch, generator):
        if next(calls) == stop_at:
            raise KeyboardInterrupt
        pushed = torch.tensor(generator.standard_normal(32), dtype=torch.float32)
        return (model(torch.tensor(batch)).last_hidden_state.mean((0, 1)) - pushed).square().mean()

    return loss


@pytest.fixture(scope="module")
def uninterrupted():
    model = tiny_bert()
    log = train(model, loss_of(model), EXAMPLES, SETTINGS)
    return digest(model), log.losses


@pytest.mark.parametrize("killed_at", range(7))
def test_interrupted_and_resumed_equals_uninterrupted(killed_at, uninterrupted, tmp_path):
    model = tiny_bert()
    with pytest.raises(KeyboardInterrupt):
        train(model, loss_of(model, stop_at=killed_at), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    model = tiny_bert()
    log = train(model, loss_of(model), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    assert log.resumed_at == killed_at // 2 * 2  # a checkpoint every 2 steps
    assert (digest(model), log.losses) == uninterrupted


def test_the_seed_decides_and_the_global_generators_are_left_alone(uninterrupted):
    torch.manual_seed(99)
    before = torch.get_rng_state()
    model = tiny_bert()
    train(model, loss_of(model), EXAMPLES, SETTINGS)
    assert digest(model) == uninterrupted[0]
    assert torch.equal(before, torch.get_rng_state())
    other = tiny_bert()
    train(other, loss_of(other), EXAMPLES, replace(SETTINGS, seed=4))
    assert digest(other) != uninterrupted[0]


def test_a_finished_run_is_not_trained_again(uninterrupted, tmp_path):
    for _ in range(2):
        model = tiny_bert()
        log = train(model, loss_of(model), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    assert log.resumed_at == 7
    assert digest(model) == uninterrupted[0]


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    model = tiny_bert()
    train(model, loss_of(model), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    with pytest.raises(InputError, match=r"learning_rate.*0\.001.*0\.005"):
        train(
            model, loss_of(model), EXAMPLES, replace(SETTINGS, learning_rate=5e-3), checkpoint_folder=tmp_path
        )


def test_a_checkpoint_that_cannot_be_read_starts_again(uninterrupted, tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"half of a fi")
    (tmp_path / f".{CHECKPOINT}.123.tmp").write_bytes(b"left by a killed process")
    model = tiny_bert()
    with pytest.warns(UserWarning, match="starts again"):
        log = train(model, loss_of(model), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    assert log.resumed_at == 0
    assert digest(model) == uninterrupted[0]
    assert [p.name for p in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_failed_write_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    model = tiny_bert()
    with pytest.raises(KeyboardInterrupt):
        train(model, loss_of(model, stop_at=3), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    old = (tmp_path / CHECKPOINT).read_bytes()

    def full_disk(state, file):
        file.write(b"part")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(EnvironmentNotReady, match="No space left"):
        train(model, loss_of(model), EXAMPLES, SETTINGS, checkpoint_folder=tmp_path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(CHECKPOINT, old)]


def test_nan_stops_and_names_the_step():
    line = torch.nn.Linear(1, 1)
    losses = iter([1.0, 1.0, math.nan])
    with pytest.raises(StudyFailed, match="step 2"):
        train(
            line,
            lambda batch, _: line(torch.ones(1)).sum() * next(losses),
            list(range(4)),
            TrainingSettings(steps=4, batch_size=2),
        )


def test_two_steps_by_hand():
    """Loss w*x averaged over x = 1 and 3, so the gradient is 2, clipped to 1; plain gradient descent with
    peak rate 0.5 and two warm-up steps: from w = 2 to 2 - 0.25 * 1 = 1.75 and to 1.75 - 0.5 * 1 = 1.25."""
    line = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(line.weight, 2.0)
    log = train(
        line,
        lambda batch, _: line(torch.tensor(batch)[:, None]).mean(),
        [1.0, 3.0],
        TrainingSettings(steps=2, batch_size=2, learning_rate=0.5, warmup=1.0),
        optimiser=lambda module, s: torch.optim.SGD(module.parameters(), lr=s.learning_rate),
    )
    assert log.losses == pytest.approx((2.0 * 2, 1.75 * 2))
    assert line.weight.item() == pytest.approx(1.25)


def test_accumulated_parts_give_the_gradient_of_the_whole_batch():
    weights = []
    for accumulate in (1, 2):
        line = torch.nn.Linear(1, 1)
        torch.nn.init.constant_(line.weight, 0.5)
        torch.nn.init.constant_(line.bias, 0.0)
        settings = TrainingSettings(steps=3, batch_size=4, accumulate=accumulate, learning_rate=0.1)
        train(
            line,
            lambda batch, _, line=line: line(torch.tensor(batch)[:, None]).square().mean(),
            [1.0, 2.0, 3.0, 4.0],
            settings,
        )
        weights.append(line.weight.item())
    assert weights[0] == pytest.approx(weights[1], abs=1e-6)


def test_batches_hold_no_example_twice_and_epochs_hold_each_once():
    order = batch_order(9, 3, 7, np.random.default_rng(1))
    assert order.shape == (7, 3)
    assert sorted(order[:3].ravel()) == sorted(order[3:6].ravel()) == list(range(9))
    with pytest.raises(InputError, match="fewer training examples"):
        batch_order(2, 3, 1, np.random.default_rng(1))


def test_schedule_without_warm_up_starts_at_the_peak_and_never_reaches_zero():
    settings = TrainingSettings(steps=4, warmup=0.0)
    assert [rate_factor(s, settings) for s in range(4)] == [1.0, 0.75, 0.5, 0.25]
    assert rate_factor(3, TrainingSettings(steps=4, warmup=0.0, decay="constant")) == 1.0


def test_adamw_skips_frozen_parameters_and_decays_no_bias():
    model = tiny_bert()
    for parameter in model.embeddings.parameters():
        parameter.requires_grad = False
    decayed, kept = adamw(model, SETTINGS).param_groups
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.01, 0.0)
    assert all(p.ndim == 2 for p in decayed["params"]) and all(p.ndim == 1 for p in kept["params"])
    assert len(decayed["params"]) + len(kept["params"]) == sum(p.requires_grad for p in model.parameters())


def test_tqdm_wraps_the_steps_and_threads_are_put_back():
    from tqdm import tqdm

    totals = []

    def bar(steps, total):
        totals.append(total)
        return tqdm(steps, total=total, disable=True)

    line = torch.nn.Linear(1, 1)
    before = torch.get_num_threads()
    inside = []

    def loss(batch, _):
        inside.append(torch.get_num_threads())
        return line(torch.ones(1)).sum()

    train(line, loss, [1, 2], TrainingSettings(steps=3, batch_size=2, threads=1), progress=bar)
    assert (totals, inside, torch.get_num_threads()) == ([3], [1, 1, 1], before)
    with pytest.raises(RuntimeError), use_threads(1):
        raise RuntimeError
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("batch_size", 1.5),
        ("learning_rate", float("nan")),
        ("learning_rate", 0.0),
        ("warmup", 1.1),
        ("decay", "cosine"),
        ("precision", "float16"),
        ("accumulate", 5),
        ("threads", 0),
        ("weight_decay", -1.0),
    ],
)
def test_settings_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ParameterError, match=name):
        TrainingSettings(**{"steps": 3, "batch_size": 32, name: value})
