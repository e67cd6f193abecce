"""Weights whose pattern is drawn: the times of a kernel depend on where zeros are, not on what is left."""

from __future__ import annotations

import numpy as np


def drawn_weights(
    outputs: int, inputs: int, sparsity: float, block: int, generator: np.random.Generator
) -> np.ndarray:
    """Normal weights (outputs, inputs), exactly round(sparsity * blocks) of their blocks 0, drawn at random.

    >>> w = drawn_weights(8, 10, 0.9, 4, np.random.default_rng(0))
    >>> int((w != 0).sum())
    8
    """
    groups = -(-outputs // block)
    kept = np.ones(groups * inputs, bool)
    kept[generator.permutation(groups * inputs)[: round(sparsity * groups * inputs)]] = False
    pattern = np.repeat(kept.reshape(groups, inputs), block, axis=0)[:outputs]
    weights = generator.normal(size=(outputs, inputs)) / np.sqrt(inputs)
    return (np.where(weights == 0, 1.0, weights) * pattern).astype(np.float32)
