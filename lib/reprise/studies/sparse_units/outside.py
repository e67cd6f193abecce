"""Training on image sets that lie outside the package: Fashion-MNIST and CIFAR-10, for the open profile."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.studies.sparse_units.training import Images, fit

EMBEDDED = ("parts", "digits")


def train_outside(context: Context, task: str, test: int, **arguments: Any) -> dict[str, Any]:
    """As `training.train_small`, on "fashion" or "cifar"; `test` of its test images are used."""
    return fit(context, _images(task, test), task, **arguments)


def _images(task: str, test: int) -> Images:
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
