"""Training on image sets that lie outside the package, for the open profile: Fashion-MNIST, CIFAR-10, and the
10,000 test images of MNIST, of which the last are for testing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.studies.sparse_units.training import Images, fit, time_small

EMBEDDED = ("parts", "digits")
SHAPED_LIKE = {"mnist": "fashion"}
"""Tasks whose images are as large as another's: they have its network."""


def train_outside(context: Context, task: str, test: int, **arguments: Any) -> dict[str, Any]:
    """As `training.train_small`, on "mnist", "fashion" or "cifar"; `test` of its test images are used."""
    return fit(context, _images(task, test), SHAPED_LIKE.get(task, task), **arguments)


def time_outside(context: Context, task: str, **arguments: Any) -> dict[str, Any]:
    """As `training.time_small`, for the networks of "mnist", "fashion" or "cifar"."""
    found = time_small(context, SHAPED_LIKE.get(task, task), **arguments)
    return {**found, "cells": [{**cell, "dataset": task} for cell in found["cells"]]}


def _images(task: str, test: int) -> Images:
    if task == "mnist":
        from reprise.data.mnist_test import load_mnist_test

        images, labels = load_mnist_test()
        pixels, kept = images[:, None].astype(np.float32), len(images) - test
        return pixels[:kept], labels[:kept], pixels[kept:], labels[kept:]
    if task == "cifar":
        from reprise.data.cifar import load_cifar

        (images, labels), (later, answers) = load_cifar("train"), load_cifar("test")
        return images, labels, later[:test], answers[:test]
    from reprise.data.images import load_idx

    (images, labels), (later, answers) = load_idx("fashion-mnist", "train"), load_idx("fashion-mnist", "test")
    return (
        images[:, None].astype(np.float32),
        labels.astype(np.int64),
        later[:test, None].astype(np.float32),
        answers[:test].astype(np.int64),
    )
