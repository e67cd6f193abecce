"""LAMB: Adam whose step in each weight matrix is scaled to the size of the matrix.

You et al. (arXiv 1904.00962, version 3, algorithm 2), as ANCE and ANCE-PRF use it: moments are not corrected
for their start at zero, and the norm of the weights counts as 10 at most.

    m = b1 m + (1 - b1) g        u = m / (sqrt(v) + eps) + decay * w
    v = b2 v + (1 - b2) g * g    w = w - rate * min(|w|, 10) / |u| * u

Where either norm is zero the ratio is 1. A rate of LAMB is a share of the weights' norm, so it cannot be
compared with one of AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reprise.errors import ParameterError
from reprise.retrieval.training_settings import TrainingSettings

if TYPE_CHECKING:
    import torch

LARGEST_NORM = 10.0


def lamb(module: torch.nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    """LAMB over parameters that require a gradient; those of one axis (biases, LayerNorm) do not decay.

    An `optimiser` for `training.train`, with epsilon 1e-8 as in the code of ANCE-PRF's authors.
    """
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return make_lamb([g for g in groups if g["params"]], settings.learning_rate, epsilon=1e-8)


def make_lamb(
    parameters: Iterable[Any],
    learning_rate: float,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-6,
    weight_decay: float = 0.0,
) -> torch.optim.Optimizer:
    """A LAMB optimiser of torch over parameters or groups; `ParameterError` for a value out of range.

    >>> import torch
    >>> weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))    # of norm 5
    >>> step = make_lamb([weight], 0.1)
    >>> weight.grad = torch.tensor([1.0, 1.0])                   # u has two equal values: norm sqrt(2) * u
    >>> step.step()
    >>> [round(w, 4) for w in weight.tolist()]                   # less 0.1 * 5 / sqrt(2) each
    [2.6464, 3.6464]
    """
    if learning_rate <= 0 or epsilon <= 0 or weight_decay < 0 or not all(0 <= b < 1 for b in betas):
        raise ParameterError(
            "LAMB needs a rate and epsilon above 0, betas from 0 to below 1, no negative decay",
            given=(learning_rate, epsilon, betas, weight_decay),
        )
    return _lamb_class()(
        parameters, {"lr": learning_rate, "betas": betas, "eps": epsilon, "weight_decay": weight_decay}
    )


@lru_cache(maxsize=1)
def _lamb_class() -> type:
    """The class, made when it is first asked for, as torch is slow to import."""
    import torch

    class Lamb(torch.optim.Optimizer):
        """See the module's docstring."""

        @torch.no_grad()
        def step(self, closure: Any = None) -> Any:
            """One update of every parameter that has a gradient."""
            loss = None if closure is None else closure()
            for group in self.param_groups:
                for weight in group["params"]:
                    if weight.grad is not None:
                        self._update(weight, group)
            return loss

        def _update(self, weight: Any, group: dict[str, Any]) -> None:
            state, (keep_mean, keep_square) = self.state[weight], group["betas"]
            if not state:
                state["mean"], state["square"] = torch.zeros_like(weight), torch.zeros_like(weight)
            state["mean"].lerp_(weight.grad, 1 - keep_mean)
            state["square"].mul_(keep_square).addcmul_(weight.grad, weight.grad, value=1 - keep_square)
            update = state["mean"] / (state["square"].sqrt() + group["eps"]) + group["weight_decay"] * weight
            size, length = weight.norm().clamp(max=LARGEST_NORM), update.norm()
            ratio = torch.where((size > 0) & (length > 0), size / length, torch.ones_like(size))
            weight.sub_(group["lr"] * ratio * update)

    return Lamb
