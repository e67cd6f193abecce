"""digits-C: scikit-learn's 1,797 real 8 x 8 digits (UCI optdigits) under the 16 kinds of MNIST-C.

MNIST-C's corruptions are defined on 28 x 28 pixels, so a digit is enlarged to 24 x 24 (cubic spline) and set
in the middle of 28 x 28, corrupted by the code that makes MNIST-C, and reduced to `size` x `size` by the mean
over areas. It is a small stand-in for MNIST-C, not a reproduction of it: fewer writers, fewer pixels, fewer
images.
"""

from __future__ import annotations

import numpy as np

from reprise.data.corruptions import SIZE, corrupt
from reprise.errors import InputError

BOX = 24


def load_digits_28() -> tuple[np.ndarray, np.ndarray]:
    """The digits as images (1797, 28, 28) in 0..1, and their labels (1797,)."""
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    digits = load_digits()
    enlarged = zoom(digits.images / 16, (1, BOX / 8, BOX / 8), order=3, mode="grid-constant", grid_mode=True)
    margin = (SIZE - BOX) // 2
    return np.pad(np.clip(enlarged, 0, 1), ((0, 0), (margin, margin), (margin, margin))), digits.target


def reduce_images(images: np.ndarray, size: int) -> np.ndarray:
    """Images (n, 28, 28) to (n, size, size), each pixel the mean over its area.

    Raises `InputError` for a size that is not from 1 to 28.

    >>> reduce_images(np.ones((1, 28, 28)), 3).round(6).tolist()[0][0]
    [1.0, 1.0, 1.0]
    """
    if not 1 <= size <= SIZE:
        raise InputError(f"images of {SIZE} pixels are reduced to 1 to {SIZE}", given=size)
    edges = np.linspace(0, SIZE, size + 1)
    pixels = np.arange(SIZE)
    # how much of each pixel lies in each area
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    means = np.clip(overlap, 0, None) * size / SIZE
    return means @ images @ means.T


def corrupt_and_reduce(
    images: np.ndarray, kinds: tuple[str, ...], size: int, generator: np.random.Generator
) -> np.ndarray:
    """One corrupted copy of every image for each kind: (kinds, n, size, size) in 0..1."""
    return np.stack([reduce_images(corrupt(images, kind, generator), size) for kind in kinds])
