"""MNIST's 10,000 test images alone, for where the 60,000 for training are not: they are split by who asks.

They lie where `images` looks for MNIST, under REPRISE_DATA/images/mnist, as the two files of the test part.
"""

from __future__ import annotations

import hashlib

import numpy as np

from reprise.data.images import images_folder, read_idx
from reprise.errors import EnvironmentNotReady, InputError

FILES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def mnist_test_missing() -> list[str]:
    """The files that are not there."""
    return [file for file in FILES if not (images_folder("mnist") / file).is_file()]


def mnist_test_fingerprint() -> str:
    """sha256 over both files; "missing" when one is not there."""
    if mnist_test_missing():
        return "missing"
    digest = hashlib.sha256()
    for file in FILES:
        digest.update((images_folder("mnist") / file).read_bytes())
    return digest.hexdigest()


def load_mnist_test() -> tuple[np.ndarray, np.ndarray]:
    """Images (10000, 28, 28) in 0..1 and labels (10000,).

    Raises `EnvironmentNotReady` when files are missing, `InputError` for files that do not fit together.
    """
    if missing := mnist_test_missing():
        raise EnvironmentNotReady(
            "MNIST's test images are not here",
            given=missing,
            remedy="put its files under REPRISE_DATA/images/mnist",
        )
    images, labels = (read_idx(images_folder("mnist") / file) for file in FILES)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or images.shape[:1] != labels.shape:
        raise InputError(
            "MNIST's test images must be (n, 28, 28) with a label each", given=(images.shape, labels.shape)
        )
    return images / 255, labels.astype(int)
