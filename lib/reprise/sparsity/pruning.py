"""Pruning: which weights of a network become zero, and when.

Gradual magnitude pruning (Zhu and Gupta, arXiv 1710.01878, equation 1): sparsity rises along a cubic ramp
while the network trains, at each update the smallest weights of a layer go, and the mask is applied again
after each optimiser step, so that momentum cannot bring them back. A block of 2 or 4 output channels shares
its pattern (Fast Sparse ConvNets, section 3) and is scored by the sum of its weights' magnitudes.
Baselines: all at once ("one-shot"), and at random.

Masks are torch.nn.utils.prune's own (`<name>_orig` and `<name>_mask`), so its functions work on what is
pruned here; `finish` makes them permanent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reprise.errors import InputError, ParameterError

BLOCKS = (1, 2, 4)


def cubic_ramp(step: int, begin: int, end: int, target: float, start: float = 0.0) -> float:
    """The sparsity at a training step: `start` until `begin`, `target` from `end` on.

    >>> [round(cubic_ramp(s, 0, 4, 0.8), 4) for s in range(5)]  # 0.8 - 0.8 * (1 - s/4)^3
    [0.0, 0.4625, 0.7, 0.7875, 0.8]
    """
    check_sparsity(target)
    if not 0 <= begin < end or not 0 <= start <= target:
        raise ParameterError("the ramp begins before it ends and rises", given=(begin, end, start, target))
    progress = min(max((step - begin) / (end - begin), 0.0), 1.0)
    return target + (start - target) * (1 - progress) ** 3


def check_sparsity(sparsity: float) -> None:
    """Raise `ParameterError` unless 0 <= sparsity < 1."""
    if not 0 <= sparsity < 1:
        raise ParameterError("a sparsity is a share of zeros in [0, 1)", given=sparsity)


def magnitude_mask(weight: Any, sparsity: float, block: int = 1) -> Any:
    """1 where a weight stays, 0 where it goes: the round(sparsity * blocks) smallest blocks go.

    `weight` is (outputs, ...); outputs that do not fill a block make a smaller one. Of equal scores the
    earlier goes first. Raises `ParameterError` for a sparsity outside [0, 1) or an unknown block.

    >>> import torch
    >>> magnitude_mask(torch.tensor([[1.0, -3.0], [2.0, 0.5]]), 0.5).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return _mask_of(_scores(weight, block), weight, sparsity, block)


def random_mask(weight: Any, sparsity: float, generator: Any, block: int = 1) -> Any:
    """As `magnitude_mask`, with blocks drawn at random by a torch generator."""
    import torch

    scores = _scores(weight, block)
    return _mask_of(torch.rand(scores.shape, generator=generator), weight, sparsity, block)


def prunable_layers(model: Any) -> dict[str, Any]:
    """The layers that the paper prunes: 1x1 convolutions of planes, by module path.

    Left dense as there: the first convolution, depthwise ones, and fully connected layers, to which squeeze
    and excitation (1x1 convolutions of pooled planes, whose names end in fc1 and fc2) belong.
    """
    from torch import nn

    return {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (1, 1)
        and layer.groups == 1
        and not name.endswith((".fc1", ".fc2"))
    }


def sparsify(
    model: Any,
    sparsity: float | Mapping[str, float],
    *,
    block: int | Mapping[str, int] = 1,
    generator: Any = None,
) -> Any:
    """Prune a network's 1x1 layers in place, at once: by magnitude, or at random when given a generator.

    `sparsity` is one for all layers or by module path (layers not named stay dense), `block` likewise (1 for
    those not named). The zeros are permanent. Raises `InputError` for a path that is no prunable layer.
    """
    import torch

    targets, blocks = layer_settings(model, sparsity, block)
    with torch.no_grad():
        for name, layer in prunable_layers(model).items():
            if name in targets:
                if not torch.isfinite(layer.weight).all():
                    raise InputError(f"layer {name!r} has weights that are NaN or infinite")
                arguments = (targets[name], blocks[name])
                if generator is None:
                    mask = magnitude_mask(layer.weight, *arguments)
                else:
                    mask = random_mask(layer.weight, arguments[0], generator, arguments[1])
                layer.weight.mul_(mask)
    return model


def layer_settings(
    model: Any, sparsity: float | Mapping[str, float], block: int | Mapping[str, int]
) -> tuple[dict[str, float], dict[str, int]]:
    """Sparsity and block by layer; `InputError` for a path that is no prunable layer."""
    layers = prunable_layers(model)
    targets = dict(sparsity) if isinstance(sparsity, Mapping) else dict.fromkeys(layers, sparsity)
    blocks = (
        {**dict.fromkeys(layers, 1), **block} if isinstance(block, Mapping) else dict.fromkeys(layers, block)
    )
    unknown = sorted((set(targets) | set(blocks)) - set(layers))
    if unknown:
        raise InputError(
            "no prunable layer has this path", given=unknown[0], remedy=f"choose from {sorted(layers)}"
        )
    for value in targets.values():
        check_sparsity(value)
    for value in blocks.values():
        if value not in BLOCKS:
            raise ParameterError("blocks have 1, 2 or 4 output channels", given=value)
    return targets, blocks


class GradualPruning:
    """Gradual magnitude pruning of a network that is being trained.

    Call `step()` after each step of the optimiser, and `finish()` at the end. Masks are recomputed every
    `every` steps between `begin` and `end`. A weight that is gone stays gone: it is 0 and gets no gradient.
    """

    def __init__(
        self,
        model: Any,
        sparsity: float | Mapping[str, float],
        *,
        begin: int,
        end: int,
        every: int = 1,
        block: int | Mapping[str, int] = 1,
        score: Callable[[Any, float, int], Any] = magnitude_mask,
    ) -> None:
        import torch
        from torch.nn.utils import prune

        if every < 1:
            raise ParameterError("masks are updated every so many steps, at least 1", given=every)
        cubic_ramp(0, begin, end, 0.5)  # the ramp's own checks, before any work
        self._targets, self._blocks = layer_settings(model, sparsity, block)
        layers = prunable_layers(model)
        self._layers = {name: layers[name] for name in self._targets}
        self._begin, self._end, self._every, self._score = begin, end, every, score
        self._steps = 0
        for layer in self._layers.values():
            prune.custom_from_mask(layer, "weight", torch.ones_like(layer.weight))

    def step(self) -> None:
        """Count a training step, update the masks when it is time, and set what is masked to zero."""
        import torch

        self._steps += 1
        due = self._begin <= self._steps <= self._end and (self._steps - self._begin) % self._every == 0
        with torch.no_grad():
            for name, layer in self._layers.items():
                if due or self._steps == self._end:
                    sparsity = cubic_ramp(self._steps, self._begin, self._end, self._targets[name])
                    mask = self._score(layer.weight_orig, sparsity, self._blocks[name])
                    layer.weight_mask.copy_(mask)
                layer.weight_orig.mul_(layer.weight_mask)

    def resume(self, steps: int) -> None:
        """Go on after `steps` steps, the network's weights and masks having been loaded."""
        self._steps = steps

    @property
    def sparsity(self) -> dict[str, float]:
        """The share of zeros in each layer's mask."""
        return {name: 1 - float(layer.weight_mask.mean()) for name, layer in self._layers.items()}

    def finish(self) -> None:
        """Make the zeros permanent: `weight` is a parameter again, without a mask."""
        from torch.nn.utils import prune

        for layer in self._layers.values():
            prune.remove(layer, "weight")


def _scores(weight: Any, block: int) -> Any:
    """Sum of magnitudes of each block: (groups, weights an output)."""
    import torch

    if block not in BLOCKS:
        raise ParameterError("blocks have 1, 2 or 4 output channels", given=block)
    flat = weight.detach().abs().reshape(len(weight), -1)
    short = -len(flat) % block
    flat = torch.cat([flat, flat.new_zeros(short, flat.shape[1])])
    return flat.reshape(-1, block, flat.shape[1]).sum(1)


def _mask_of(scores: Any, weight: Any, sparsity: float, block: int) -> Any:
    import torch

    check_sparsity(sparsity)
    gone = round(sparsity * scores.numel())
    kept = torch.ones(scores.numel(), dtype=weight.dtype, device=weight.device)
    kept[torch.argsort(scores.reshape(-1), stable=True)[:gone]] = 0
    rows = kept.reshape(scores.shape).repeat_interleave(block, 0)[: len(weight)]
    return rows.reshape(weight.shape)
