"""One training loop for every trained retriever: what it minimises is handed in as a function of a batch.

The loop is the usual recipe for fine-tuning BERT (Devlin et al. 2019, appendix A.2): AdamW without
decay on biases and LayerNorm, linear warm-up then linear decay, gradients clipped to norm 1.

What is particular here:

* The order of the examples is drawn before the first step, from the seed alone, without torch.
* Dropout draws from torch's global generator, because torch has no other; that generator is seeded,
  saved with each checkpoint and put back as it was found when training ends.
* In bfloat16 on a CPU attention is computed step by step: PyTorch's fused kernel is slower there.
* A killed run goes on from its last checkpoint to the same final weights, bit for bit, on the CPU with
  the same thread count. On a GPU some sums are taken in no fixed order: there it is only close.
* Several seeds of a small module can train side by side, each to the same bits as alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.batch_order import Sampler, batch_order
from reprise.retrieval.early_choice import DevCurve, EarlyChoice, Looks
from reprise.retrieval.torch_settings import attention, use_threads
from reprise.retrieval.training_checkpoint import read_checkpoint, write_checkpoint
from reprise.retrieval.training_settings import TrainingSettings, rate_factor
from reprise.retrieval.training_step import Optimiser, SeedsLoss, adamw, clip, gradients_of, refuse_infinite

if TYPE_CHECKING:
    import torch

BatchLoss = Callable[[Sequence[Any], np.random.Generator], "torch.Tensor"]
Progress = Callable[..., Iterable[int]]


@dataclass(frozen=True)
class TrainingLog:
    """The loss of every step, and the step that this process began at (0 unless it resumed).

    `curve` is what the looks at development topics saw, where there were any.
    """

    losses: tuple[float, ...]
    resumed_at: int = 0
    curve: DevCurve | None = None


def train(
    module: torch.nn.Module,
    batch_loss: BatchLoss,
    examples: Sequence[Any],
    settings: TrainingSettings,
    *,
    sampler: Sampler = batch_order,
    optimiser: Optimiser = adamw,
    choice: EarlyChoice | None = None,
    checkpoint_folder: Path | str | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train `module` in place so that `batch_loss(batch, generator)` falls, and return the losses.

    `batch` is a list of examples, composed by `sampler`; `generator` (numpy) is there for whatever the loss
    samples, such as which hard negatives to use, and is part of a checkpoint. `optimiser` makes the
    optimiser; its groups' learning rates are the peaks of the schedule. With a `choice` the module ends with
    the weights of the step that was best on development topics, else with the last. `progress(iterable,
    total=n)` wraps the steps: `tqdm.tqdm` fits, and so does a unit's `context.progress`. With a
    `checkpoint_folder` the run goes on from the checkpoint there, if any. The module ends in evaluation mode.

    Raises `StudyFailed`, naming the step, when the loss or the gradient is not finite, and `InputError`
    when the checkpoint was written by a training run with other settings.

    >>> import torch
    >>> line = torch.nn.Linear(1, 1)
    >>> log = train(line, lambda batch, _: (line(torch.tensor(batch)) - 3).square().mean(),
    ...             [[1.0], [2.0]], TrainingSettings(steps=50, batch_size=2, learning_rate=0.1))
    >>> log.losses[-1] < log.losses[0]
    True
    """

    def losses(batches: Sequence[Sequence[Any]], generators: Sequence[np.random.Generator]) -> torch.Tensor:
        return batch_loss(batches[0], generators[0])[None]

    (log,) = _train(
        module,
        losses,
        examples,
        settings,
        [settings.seed],
        lambda weight, _: weight,
        sampler,
        optimiser,
        choice,
        checkpoint_folder,
        progress,
    )
    return log


def train_side_by_side(
    module: torch.nn.Module,
    seeds_loss: SeedsLoss,
    examples: Sequence[Any],
    settings: TrainingSettings,
    seeds: Sequence[int],
    *,
    sampler: Sampler = batch_order,
    optimiser: Optimiser = adamw,
    choice: EarlyChoice | None = None,
    checkpoint_folder: Path | str | None = None,
    progress: Progress | None = None,
) -> list[TrainingLog]:
    """As `train`, for several seeds at once: the first axis of each parameter of `module` is the seeds'.

    Each seed has its own order of examples, its own generator, its own clipping and its own choice of step,
    and ends in the same bits as when it trains alone in a module of one seed, as long as `seeds_loss` keeps
    them apart. `settings.seed` is not used. The module has no dropout: torch has only one generator.
    Raises `InputError` when a parameter has another first axis.
    """
    wrong = [name for name, weight in module.named_parameters() if weight.shape[:1] != (len(seeds),)]
    if wrong or not seeds:
        raise InputError(
            "every parameter of seeds that train side by side has a first axis of their number",
            given=(len(seeds), wrong),
        )
    return _train(
        module,
        seeds_loss,
        examples,
        settings,
        seeds,
        lambda weight, seed: weight[seed],
        sampler,
        optimiser,
        choice,
        checkpoint_folder,
        progress,
    )


def _train(
    module: torch.nn.Module,
    seeds_loss: SeedsLoss,
    examples: Sequence[Any],
    settings: TrainingSettings,
    seeds: Sequence[int],
    share: Callable[[torch.Tensor, int], torch.Tensor],
    sampler: Sampler,
    optimiser: Optimiser,
    choice: EarlyChoice | None,
    checkpoint_folder: Path | str | None,
    progress: Progress | None,
) -> list[TrainingLog]:
    """The loop; `share(tensor, place)` is the part of a parameter that belongs to the seed in that place."""
    import torch

    device = torch.device(settings.device)
    orders, generators = [], []
    for seed in seeds:
        order_generator, generator = np.random.default_rng(seed).spawn(2)
        orders.append(sampler(len(examples), settings.batch_size, settings.steps, order_generator))
        generators.append(generator)
    module.to(device)
    steppers = optimiser(module, settings)
    peaks = [group["lr"] for group in steppers.param_groups]
    trained = [p for group in steppers.param_groups for p in group["params"]]
    looks = Looks(choice, [[share(p, s) for p in trained] for s in range(len(seeds))]) if choice else None
    identity = {**asdict(settings), "examples": len(examples), "seeds": list(map(int, seeds))}
    identity["look_every"] = choice.every if choice else None
    del identity["checkpoint_every"]  # how often a checkpoint is written changes no weight
    losses: list[list[float]] = []

    forked = [device.index or 0] if device.type == "cuda" else []
    form = attention(device, settings.precision)
    with use_threads(settings.threads), form, torch.random.fork_rng(devices=forked):
        torch.manual_seed(settings.seed)
        saved = read_checkpoint(checkpoint_folder, identity) if checkpoint_folder is not None else None
        if saved is not None:
            module.load_state_dict(saved["module"])
            steppers.load_state_dict(saved["optimiser"])
            for generator, state in zip(generators, json.loads(saved["generators"]), strict=True):
                generator.bit_generator.state = state
            torch.set_rng_state(saved["torch_generator"])
            if forked:
                torch.cuda.set_rng_state(saved["cuda_generator"], forked[0])
            losses = list(saved["losses"])
            if looks:
                looks.load(saved["looks"])
        start = len(losses)
        if looks and not start:
            _look(looks, module, 0)
        steps: Iterable[int] = range(start, settings.steps)
        module.train(settings.dropout)
        for step in progress(steps, total=settings.steps - start) if progress else steps:
            for group, peak in zip(steppers.param_groups, peaks, strict=True):
                group["lr"] = peak * rate_factor(step, settings)
            batches = [[examples[i] for i in order[step]] for order in orders]
            found = gradients_of(seeds_loss, batches, generators, settings)
            gradients = [p.grad for p in trained if p.grad is not None]
            norms = [clip([share(g, s) for g in gradients], settings.clip) for s in range(len(seeds))]
            refuse_infinite(step, seeds, found, norms)
            steppers.step()
            steppers.zero_grad(set_to_none=True)
            losses.append(found)
            done = step + 1
            if looks and looks.due(done, settings.steps):
                _look(looks, module, done)
                module.train(settings.dropout)
            due = done % settings.checkpoint_every == 0 or done == settings.steps
            if checkpoint_folder is not None and due:
                write_checkpoint(
                    checkpoint_folder,
                    {
                        "identity": json.dumps(identity, sort_keys=True),
                        "losses": losses,
                        "module": module.state_dict(),
                        "optimiser": steppers.state_dict(),
                        "generators": json.dumps([g.bit_generator.state for g in generators]),
                        "torch_generator": torch.get_rng_state(),
                        "cuda_generator": torch.cuda.get_rng_state(forked[0]) if forked else None,
                        "looks": looks.state() if looks else None,
                    },
                )
    module.eval()
    if looks:
        looks.restore()
    curves = looks.curves() if looks else [None] * len(seeds)
    by_seed = zip(*losses, strict=True)
    return [TrainingLog(row, start, curve) for row, curve in zip(by_seed, curves, strict=True)]


def _look(looks: Looks, module: torch.nn.Module, step: int) -> None:
    import torch

    module.eval()
    with torch.no_grad():
        looks.look(step)
