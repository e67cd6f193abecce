"""One step of training: the optimiser, the gradients of a batch in parts, and clipping, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import StudyFailed
from reprise.retrieval.torch_settings import autocast
from reprise.retrieval.training_settings import TrainingSettings

if TYPE_CHECKING:
    import torch

SeedsLoss = Callable[[Sequence[Sequence[Any]], Sequence[np.random.Generator]], "torch.Tensor"]
"""A batch and a generator for each seed -> a loss for each seed: (seeds,)."""

Optimiser = Callable[["torch.nn.Module", TrainingSettings], "torch.optim.Optimizer"]


def adamw(module: torch.nn.Module, settings: TrainingSettings, fused: bool = False) -> torch.optim.Optimizer:
    """AdamW over parameters that require a gradient; those of one axis (biases, LayerNorm) do not decay.

    `fused` takes torch's one pass over each parameter: other last bits, in a third of the time.
    """
    import torch

    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=settings.learning_rate, fused=fused)


def gradients_of(
    seeds_loss: SeedsLoss,
    batches: Sequence[Sequence[Any]],
    generators: Sequence[np.random.Generator],
    settings: TrainingSettings,
) -> list[float]:
    """Leave the gradients of one step in the parameters, and return the loss of each seed."""
    totals = [0.0] * len(batches)
    part = settings.batch_size // settings.accumulate
    for begin in range(0, settings.batch_size, part):
        with autocast(settings.device, settings.precision):
            losses = seeds_loss([batch[begin : begin + part] for batch in batches], generators)
            losses = losses / settings.accumulate
        losses.sum().backward()
        totals = [total + loss for total, loss in zip(totals, losses.tolist(), strict=True)]
    return totals


def clip(gradients: list[torch.Tensor], limit: float) -> float:
    """Scale the gradients down to this norm, as `torch.nn.utils.clip_grad_norm_` does; the norm before."""
    import torch

    norm = torch.nn.utils.get_total_norm(gradients)
    scale = torch.clamp(limit / (norm + 1e-6), max=1.0)
    for gradient in gradients if scale.item() != 1 else ():
        gradient.mul_(scale)
    return norm.item()


def refuse_infinite(step: int, seeds: Sequence[int], losses: Sequence[float], norms: Sequence[float]) -> None:
    """Raise `StudyFailed`, naming step and seed, when a loss or the norm of its gradient is not finite."""
    for seed, loss, norm in zip(seeds, losses, norms, strict=True):
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise StudyFailed(
                f"training stopped at step {step}: the loss or its gradient is not finite",
                given={"loss": loss, "gradient norm": norm, "seed": seed},
                remedy="lower the learning rate, or train in float32",
            )
