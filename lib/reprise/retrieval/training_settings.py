"""How a retriever is trained: the settings of the one training loop, and the learning rate of each step.

The usual recipe for fine-tuning BERT (Devlin et al. 2019, appendix A.2): linear warm-up, then linear decay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from reprise.errors import ParameterError


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
