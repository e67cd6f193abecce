"""CIFAR-10 from local files in its binary form, REPRISE_DATA/images/cifar-10/*.bin.

A record is a byte of label and 3,072 bytes of pixels, red, green and blue planes of 32 x 32; there are
data_batch_1 to data_batch_5 and test_batch. Nothing is downloaded here.
"""

from __future__ import annotations

import numpy as np

from reprise.data.images import images_folder
from reprise.errors import EnvironmentNotReady, InputError

NAME, SIDE, CLASSES = "cifar-10", 32, 10
_RECORD = 1 + 3 * SIDE * SIDE
FILES = {"train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)), "test": ("test_batch.bin",)}


def cifar_missing() -> list[str]:
    """The files that are not there."""
    return [f for files in FILES.values() for f in files if not (images_folder(NAME) / f).is_file()]


def load_cifar(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 3, 32, 32) float32 in 0..1 and labels (n,); `part` is "train" or "test".

    Raises `EnvironmentNotReady` for missing files, `InputError` for files that are not whole records.
    """
    if cifar_missing():
        raise EnvironmentNotReady(
            "CIFAR-10 is not there",
            given=cifar_missing(),
            remedy="unpack its binary version under REPRISE_DATA/images/cifar-10",
        )
    images, labels = [], []
    for name in FILES[part]:
        content = np.fromfile(images_folder(NAME) / name, np.uint8)
        if len(content) == 0 or len(content) % _RECORD:
            raise InputError(f"{name} does not hold whole records", given=len(content))
        records = content.reshape(-1, _RECORD)
        if records[:, 0].max() >= CLASSES:
            raise InputError(f"{name} has labels that CIFAR-10 does not have", given=int(records[:, 0].max()))
        labels.append(records[:, 0].astype(np.int64))
        images.append(records[:, 1:].reshape(-1, 3, SIDE, SIDE).astype(np.float32) / 255)
    return np.concatenate(images), np.concatenate(labels)
