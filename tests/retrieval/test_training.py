"""The training loop: order, schedule, resume to the same bits, and what stops it."""

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from reprise.errors import EnvironmentNotReady, InputError, StudyFailed
from reprise.retrieval.early_choice import EarlyChoice
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.training import train, train_side_by_side
from reprise.retrieval.training_checkpoint import CHECKPOINT
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.training_step import adamw

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


class Slopes(torch.nn.Module):
    """A line through nought for each seed; `by` is its slope."""

    def __init__(self, starts):
        super().__init__()
        self.by = torch.nn.Parameter(torch.tensor(starts)[:, None])


def slopes_loss(module):
    """Depends on each seed's batch and on its generator, and on no other seed's."""

    def losses(batches, generators):
        pushed = torch.tensor([[g.standard_normal()] for g in generators], dtype=torch.float32)
        return (module.by * torch.tensor(batches) - pushed).square().mean(1)

    return losses


def test_seeds_side_by_side_end_in_the_bits_of_each_alone(tmp_path):
    """Clipping, order, draws and the choice of step are each seed's own; resuming changes nothing."""
    settings = TrainingSettings(steps=9, batch_size=4, learning_rate=0.3, checkpoint_every=2)
    examples, seeds, starts = [float(i) for i in range(10)], [3, 1, 4], [2.0, -1.0, 0.5]

    def run(places, folder=None, stop_at=None):
        module = Slopes([starts[i] for i in places])

        def killed(steps, total):
            for step in steps:
                if step == stop_at:
                    raise KeyboardInterrupt
                yield step

        choice = EarlyChoice(lambda: -(module.by - torch.tensor([0.1, 0.3])).abs().detach().numpy(), 2)
        chosen = [seeds[i] for i in places]
        logs = train_side_by_side(
            module,
            slopes_loss(module),
            examples,
            settings,
            chosen,
            choice=choice,
            checkpoint_folder=folder,
            progress=killed,
        )
        return module.by.flatten().tolist(), logs

    alone = [run([i]) for i in range(3)]
    together, logs = run([0, 1, 2])
    assert together == [slope for (slope,), _ in alone]
    for log, (_, (own,)) in zip(logs, alone, strict=True):
        assert log.losses == own.losses and (log.curve.values == own.curve.values).all()
    assert len({log.losses for log in logs}) == 3
    with pytest.raises(KeyboardInterrupt):
        run([0, 1, 2], tmp_path, stop_at=5)
    resumed, again = run([0, 1, 2], tmp_path)
    assert resumed == together and again[0].resumed_at == 4
    assert [log.losses for log in again] == [log.losses for log in logs]
    assert (again[1].curve.values == logs[1].curve.values).all()


def test_one_seed_alone_is_the_usual_loop():
    """The same numbers from `train` and from a module of one seed: 2 steps by hand stand above."""
    settings = TrainingSettings(steps=4, batch_size=2, learning_rate=0.1, seed=5)
    module = Slopes([2.0])
    losses = slopes_loss(module)
    log = train(module, lambda batch, g: losses([batch], [g])[0], [1.0, 2.0, 3.0], settings)
    other = Slopes([2.0])
    (side,) = train_side_by_side(other, slopes_loss(other), [1.0, 2.0, 3.0], settings, [5])
    assert (log.losses, module.by.item()) == (side.losses, other.by.item())


def test_a_parameter_without_an_axis_of_seeds_is_refused():
    module = Slopes([1.0, 2.0])
    with pytest.raises(InputError, match="first axis"):
        train_side_by_side(module, slopes_loss(module), [1.0, 2.0], SETTINGS, [1, 2, 3])


def test_a_seed_that_fails_is_named():
    module = Slopes([1.0, math.inf])
    settings = TrainingSettings(steps=1, batch_size=2)
    with pytest.raises(StudyFailed, match=r"step 0.*not finite.*'seed': 8"):
        train_side_by_side(module, slopes_loss(module), [1.0, 2.0], settings, [7, 8])


def test_a_sampler_composes_the_batches():
    seen = []
    line = torch.nn.Linear(1, 1)

    def loss(batch, _):
        seen.append(batch)
        return line(torch.ones(1)).sum()

    train(
        line,
        loss,
        list("abcd"),
        TrainingSettings(steps=2, batch_size=2),
        sampler=lambda examples, size, steps, generator: np.array([[3, 0], [1, 1]]),
    )
    assert seen == [["d", "a"], ["b", "b"]]


def test_the_best_look_is_kept():
    """Plain gradient descent on w from 0 by 0.1 a step; the topics like 0.3 best, so step 3 of 5 is kept."""
    line = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(line.weight)
    log = train(
        line,
        lambda batch, _: -line(torch.tensor(batch)[:, None]).mean(),
        [1.0, 1.0],
        TrainingSettings(steps=5, batch_size=2, learning_rate=0.1, warmup=0.0, decay="constant"),
        optimiser=lambda module, s: torch.optim.SGD(module.parameters(), lr=s.learning_rate),
        choice=EarlyChoice(lambda: np.array([0.0, -2 * abs(line.weight.item() - 0.3)]), 1),
    )
    assert line.weight.item() == pytest.approx(0.3)
    assert log.curve.steps == (0, 1, 2, 3, 4, 5) and log.curve.chosen == 3
    assert log.curve.means == pytest.approx([-0.3, -0.2, -0.1, 0.0, -0.1, -0.2], abs=1e-6)
