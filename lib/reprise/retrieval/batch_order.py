"""Which examples each step of training sees; drawn before the first step, from a seed alone, without torch.

A `Sampler` is a function like `batch_order`: the training loop takes any, so that batches can be composed
otherwise (by topic, by margin) without a loop of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from reprise.errors import InputError

Sampler = Callable[[int, int, int, np.random.Generator], np.ndarray]
"""(examples, batch_size, steps, generator) -> int array (steps, batch_size) of places among the examples."""


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
