"""The corruptions of MNIST-C that draw something over the image: fog, spatter, a dotted line, a zigzag.

After the definitions of Mu and Gilmer's released code (arXiv 1906.02337), written anew for stacks of images;
see `reprise.data.corruptions`. Fog is diamond-square plasma. A stroke falls off with the distance along its
column as 1 + log(1 - distance / 2.3), which is 0 from 1.45 pixels on.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

SIZE = 28
MAP = 256
"""Side of the plasma map, of which the upper left 28 x 28 pixels are used."""


def fog(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Plasma of weight 3 added, then scaled back so that the brightest pixel keeps about its value."""
    weight = 3.0
    brightest = images.max(axis=(1, 2), keepdims=True)
    plasma = np.stack([_plasma(generator) for _ in images]) if len(images) else images
    return (images + weight * plasma) * brightest / (brightest + weight)


def spatter(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Drops of mud: smoothed noise above a threshold, smoothed again, painted in dark grey."""
    from scipy.ndimage import gaussian_filter

    mean, spread, first, threshold, second = 0.65, 0.3, 1.0, 0.65, 1.5
    mud, opaque = 63 / 255, 0.8
    liquid = gaussian_filter(generator.normal(mean, spread, images.shape), (0, first, first), mode="nearest")
    mask = gaussian_filter((liquid > threshold).astype(float), (0, second, second), mode="nearest")
    mask[mask < opaque] = 0
    return images * (1 - mask) + mud * mask


def dotted_line(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A line from the left to the right edge between random rows, every other pair of columns blank."""
    ends = generator.integers(0, 27, (len(images), 2))
    gaps = np.arange(SIZE) // 2 % 2 == 0
    for image, (left, right) in zip(images, ends, strict=True):
        line = _stroke((0, left), (27, right))
        line[:, gaps] = 0
        image += line
    return images


def zigzag(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Teeth of 2 pixels along a line from column 2 to 25 that ends -5 to 4 rows lower than it began."""
    length = height = 2.0
    begin, end = 2, 25
    for image in images:
        row = generator.integers(0, 27)
        slope = np.arctan(generator.integers(-5, 5) / (end - begin))
        along = (end - begin) / np.cos(slope)
        teeth = int((along - length) // (2 * length)) + 1
        whole = 2 * length * (along // (2 * length))
        corners = [(0.0, 0.0), *(((2 * i + 1) * length, (-1) ** i * height) for i in range(teeth))]
        if along != whole:
            corners.append((along, corners[-1][1] / (2 * (along - whole))))
        turn = np.array([[np.cos(slope), -np.sin(slope)], [np.sin(slope), np.cos(slope)]])
        places = np.array(corners) @ turn.T + (begin, row)
        for one, other in pairwise(places):
            np.minimum(image + _stroke(one, other), 1, out=image)
    return images


def _stroke(begin: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """A straight stroke between two places (column, row), as an image."""
    (c0, r0), (c1, r1) = begin, end
    if c0 == c1:
        return np.zeros((SIZE, SIZE))
    reach = 2.3
    columns = np.arange(SIZE)
    middle = r0 + (r1 - r0) / (c1 - c0) * (columns - c0)
    distance = np.minimum(np.abs(np.arange(SIZE)[:, None] - middle), reach - 1e-10)
    stroke = np.clip(1 + np.log(1 - distance / reach), 0, 1)
    stroke[:, : max(int(np.floor(c0)), 0)] = 0
    stroke[:, max(int(np.ceil(c1)), 0) :] = 0
    return stroke


def _plasma(generator: np.random.Generator) -> np.ndarray:
    """The upper left corner of a diamond-square map with decay 1.4, scaled to 0..1 over the whole map."""
    decay, wobble = 1.4, 100.0
    height = np.zeros((MAP, MAP))
    step = MAP

    def mean(total: np.ndarray) -> np.ndarray:
        # the released code multiplies the wobble by itself; kept, since it sets the fog's roughness
        return total / 4 + wobble * generator.uniform(-wobble, wobble, total.shape)

    while step >= 2:
        half = step // 2
        corners = height[::step, ::step]
        squares = corners + np.roll(corners, -1, axis=0)
        squares = squares + np.roll(squares, -1, axis=1)
        height[half::step, half::step] = mean(squares)
        centres = height[half::step, half::step]
        corners = height[::step, ::step]
        beside = corners + np.roll(corners, -1, axis=1) + centres + np.roll(centres, 1, axis=0)
        height[::step, half::step] = mean(beside)
        below = corners + np.roll(corners, -1, axis=0) + centres + np.roll(centres, 1, axis=1)
        height[half::step, ::step] = mean(below)
        step, wobble = half, wobble / decay
    height -= height.min()
    return (height / height.max())[:SIZE, :SIZE]
