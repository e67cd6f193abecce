"""Local image sets: the idx format, the released MNIST-C arrays, and what is missing or broken."""

import gzip

import numpy as np
import pytest

from reprise.data.images import fingerprint, load_idx, load_mnist_c, missing_files, read_idx
from reprise.errors import EnvironmentNotReady, InputError

from ..idx_files import idx


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    images = np.arange(3 * 28 * 28).reshape(3, 28, 28) % 256
    mnist = tmp_path / "images" / "mnist"
    mnist.mkdir(parents=True)
    for part in ("train", "t10k"):
        (mnist / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (mnist / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([4, 0, 9]))))
    return tmp_path / "images"


def test_an_idx_set_is_read(sets):
    images, labels = load_idx("mnist", "test")
    assert images.shape == (3, 28, 28) and labels.tolist() == [4, 0, 9]
    assert images[0, 0, 255 % 28] == pytest.approx((255 % 28) / 255) and images.max() == 1
    assert missing_files("mnist") == [] and len(missing_files("fashion-mnist")) == 4


def test_the_fingerprint_is_that_of_the_files(sets):
    before = fingerprint("mnist")
    assert before == fingerprint("mnist") and len(before) == 32 and fingerprint("fashion-mnist") == "missing"
    labels = sets / "mnist" / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(idx(np.array([4, 1, 9]))))
    assert fingerprint("mnist") != before


def test_released_arrays_are_read(sets):
    for name in missing_files("mnist_c"):
        file = sets / "mnist_c" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, np.full((2, 28, 28, 1), 51, np.uint8) if "images" in name else np.array([7, 1]))
    images, labels = load_mnist_c("fog", "train")
    assert images.shape == (2, 28, 28) and np.allclose(images, 0.2) and labels.tolist() == [7, 1]
    with pytest.raises(InputError, match="no such kind"):
        load_mnist_c("snow", "train")


def test_a_set_that_is_not_there_says_what_is_missing(sets):
    with pytest.raises(EnvironmentNotReady, match=r"fashion-mnist is not here: 4 files.*REPRISE_DATA"):
        load_idx("fashion-mnist", "train")
    assert len(missing_files("mnist_c")) == 64


def test_broken_files_are_refused(sets, tmp_path):
    whole = idx(np.zeros((2, 28, 28)))
    for content, said in (
        (gzip.compress(whole[:-1]), "cut short"),
        (gzip.compress(b"\x00\x00\x0d\x01" + whole[4:]), "no idx file"),
        (gzip.compress(whole)[:-9], "gzip"),
        (whole, "gzip"),
    ):
        file = tmp_path / "broken.gz"
        file.write_bytes(content)
        with pytest.raises(InputError, match=said):
            read_idx(file)
    labels = sets / "mnist" / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(idx(np.array([1, 2]))))
    with pytest.raises(InputError, match="a label each"):
        load_idx("mnist", "train")
