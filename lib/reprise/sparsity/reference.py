"""The same operations written plainly in float64 with NumPy: what the kernels are checked against."""

from __future__ import annotations

import numpy as np


def pointwise(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """1x1 convolution: x (n, inputs, height, width), weights (outputs, inputs), bias (outputs,)."""
    x, weights = x.astype(np.float64), weights.astype(np.float64)
    return np.einsum("oi,nihw->nohw", weights, x) + bias[:, None, None]


def convolution(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    """k x k convolution with padding k // 2: weights (outputs, inputs, k, k)."""
    size = weights.shape[-1]
    wide = np.pad(x.astype(np.float64), ((0, 0), (0, 0), *[(size // 2, size // 2)] * 2))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (size, size), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("oikl,nihwkl->nohw", weights.astype(np.float64), windows) + bias[:, None, None]


def depthwise(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    """k x k convolution of each channel by itself with padding k // 2: weights (channels, k, k)."""
    channels = [
        convolution(x[:, c : c + 1], weights[c][None, None], bias[c : c + 1], stride)
        for c in range(len(weights))
    ]
    return np.concatenate(channels, axis=1)


def apply(x: np.ndarray, epilogue: str, bounds: tuple[float, float] = (-np.inf, np.inf)) -> np.ndarray:
    """What follows a sum; NaN stays NaN."""
    if epilogue == "clamp":
        return np.clip(x, *bounds)
    if epilogue == "none":
        return x
    with np.errstate(over="ignore", invalid="ignore"):
        gate = 1 / (1 + np.exp(-x))
        return gate if epilogue == "sigmoid" else x * gate
