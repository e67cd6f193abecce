"""MobileNet v1 and v2 and EfficientNet-B0/B1 as torch modules, named as torchvision names them.

A state dict of torchvision's `mobilenet_v2` or `efficientnet_b0`, pruned or not, loads; MobileNet v1, which
torchvision lacks, follows the same pattern, as does the cache-aware MobileNet v2 (see `cache_aware`).
`small_mobilenet` is the same kind of network for small images.
Widths are rounded to multiples of 8 as in the papers' code.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from reprise.errors import ParameterError
from reprise.sparsity.cache_aware import cache_aware_stages

V1 = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""MobileNet v1: output channels and stride of each depthwise + 1x1 pair."""

V2 = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""MobileNet v2: expansion, output channels, repeats, stride of the first."""

B0 = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""EfficientNet-B0: expansion, kernel, stride of the first, output channels, repeats."""

CACHE_AWARE = "mobilenet-v2-cache-aware"
FAMILIES = ("mobilenet-v1", "mobilenet-v2", "efficientnet-b0", "efficientnet-b1", CACHE_AWARE)
IMAGE = {"efficientnet-b1": 240}
"""Side of the input image where it is not 224."""


def make_model(family: str, width: float = 1.0, classes: int = 1000) -> Any:
    """A network with torch's initial weights, in evaluation mode; `width` multiplies its channels.

    Raises `ParameterError` for an unknown family or a width that is not positive.

    >>> sum(p.numel() for p in make_model("mobilenet-v2").parameters())
    3504872
    """
    if family not in FAMILIES:
        raise ParameterError(
            "there is no such family of networks", given=family, remedy=f"choose from {FAMILIES}"
        )
    if not 0 < width < 100:
        raise ParameterError("a width is a positive factor", given=width)
    if family == "mobilenet-v1":
        model = _mobilenet_v1(width, classes)
    elif family.startswith("mobilenet-v2"):
        model = _mobilenet_v2(width, classes, family == CACHE_AWARE)
    else:
        model = _efficientnet(width, 1.0 if family.endswith("b0") else 1.1, classes)
    return model.eval()


def small_mobilenet(
    channels: int, width: int, pairs: tuple[tuple[int, int], ...], classes: int, stem_stride: int = 1
) -> Any:
    """A MobileNet v1 for small images of `channels` channels: a stem of `width`, then pairs.

    A pair is (multiple of `width` that comes out, stride).
    """
    parts = [_unit(channels, width, 3, stem_stride, activation="relu")]
    at = width
    for multiple, stride in pairs:
        parts.append(_separable(at, multiple * width, stride, "relu"))
        at = multiple * width
    return _blocks().Classifier(parts, at, classes, 0.0)


def round_channels(channels: float) -> int:
    """The nearest multiple of 8 that is not more than 10 % below.

    >>> round_channels(32 * 0.75), round_channels(24 * 0.35)
    (24, 8)
    """
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _mobilenet_v1(width: float, classes: int) -> Any:
    at = round_channels(32 * width)
    parts = [_unit(3, at, 3, 2, activation="relu6")]
    for channels, stride in V1:
        after = round_channels(channels * width)
        parts.append(_separable(at, after, stride, "relu6"))
        at = after
    return _blocks().Classifier(parts, at, classes, 0.001)


def _mobilenet_v2(width: float, classes: int, cache_aware: bool) -> Any:
    at = round_channels(32 * width)
    parts = [_unit(3, at, 3, 2, activation="relu6")]
    stages = [(expansion, round_channels(channels * width), *rest) for expansion, channels, *rest in V2]
    for expansion, after, repeats, stride in cache_aware_stages(stages, at) if cache_aware else stages:
        for i in range(repeats):
            parts.append(_blocks().InvertedResidual(at, after, stride if i == 0 else 1, expansion))
            at = after
    last = round_channels(1280 * max(1.0, width))
    parts.append(_unit(at, last, 1, 1, activation="relu6"))
    return _blocks().Classifier(parts, last, classes, 0.2)


def _efficientnet(width: float, depth: float, classes: int) -> Any:
    from torch import nn

    at = round_channels(32 * width)
    parts = [_unit(3, at, 3, 2, activation="silu")]
    for expansion, size, stride, channels, repeats in B0:
        after, stage = round_channels(channels * width), []
        for i in range(math.ceil(repeats * depth)):
            stage.append(_blocks().MBConv(at, after, size, stride if i == 0 else 1, expansion))
            at = after
        parts.append(nn.Sequential(*stage))
    parts.append(_unit(at, 4 * at, 1, 1, activation="silu"))
    return _blocks().Classifier(parts, 4 * at, classes, 0.2, pool_module=True)


def _unit(before: int, after: int, size: int, stride: int, groups: int = 1, activation: str = "") -> Any:
    """Convolution, batch normalisation, activation: torchvision's Conv2dNormActivation."""
    from torch import nn

    parts: list[Any] = [
        nn.Conv2d(before, after, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(after),
    ]
    kinds = {"relu": nn.ReLU, "relu6": nn.ReLU6, "silu": nn.SiLU}
    if activation:
        parts.append(kinds[activation](inplace=True))
    return nn.Sequential(*parts)


def _separable(before: int, after: int, stride: int, activation: str) -> Any:
    """MobileNet v1's pair: depthwise 3x3, then 1x1."""
    from torch import nn

    return nn.Sequential(
        _unit(before, before, 3, stride, before, activation),
        _unit(before, after, 1, 1, activation=activation),
    )


@lru_cache(maxsize=1)
def _blocks() -> SimpleNamespace:
    """Modules with a forward pass of their own; in a function, because torch is imported only when needed."""
    import torch
    from torch import nn

    class InvertedResidual(nn.Module):
        """MobileNet v2's block: expand, depthwise, project without activation; a shortcut where it fits."""

        def __init__(self, before: int, after: int, stride: int, expansion: int) -> None:
            super().__init__()
            middle = before * expansion
            parts = [_unit(before, middle, 1, 1, activation="relu6")] if expansion != 1 else []
            parts.append(_unit(middle, middle, 3, stride, middle, "relu6"))
            self.conv = nn.Sequential(*parts, nn.Conv2d(middle, after, 1, bias=False), nn.BatchNorm2d(after))
            self.use_res_connect = stride == 1 and before == after

        def forward(self, x: Any) -> Any:
            return x + self.conv(x) if self.use_res_connect else self.conv(x)

    class SqueezeExcitation(nn.Module):
        """Channels scaled by what their means say."""

        def __init__(self, channels: int, squeezed: int) -> None:
            super().__init__()
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
            self.activation, self.scale_activation = nn.SiLU(inplace=True), nn.Sigmoid()

        def forward(self, x: Any) -> Any:
            scale = self.activation(self.fc1(self.avgpool(x)))
            return self.scale_activation(self.fc2(scale)) * x

    class MBConv(nn.Module):
        """EfficientNet's block (without stochastic depth, which does nothing in evaluation)."""

        def __init__(self, before: int, after: int, size: int, stride: int, expansion: int) -> None:
            super().__init__()
            middle = before * expansion
            parts = [_unit(before, middle, 1, 1, activation="silu")] if expansion != 1 else []
            parts.append(_unit(middle, middle, size, stride, middle, "silu"))
            parts.append(SqueezeExcitation(middle, max(1, before // 4)))
            self.block = nn.Sequential(*parts, _unit(middle, after, 1, 1))
            self.use_res_connect = stride == 1 and before == after

        def forward(self, x: Any) -> Any:
            return x + self.block(x) if self.use_res_connect else self.block(x)

    class Classifier(nn.Module):
        """Features, mean over the plane, a fully connected layer."""

        def __init__(
            self, parts: list[Any], channels: int, classes: int, dropout: float, pool_module: bool = False
        ) -> None:
            super().__init__()
            self.features = nn.Sequential(*parts)
            if pool_module:
                self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.pool_module = pool_module
            self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels, classes))
            _initialise(self)

        def forward(self, x: Any) -> Any:
            x = self.features(x)
            x = self.avgpool(x) if self.pool_module else nn.functional.adaptive_avg_pool2d(x, (1, 1))
            return self.classifier(torch.flatten(x, 1))

    return SimpleNamespace(InvertedResidual=InvertedResidual, MBConv=MBConv, Classifier=Classifier)


def _initialise(model: Any) -> None:
    """torchvision's: He over outputs for convolutions, a small normal for the last layer."""
    from torch import nn

    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, 0.01)
            nn.init.zeros_(module.bias)
