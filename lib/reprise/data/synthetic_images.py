"""A made image task on which 1x1 layers have work to do: which two of ten parts does an image hold?

Ten 5 x 5 stamps, drawn once; a class is one of the first `classes` pairs of them; an image shows its two
stamps at places of their own in Gaussian noise. Made as they are asked for, without end, from a generator.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from reprise.errors import ParameterError

PARTS, STAMP = 10, 5
_STAMPS_SEED = 20191122  # the stamps are part of the task: the same for every split and seed


def parts_images(
    count: int, generator: np.random.Generator, *, side: int = 24, classes: int = 28, noise: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 1, side, side) float32 and labels (count,).

    Raises `ParameterError` for more classes than there are pairs, or too small a side.

    >>> images, labels = parts_images(4, np.random.default_rng(0))
    >>> images.shape, int(labels.max()) < 28
    ((4, 1, 24, 24), True)
    """
    pairs = np.array(list(combinations(range(PARTS), 2)))
    if not 2 <= classes <= len(pairs) or side < 2 * STAMP + 2 or noise < 0:
        raise ParameterError(
            f"the task has 2 to {len(pairs)} classes, images of at least {2 * STAMP + 2} pixels a side",
            given=(classes, side, noise),
        )
    stamps = np.random.default_rng(_STAMPS_SEED).normal(size=(PARTS, STAMP, STAMP))
    stamps /= np.sqrt((stamps**2).mean((1, 2), keepdims=True))
    labels = generator.integers(0, classes, count)
    images = generator.normal(0, noise, (count, side, side))
    half = side // 2
    rows = generator.integers(0, side - STAMP + 1, (count, 2))
    # one part in the left half, one in the right, so that they never overlap; which is which is drawn
    columns = np.stack(
        [generator.integers(0, half - STAMP + 1, count), generator.integers(half, side - STAMP + 1, count)], 1
    )
    order = generator.permuted(np.tile([0, 1], (count, 1)), axis=1)
    for part in range(2):
        shown = stamps[pairs[labels, part]]
        place = np.arange(count), order[:, part]
        y = rows[place][:, None, None] + np.arange(STAMP)[None, :, None]
        x = columns[place][:, None, None] + np.arange(STAMP)[None, None, :]
        images[np.arange(count)[:, None, None], y, x] += shown
    return images[:, None].astype(np.float32), labels.astype(np.int64)
