"""Which step's weights to keep, by development topics, and whether training did anything at all.

A training run is looked at before its first step, every so many steps, and at its end. The weights of the
look with the highest mean are kept; where that is the first look, training only did harm and the start is
kept. The gate says in numbers what a reader must know before believing a claim about training: how far the
chosen weights are above their own start, and whether the curve was still rising when training ended.

The gain is taken on the topics that chose the step and so flatters it a little; `last` has no such choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.evaluation.intervals import t_interval

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class EarlyChoice:
    """How to look: `measure()` gives the value of each development topic for the module as it stands.

    Values are (topics,), or (seeds, topics) where seeds train side by side; higher is better. `every` counts
    steps between two looks.
    """

    measure: Callable[[], np.ndarray]
    every: int

    def __post_init__(self) -> None:
        if not isinstance(self.every, int) or self.every < 1:
            raise ParameterError("a look every so many steps: at least 1", given=self.every)


ChoiceFor = Callable[["torch.nn.Module", "PreTrainedTokenizerBase"], EarlyChoice]
"""Makes the choice for a trainer that opens its model itself, from that model and its tokeniser."""


@dataclass(frozen=True, eq=False)
class DevCurve:
    """What the looks of one training run saw: `steps` (looks,), `values` (looks, topics)."""

    steps: tuple[int, ...]
    values: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """The mean over topics of each look: (looks,)."""
        return self.values.mean(axis=1)

    @property
    def chosen(self) -> int:
        """Which look was the best; the first of equals."""
        return int(self.means.argmax())


def gate(curves: Sequence[DevCurve], level: float = 0.95) -> dict[str, float]:
    """What training did to the development topics, over the seeds of one arm.

    `start`, `chosen` and `last` are means; `gain` is chosen - start, with Student's interval over topics
    (`low`, `high`) of the differences averaged over seeds; `range` is the largest chosen mean of a seed minus
    the smallest; `late_rise` is what the curve, averaged over seeds, rose in the last third of the steps;
    `step` is the median chosen step. Raises `InputError` when the curves are not of the same looks.

    >>> curve = DevCurve((0, 10, 20, 30), np.array([[0.0, 0.2], [0.3, 0.3], [0.2, 0.6], [0.3, 0.3]]))
    >>> found = gate([curve])
    >>> round(found["start"], 3), round(found["chosen"], 3), round(found["gain"], 3), found["step"]
    (0.1, 0.4, 0.3, 20.0)
    >>> round(found["late_rise"], 3)      # from step 20 to step 30: .3 - .4
    -0.1
    """
    if not curves or len({(c.steps, c.values.shape) for c in curves}) > 1:
        raise InputError("the seeds of an arm are looked at at the same steps, on the same topics")
    steps = np.array(curves[0].steps)
    starts = np.mean([c.values[0] for c in curves], axis=0)
    chosen = np.mean([c.values[c.chosen] for c in curves], axis=0)
    whole = np.mean([c.means for c in curves], axis=0)
    low, high = t_interval(chosen - starts, level)
    best = [c.means.max() for c in curves]
    before = int(np.searchsorted(steps, steps[-1] * 2 / 3, side="right")) - 1
    return {
        "start": float(whole[0]),
        "chosen": float(chosen.mean()),
        "last": float(whole[-1]),
        "step": float(np.median([c.steps[c.chosen] for c in curves])),
        "gain": float((chosen - starts).mean()),
        "low": low,
        "high": high,
        "range": float(max(best) - min(best)),
        "late_rise": float(whole[-1] - whole[before]),
    }


class Looks:
    """The looks of a training run while it goes on, and a copy of the best weights of each seed.

    `weights[seed]` are the tensors, or the parts of tensors, that belong to a seed.
    """

    def __init__(self, choice: EarlyChoice, weights: Sequence[Sequence[torch.Tensor]]) -> None:
        self._choice, self._weights = choice, weights
        self._steps: list[int] = []
        self._values: list[np.ndarray] = []  # a look: (seeds, topics)
        self._kept: list[list[torch.Tensor]] = [[] for _ in weights]

    def due(self, step: int, last: int) -> bool:
        """Whether `step` steps are a moment to look; the end always is."""
        return step % self._choice.every == 0 or step == last

    def look(self, step: int) -> None:
        """Measure, and copy the weights of each seed whose mean is higher than ever before."""
        values = np.atleast_2d(np.asarray(self._choice.measure(), dtype=float))
        if len(values) != len(self._weights) or not np.isfinite(values).all():
            raise InputError(
                "a look gives a finite value for each topic, a row for each seed",
                given=values.shape,
            )
        before = np.max([v.mean(axis=1) for v in self._values], axis=0, initial=-np.inf)
        before = np.broadcast_to(before, len(values))
        for seed, better in enumerate(values.mean(axis=1) > before):
            if better:
                self._kept[seed] = [weight.detach().clone() for weight in self._weights[seed]]
        self._steps.append(step)
        self._values.append(values)

    def restore(self) -> None:
        """Put the best weights of each seed back into the module."""
        import torch

        with torch.no_grad():
            for weights, kept in zip(self._weights, self._kept, strict=True):
                for weight, best in zip(weights, kept, strict=True):
                    weight.copy_(best)

    def curves(self) -> list[DevCurve]:
        """The curve of each seed."""
        table = np.stack(self._values)
        return [DevCurve(tuple(self._steps), table[:, seed]) for seed in range(table.shape[1])]

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold."""
        import torch

        return {
            "steps": self._steps,
            "values": [torch.from_numpy(v) for v in self._values],
            "kept": self._kept,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self._steps = list(state["steps"])
        self._values = [v.numpy() for v in state["values"]]
        self._kept = [list(kept) for kept in state["kept"]]
