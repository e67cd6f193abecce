"""One training loop for every trained retriever: what it minimises is handed in as a function of a batch.

The loop is the usual recipe for fine-tuning BERT (Devlin et al. 2019, appendix A.2): AdamW without
decay on biases and LayerNorm, linear warm-up then linear decay, gradients clipped to norm 1.

What is particular here:

* The order of the examples is drawn before the first step, from the seed alone, without torch.
* Dropout draws from torch's global generator, because torch has no other; that generator is seeded,
  saved with each checkpoint and put back as it was found when training ends.
* On a CPU attention is computed step by step: PyTorch's fused kernel takes 2.5 times as long backward.
* A killed run goes on from its last checkpoint to the same final weights, bit for bit, on the CPU with
  the same thread count. On a GPU some sums are taken in no fixed order: there it is only close.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import EnvironmentNotReady, InputError, ParameterError, StudyFailed

if TYPE_CHECKING:
    import torch

CHECKPOINT = "checkpoint.pt"

BatchLoss = Callable[[Sequence[Any], np.random.Generator], "torch.Tensor"]
Progress = Callable[..., Iterable[int]]


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; `ParameterError` names the first value that is out of range.

    `warmup` is a share of the steps; `decay` is "linear" (to zero) or "constant". A batch is worked
    through in `accumulate` equal parts whose gradients are averaged, which saves memory and makes
    in-batch negatives fewer. `precision` is "float32" or "bfloat16" (autocast: the weights stay float32).
    `dropout=False` switches the model's own dropout off, whose random numbers take a seventh of a step on a
    CPU. `checkpoint_every` counts steps.

    >>> TrainingSettings(steps=10, batch_size=6, accumulate=4)
    Traceback (most recent call last):
        ...
    reprise.errors.ParameterError: accumulate must divide batch_size (given: (4, 6))
    """

    steps: int
    batch_size: int = 32
    learning_rate: float = 2e-5
    warmup: float = 0.1
    decay: str = "linear"
    weight_decay: float = 0.01
    clip: float = 1.0
    accumulate: int = 1
    precision: str = "float32"
    dropout: bool = True
    seed: int = 0
    threads: int | None = None
    device: str = "cpu"
    checkpoint_every: int = 50

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "accumulate", "checkpoint_every"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ParameterError(f"{name} must be a whole number of at least 1", given=value)
        for name in ("learning_rate", "clip"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ParameterError(f"{name} must be above 0", given=getattr(self, name))
        if not 0 <= self.warmup <= 1:
            raise ParameterError("warmup is a share of the steps, from 0 to 1", given=self.warmup)
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ParameterError("weight_decay must not be below 0", given=self.weight_decay)
        if self.decay not in ("linear", "constant"):
            raise ParameterError("decay is 'linear' or 'constant'", given=self.decay)
        if self.precision not in ("float32", "bfloat16"):
            raise ParameterError("precision is 'float32' or 'bfloat16'", given=self.precision)
        if self.batch_size % self.accumulate:
            raise ParameterError(
                "accumulate must divide batch_size", given=(self.accumulate, self.batch_size)
            )
        if self.threads is not None and self.threads < 1:
            raise ParameterError("threads must be at least 1", given=self.threads)


@dataclass(frozen=True)
class TrainingLog:
    """The loss of every step, and the step that this process began at (0 unless it resumed)."""

    losses: tuple[float, ...]
    resumed_at: int = 0


def rate_factor(step: int, settings: TrainingSettings) -> float:
    """What the learning rate is multiplied with at `step` (from 0): warm-up, then decay.

    A pure function of the step, so the schedule has no state to save.

    >>> s = TrainingSettings(steps=10, warmup=0.2)
    >>> [round(rate_factor(step, s), 3) for step in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.125]
    """
    warm_steps = round(settings.steps * settings.warmup)
    if step < warm_steps:
        return (step + 1) / warm_steps
    if settings.decay == "constant":
        return 1.0
    return (settings.steps - step) / (settings.steps - warm_steps)


def batch_order(examples: int, batch_size: int, steps: int, generator: np.random.Generator) -> np.ndarray:
    """Which examples each step sees: int array (steps, batch_size), epoch after epoch, each shuffled.

    A batch never holds an example twice: what is left over at the end of an epoch is dropped. Raises
    `InputError` when there are fewer examples than a batch needs.

    >>> order = batch_order(5, 2, 4, np.random.default_rng(0))
    >>> order.shape, len(set(order[:2].ravel()))
    ((4, 2), 4)
    """
    if examples < batch_size:
        raise InputError(
            "fewer training examples than one batch needs",
            given=(examples, batch_size),
            remedy="lower batch_size or give more examples",
        )
    per_epoch = examples // batch_size
    epochs = [
        generator.permutation(examples)[: per_epoch * batch_size].reshape(per_epoch, batch_size)
        for _ in range(math.ceil(steps / per_epoch))
    ]
    return np.concatenate(epochs)[:steps]


def adamw(module: torch.nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    """AdamW over parameters that require a gradient; those of one axis (biases, LayerNorm) do not decay."""
    import torch

    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=settings.learning_rate)


@contextlib.contextmanager
def use_threads(threads: int | None) -> Iterator[None]:
    """Let torch use this many threads inside the block; `None` leaves the count as it is."""
    import torch

    before = torch.get_num_threads()
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast(device: str, precision: str) -> contextlib.AbstractContextManager:
    """torch's autocast to bfloat16, or no casting for "float32"."""
    import torch

    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bfloat16")


def _attention(device: torch.device) -> contextlib.AbstractContextManager:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else contextlib.nullcontext()


def train(
    module: torch.nn.Module,
    batch_loss: BatchLoss,
    examples: Sequence[Any],
    settings: TrainingSettings,
    *,
    optimiser: Callable[[torch.nn.Module, TrainingSettings], torch.optim.Optimizer] = adamw,
    checkpoint_folder: Path | str | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train `module` in place so that `batch_loss(batch, generator)` falls, and return the losses.

    `batch` is a list of examples; `generator` (numpy) is there for whatever the loss samples, such as
    which hard negatives to use, and is part of a checkpoint. `optimiser` makes the optimiser; its groups'
    learning rates are the peaks of the schedule. `progress(iterable, total=n)` wraps the steps: `tqdm.tqdm`
    fits, and so does a unit's `context.progress`. With a `checkpoint_folder` the run goes on from the
    checkpoint there, if any. The module ends in evaluation mode.

    Raises `StudyFailed`, naming the step, when the loss or the gradient is not finite, and `InputError`
    when the checkpoint was written by a training run with other settings.

    >>> import torch
    >>> line = torch.nn.Linear(1, 1)
    >>> log = train(line, lambda batch, _: (line(torch.tensor(batch)) - 3).square().mean(),
    ...             [[1.0], [2.0]], TrainingSettings(steps=50, batch_size=2, learning_rate=0.1))
    >>> log.losses[-1] < log.losses[0]
    True
    """
    import torch

    device = torch.device(settings.device)
    order_generator, generator = np.random.default_rng(settings.seed).spawn(2)
    order = batch_order(len(examples), settings.batch_size, settings.steps, order_generator)
    module.to(device)
    steppers = optimiser(module, settings)
    peaks = [group["lr"] for group in steppers.param_groups]
    trained = [p for group in steppers.param_groups for p in group["params"]]
    identity = {**asdict(settings), "examples": len(examples)}
    del identity["checkpoint_every"]  # how often a checkpoint is written changes no weight
    losses: list[float] = []

    forked = [device.index or 0] if device.type == "cuda" else []
    with use_threads(settings.threads), _attention(device), torch.random.fork_rng(devices=forked):
        torch.manual_seed(settings.seed)
        saved = _read_checkpoint(checkpoint_folder, identity) if checkpoint_folder is not None else None
        if saved is not None:
            module.load_state_dict(saved["module"])
            steppers.load_state_dict(saved["optimiser"])
            generator.bit_generator.state = json.loads(saved["generator"])
            torch.set_rng_state(saved["torch_generator"])
            if forked:
                torch.cuda.set_rng_state(saved["cuda_generator"], forked[0])
            losses = list(saved["losses"])
        start = len(losses)
        steps: Iterable[int] = range(start, settings.steps)
        module.train(settings.dropout)
        for step in progress(steps, total=settings.steps - start) if progress else steps:
            for group, peak in zip(steppers.param_groups, peaks, strict=True):
                group["lr"] = peak * rate_factor(step, settings)
            batch = [examples[i] for i in order[step]]
            losses.append(_one_step(batch_loss, batch, generator, settings, steppers, trained, step))
            done = step + 1
            due = done % settings.checkpoint_every == 0 or done == settings.steps
            if checkpoint_folder is not None and due:
                _write_checkpoint(
                    checkpoint_folder,
                    {
                        "identity": json.dumps(identity, sort_keys=True),
                        "losses": losses,
                        "module": module.state_dict(),
                        "optimiser": steppers.state_dict(),
                        "generator": json.dumps(generator.bit_generator.state),
                        "torch_generator": torch.get_rng_state(),
                        "cuda_generator": torch.cuda.get_rng_state(forked[0]) if forked else None,
                    },
                )
    module.eval()
    return TrainingLog(tuple(losses), start)


def _one_step(
    batch_loss: BatchLoss,
    batch: list,
    generator: np.random.Generator,
    settings: TrainingSettings,
    steppers: torch.optim.Optimizer,
    trained: list,
    step: int,
) -> float:
    import torch

    total = 0.0
    part_size = len(batch) // settings.accumulate
    for begin in range(0, len(batch), part_size):
        with autocast(settings.device, settings.precision):
            loss = batch_loss(batch[begin : begin + part_size], generator) / settings.accumulate
        loss.backward()
        total += loss.item()
    norm = torch.nn.utils.clip_grad_norm_(trained, settings.clip)
    if not (math.isfinite(total) and math.isfinite(norm)):
        raise StudyFailed(
            f"training stopped at step {step}: the loss or its gradient is not finite",
            given={"loss": total, "gradient norm": float(norm)},
            remedy="lower the learning rate, or train in float32",
        )
    steppers.step()
    steppers.zero_grad(set_to_none=True)
    return total


def _write_checkpoint(folder: Path | str, state: dict) -> None:
    """Write beside the old checkpoint, then rename: a kill leaves the old or the new one, never a part."""
    import torch

    target = Path(folder) / CHECKPOINT
    scratch = target.with_name(f".{CHECKPOINT}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, target)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        raise EnvironmentNotReady(
            f"the checkpoint could not be written: {error}", remedy="make room, or make the folder writable"
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _read_checkpoint(folder: Path | str, identity: dict) -> dict | None:
    """The checkpoint in the folder, or None when there is none that can be read."""
    import torch

    path = Path(folder) / CHECKPOINT
    for leftover in Path(folder).glob(f".{CHECKPOINT}.*.tmp"):  # of a process that was killed while it wrote
        leftover.unlink(missing_ok=True)
    if not path.exists():
        return None
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch raise nearly anything, KeyError included
        warnings.warn(f"{CHECKPOINT} cannot be read and training starts again: {error}", stacklevel=3)
        return None
    given = json.loads(json.dumps(identity))
    found = json.loads(saved["identity"])
    if found != given:
        differs = {
            k: (found.get(k), given.get(k))
            for k in sorted(found.keys() | given.keys())
            if found.get(k) != given.get(k)
        }
        raise InputError(
            "the checkpoint belongs to a training run with other settings (found, asked for)",
            given=differs,
            remedy="give each training run a checkpoint folder of its own",
        )
    return saved
