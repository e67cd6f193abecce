"""MNIST's test part alone: read, fingerprinted, missing, broken."""

import gzip

import numpy as np
import pytest

from reprise.data.mnist_test import load_mnist_test, mnist_test_fingerprint, mnist_test_missing
from reprise.errors import EnvironmentNotReady, InputError

from ..idx_files import idx


def write(folder, images, labels):
    folder.mkdir(parents=True, exist_ok=True)
    for what, array in (("images-idx3", images), ("labels-idx1", labels)):
        (folder / f"t10k-{what}-ubyte.gz").write_bytes(gzip.compress(idx(array), mtime=0))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path / "images" / "mnist"


def test_it_is_read_without_the_training_images(folder):
    write(folder, np.full((4, 28, 28), 51), np.array([3, 1, 4, 1]))
    images, labels = load_mnist_test()
    assert images.shape == (4, 28, 28) and np.allclose(images, 0.2) and labels.tolist() == [3, 1, 4, 1]
    before = mnist_test_fingerprint()
    write(folder, np.full((4, 28, 28), 52), np.array([3, 1, 4, 1]))
    assert len(before) == 64 and mnist_test_fingerprint() != before


def test_what_is_missing_is_named(folder):
    assert len(mnist_test_missing()) == 2 and mnist_test_fingerprint() == "missing"
    with pytest.raises(EnvironmentNotReady, match=r"test images are not here.*t10k-images"):
        load_mnist_test()


def test_files_that_do_not_fit_together(folder):
    write(folder, np.zeros((4, 28, 28)), np.array([3, 1, 4]))
    with pytest.raises(InputError, match="with a label each"):
        load_mnist_test()
