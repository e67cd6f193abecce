"""The 16 kinds of MNIST-C: identity and 15 corruptions of 28 x 28 grey images (Mu and Gilmer, arXiv
1906.02337).

Each kind takes a stack of images (n, 28, 28) with values 0..1 and a random generator, and follows the
definition and the default strength of the authors' released code, written anew: there is no global random
state, and draws differ image by image as there, though not in the same order. Results are rounded to the 256
grey levels of the release.

Deviations: motion blur is ImageMagick's one-sided Gaussian trail (radius 10, sigma 3) computed with bilinear
sampling instead of the library itself; a brightness shift of a grey image is a shift of its value, so the
colour conversions are left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reprise.data.corruptions_drawn import dotted_line, fog, spatter, zigzag
from reprise.errors import InputError

SIZE = 28
CENTRE = 13.5

Corruption = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def corrupt(images: np.ndarray, kind: str, generator: np.random.Generator) -> np.ndarray:
    """Images (n, 28, 28) in 0..1 with one kind of corruption, in 0..1 and steps of 1/255.

    Raises `InputError` for an unknown kind, another shape, values outside 0..1 and values that are not
    finite.

    >>> blank = np.zeros((1, 28, 28))
    >>> corrupt(blank, "stripe", np.random.default_rng(0))[0, 0].sum().item()  # 7 columns on either side
    14.0
    """
    if kind not in KINDS:
        raise InputError("unknown kind of corruption", given=kind, remedy=f"one of {', '.join(KINDS)}")
    images = np.asarray(images, dtype=float)
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
        raise InputError(f"images must be (n, {SIZE}, {SIZE})", given=images.shape)
    if not np.isfinite(images).all():
        raise InputError("images must be finite numbers", given=f"{(~np.isfinite(images)).sum()} are not")
    if images.size and (images.min() < 0 or images.max() > 1):
        raise InputError("grey values must lie from 0 to 1", given=(images.min(), images.max()))
    return np.round(np.clip(KINDS[kind](images.copy(), generator), 0, 1) * 255) / 255


def _identity(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return images


def _shot_noise(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    photons = 3.0
    return generator.poisson(images * photons) / photons


def _impulse_noise(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    amount = 0.17  # of all pixels, half of them black and half white
    hit = generator.random(images.shape) < amount
    return np.where(hit, generator.random(images.shape) < 0.5, images)


def _glass_blur(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Blur, exchange pixels with a near one in two passes from the lower right, blur; all images in step."""
    sigma, passes = 0.7, 2
    blurred = np.floor(_gaussian(images, sigma) * 255)
    every = np.arange(len(images))
    for _ in range(passes):
        for row in range(SIZE - 1, 1, -1):
            for column in range(SIZE - 1, 1, -1):
                moves = generator.random(len(images)) < 0.5
                rows, columns = generator.integers(-1, 1, (2, len(images))) * moves
                other = (every, row + rows, column + columns)
                there = blurred[other]
                blurred[other] = blurred[:, row, column]
                blurred[:, row, column] = there
    return _gaussian(blurred / 255, sigma)


def _motion_blur(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    radius, sigma = 10, 3.0
    angle = np.deg2rad(generator.uniform(-45, 45, len(images)))
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    blurred = np.zeros_like(images)
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        places = [
            np.broadcast_to(np.arange(len(images))[:, None, None], images.shape),
            rows + step * np.sin(angle)[:, None, None],
            columns + step * np.cos(angle)[:, None, None],
        ]
        blurred += weight * map_coordinates(images, places, order=1, mode="nearest")
    return blurred


def _shear(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return _warp(images, [{"shear": 0.4 * sign} for sign in _signs(generator, len(images))])


def _scale(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return _warp(images, [{"scale": (1 / 0.7, 1 / 0.7)}] * len(images))


def _rotate(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return _warp(images, [{"rotation": 0.4 * sign} for sign in _signs(generator, len(images))])


def _brightness(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return images + 0.5


def _translate(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    moved = np.zeros_like(images)
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3)))
    for i, (down, right) in enumerate(_signs(generator, (len(images), 2))):
        moved[i] = padded[i, 3 + 3 * down : SIZE + 3 + 3 * down, 3 + 3 * right : SIZE + 3 + 3 * right]
    return moved


def _stripe(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    images[:, :, :7] = 1 - images[:, :, :7]
    images[:, :, 21:] = 1 - images[:, :, 21:]
    return images


def _canny_edges(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    from skimage.feature import canny

    return np.stack([canny(image) for image in images]).astype(float) if len(images) else images


def _gaussian(images: np.ndarray, sigma: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(images, (0, sigma, sigma), mode="nearest")  # as scikit-image's default


def _signs(generator: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
    return generator.integers(0, 2, shape) * 2 - 1


def _warp(images: np.ndarray, transforms: list[dict[str, object]]) -> np.ndarray:
    """Each image through its own affine map of output to input places, the centre staying where it is."""
    from skimage.transform import AffineTransform, warp

    warped = np.empty_like(images)
    for i, given in enumerate(transforms):
        linear = AffineTransform(**given).params[:2, :2]
        offset = CENTRE * (1 - linear.sum(axis=1))
        warped[i] = warp(images[i], inverse_map=AffineTransform(translation=offset, **given))
    return warped


KINDS: dict[str, Corruption] = {
    "identity": _identity,
    "shot_noise": _shot_noise,
    "impulse_noise": _impulse_noise,
    "glass_blur": _glass_blur,
    "motion_blur": _motion_blur,
    "shear": _shear,
    "scale": _scale,
    "rotate": _rotate,
    "brightness": _brightness,
    "translate": _translate,
    "stripe": _stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted_line": dotted_line,
    "zigzag": zigzag,
    "canny_edges": _canny_edges,
}
