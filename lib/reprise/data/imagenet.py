"""ImageNet (ILSVRC 2012) from local files: REPRISE_DATA/images/imagenet/{train,val}/<class>/<image>.

Training images are cut at random (8 % to 100 % of the area, 3:4 to 4:3) and mirrored, validation images
are scaled and cut in the middle; both are normalised by the usual means and deviations. Nothing is
downloaded here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reprise.data.images import images_folder
from reprise.errors import EnvironmentNotReady, InputError

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_ENDINGS = {".jpeg", ".jpg", ".png"}
_CROP = 0.875  # share of the shorter side that a validation image's square takes


def list_images(part: str) -> tuple[list[Path], np.ndarray, int]:
    """Files of "train" or "val", labels (n,), and the number of classes, by the sorted training folders.

    Raises `EnvironmentNotReady` when the folder is not there, `InputError` for a class without training
    images.
    """
    root = images_folder("imagenet")
    if not (root / part).is_dir() or not (root / "train").is_dir():
        raise EnvironmentNotReady(
            "ImageNet is not there",
            remedy="put train/ and val/, a folder a class, under REPRISE_DATA/images/imagenet",
        )
    classes = sorted(f.name for f in (root / "train").iterdir() if f.is_dir())
    files, labels = [], []
    for label, name in enumerate(classes):
        folder = root / part / name
        found = sorted(f for f in folder.glob("*") if f.suffix.lower() in _ENDINGS) if folder.is_dir() else []
        if not found and part == "train":
            raise InputError("a class of ImageNet has no training images", given=name)
        files += found
        labels += [label] * len(found)
    return files, np.array(labels, np.int64), len(classes)


def read_image(path: Path, side: int, generator: np.random.Generator | None = None) -> np.ndarray:
    """An image (3, side, side) float32, normalised; cut at random with a generator, else in the middle."""
    from PIL import Image

    with Image.open(path) as opened:
        image = opened.convert("RGB")
    left, top, width, height = _random_cut(image.size, generator) if generator else _middle(image.size)
    image = image.resize((side, side), Image.Resampling.BILINEAR, (left, top, left + width, top + height))
    array = np.asarray(image, np.float32) / 255
    if generator is not None and generator.random() < 0.5:
        array = array[:, ::-1]
    return ((array - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)


def _middle(size: tuple[int, int]) -> tuple[float, float, float, float]:
    cut = _CROP * min(size)
    return (size[0] - cut) / 2, (size[1] - cut) / 2, cut, cut


def _random_cut(size: tuple[int, int], generator: np.random.Generator) -> tuple[float, float, float, float]:
    """Left, top, width and height of a cut; ten draws, then the middle."""
    for _ in range(10):
        area = size[0] * size[1] * generator.uniform(0.08, 1.0)
        aspect = np.exp(generator.uniform(np.log(3 / 4), np.log(4 / 3)))
        width, height = np.sqrt(area * aspect), np.sqrt(area / aspect)
        if width <= size[0] and height <= size[1]:
            left, top = generator.uniform(0, size[0] - width), generator.uniform(0, size[1] - height)
            return left, top, width, height
    return _middle(size)
