"""The unit that prepares an image set: 16 kinds of corruption, cut, reduced and split, ready as inputs.

An image set is digits-C (embedded), "mnist-C" or "fashion-C" (local files corrupted by our code), or
"mnist-C-released" (the authors' arrays). Inputs are pixels, or the first principal components of the training
pool, with a constant as last input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reprise.data.corruptions import KINDS
from reprise.data.digits import corrupt_and_reduce, load_digits_28, reduce_images
from reprise.data.images import load_idx, load_mnist_c
from reprise.errors import ParameterError

LOCAL = {"mnist-C": "mnist", "fashion-C": "fashion-mnist"}


def prepare_images(
    context: Any, *, name: str, kinds: list[str], size: int, components: int | None, train: int, test: int
) -> dict[str, Any]:
    """Corrupt, reduce, split and save an image set; the same images under every kind."""
    generator = np.random.default_rng(context.seed)
    pools, labels = _load(name, kinds, size, train, test, generator)
    pixels = [pool.reshape(*pool.shape[:2], -1) for pool in pools]
    inputs = pixels if components is None else _project(*pixels, components)
    constant = [np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2) for x in inputs]
    np.savez(
        context.folder / "images.npz",
        train=constant[0].astype(np.float32),
        test=constant[1].astype(np.float32),
        train_pixels=pixels[0].astype(np.float32),
        test_pixels=pixels[1].astype(np.float32),
        train_labels=labels[0],
        test_labels=labels[1],
    )
    # a few images of each kind for the reader, as grey levels; one image a class where there is one
    shown = [int(np.flatnonzero(labels[1] == c)[0]) for c in range(10) if (labels[1] == c).any()]
    grey = np.round(pools[1][:, shown] * 255).astype(int)
    grid = [{"kind": kind, "images": images.tolist()} for kind, images in zip(kinds, grey, strict=True)]
    return {"train": len(labels[0]), "test": len(labels[1]), "inputs": constant[0].shape[2], "grid": grid}


@dataclass(frozen=True)
class ImageSet:
    """What `prepare_images` saved: inputs (kinds, n, d), pixels (kinds, n, size^2), labels (n,) of each
    split.
    """

    train: np.ndarray
    test: np.ndarray
    train_pixels: np.ndarray
    test_pixels: np.ndarray
    train_labels: np.ndarray
    test_labels: np.ndarray

    @classmethod
    def open(cls, context: Any) -> ImageSet:
        """The image set that the unit was given in the role "images"."""
        with np.load(context.folder_of("images") / "images.npz") as saved:
            return cls(**{name: saved[name] for name in saved.files})


def one_against_rest(labels: np.ndarray, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels (kinds * 10, n) of -1 and 1 of all tasks, kind by kind, and the kind of each task."""
    one_kind = np.where(labels == np.arange(10)[:, None], 1.0, -1.0)
    return np.tile(one_kind, (kinds, 1)), np.repeat(np.arange(kinds), 10)


def disjoint_parts(labels: np.ndarray, kinds: int, generator: np.random.Generator) -> np.ndarray:
    """Which images each task may draw (kinds * 10, n): ten parts a kind, so that tasks share no image."""
    part = np.stack([generator.permutation(np.arange(len(labels)) % 10) for _ in range(kinds)])
    return (part[:, None] == np.arange(10)[:, None]).reshape(kinds * 10, len(labels))


def _load(
    name: str, kinds: list[str], size: int, train: int, test: int, generator: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Images (kinds, n, size, size) and labels (n,) of the training and the test pool."""
    if name == "mnist-C-released":
        pools, labels = [], []
        for part, wanted in (("train", train), ("test", test)):
            sets = [load_mnist_c(kind, part) for kind in kinds]
            chosen = generator.permutation(len(sets[0][1]))[:wanted]
            pools.append(np.stack([reduce_images(images[chosen], size) for images, _ in sets]))
            labels.append(sets[0][1][chosen])
        return pools, labels
    if name == "digits-C":
        images, target = load_digits_28()
        order = generator.permutation(len(target))
        if train + test > len(target):
            raise ParameterError("digits-C has 1,797 images", given={"train": train, "test": test})
        splits = [(images[order[:train]], target[order[:train]])]
        splits.append((images[order[train : train + test]], target[order[train : train + test]]))
    elif name in LOCAL:
        splits = []
        for part, wanted in (("train", train), ("test", test)):
            images, target = load_idx(LOCAL[name], part)
            chosen = generator.permutation(len(target))[:wanted]
            splits.append((images[chosen], target[chosen]))
    else:
        raise ParameterError("unknown image set", given=name)
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ParameterError("unknown kind of corruption", given=unknown[0])
    pools = [corrupt_and_reduce(images, tuple(kinds), size, generator) for images, _ in splits]
    return pools, [target for _, target in splits]


def _project(train: np.ndarray, test: np.ndarray, components: int) -> list[np.ndarray]:
    """Principal components of the training pool of all kinds, which uses no label."""
    flat = train.reshape(-1, train.shape[-1])
    middle = flat.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(flat, rowvar=False))
    directions = vectors[:, : -components - 1 : -1]
    return [(x - middle) @ directions for x in (train, test)]
