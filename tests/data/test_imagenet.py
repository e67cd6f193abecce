"""ImageNet's folders in miniature: labels by folder, cuts inside the image, what is missing."""

import numpy as np
import pytest

from reprise.data.imagenet import DEVIATION, MEAN, list_images, read_image
from reprise.errors import EnvironmentNotReady, InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    place = tmp_path / "images" / "imagenet"
    for part, count in (("train", 3), ("val", 1)):
        for c, name in enumerate(("n02", "n01")):
            (place / part / name).mkdir(parents=True)
            for i in range(count):
                pixels = np.full((20 + i, 30, 3), 255 * c, np.uint8)
                Image.fromarray(pixels).save(place / part / name / f"{i}.png")
    return place


def test_labels_are_the_sorted_folders(folder):
    files, labels, classes = list_images("train")
    assert classes == 2 and labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert {f.parent.name for f in files[:3]} == {"n01"} and len(list_images("val")[0]) == 2


@pytest.mark.parametrize("drawn", [False, True])
def test_images_are_cut_scaled_and_normalised(folder, drawn):
    """A white image stays white wherever it is cut: (1 - mean) / deviation in each channel."""
    generator = np.random.default_rng(0) if drawn else None
    image = read_image(list_images("train")[0][0], 8, generator)
    expected = (1 - np.array(MEAN)) / DEVIATION
    assert image.shape == (3, 8, 8) and image.dtype == np.float32
    assert image == pytest.approx(np.broadcast_to(expected[:, None, None], (3, 8, 8)), abs=1e-5)


def test_what_is_missing(folder, tmp_path, monkeypatch):
    for file in (folder / "train" / "n01").iterdir():
        file.unlink()
    with pytest.raises(InputError, match="no training images"):
        list_images("train")
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(EnvironmentNotReady, match="ImageNet"):
        list_images("val")
