"""The unit that prepares an image set from MNIST's test images alone, split into a training and a test pool.

What it saves is what `images.prepare_images` saves, so all later units are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.data.digits import corrupt_and_reduce
from reprise.data.mnist_test import load_mnist_test
from reprise.errors import ParameterError


def prepare_mnist_test(
    context: Any, *, name: str, kinds: list[str], size: int, components: int | None, train: int, test: int
) -> dict[str, Any]:
    """Split the images at random, corrupt, reduce and save them; the same images under every kind."""
    images, labels = load_mnist_test()
    if train + test > len(labels):
        raise ParameterError(
            "MNIST's test part has too few images", given={"train": train, "test": test, "of": len(labels)}
        )
    generator = np.random.default_rng(context.seed)
    order = generator.permutation(len(labels))
    pools = {
        part: (corrupt_and_reduce(images[chosen], tuple(kinds), size, generator), labels[chosen])
        for part, chosen in (("train", order[:train]), ("test", order[train : train + test]))
    }
    pixels = {part: pool.reshape(*pool.shape[:2], -1) for part, (pool, _) in pools.items()}
    directions, middle = _directions(pixels["train"], components)
    saved: dict[str, np.ndarray] = {}
    for part, flat in pixels.items():
        inputs = (flat - middle) @ directions
        constant = np.concatenate([inputs, np.ones((*inputs.shape[:2], 1))], axis=2)
        saved[part] = constant.astype(np.float32)
        saved[f"{part}_pixels"] = flat.astype(np.float32)
        saved[f"{part}_labels"] = pools[part][1]
    np.savez(context.folder / "images.npz", **saved)
    later, answers = pools["test"]
    shown = [int(np.flatnonzero(answers == digit)[0]) for digit in range(10) if (answers == digit).any()]
    grey = np.round(later[:, shown] * 255).astype(int)
    return {
        "train": train,
        "test": test,
        "inputs": saved["train"].shape[2],
        "grid": [{"kind": kind, "images": rows.tolist()} for kind, rows in zip(kinds, grey, strict=True)],
    }


def _directions(flat: np.ndarray, components: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Principal directions (pixels, components) of the training pool and its mean; None keeps the pixels."""
    pixels = flat.shape[-1]
    if components is None:
        return np.eye(pixels), np.zeros(pixels)
    rows = flat.reshape(-1, pixels)
    _, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    return vectors[:, : -components - 1 : -1], rows.mean(axis=0)
