"""Digits on 28 x 28, and the reduction by means over areas."""

import numpy as np
import pytest

from reprise.data.digits import corrupt_and_reduce, load_digits_28, reduce_images
from reprise.errors import InputError


def test_all_digits_are_there_with_a_margin():
    images, labels = load_digits_28()
    assert images.shape == (1797, 28, 28) and images.min() >= 0 and images.max() <= 1
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not images[:, :2].any() and not images[:, :, 26:].any()
    assert images.mean() == pytest.approx(0.305 * (24 / 28) ** 2, abs=0.01)


def test_reduction_is_the_mean_over_areas():
    """Areas of 28 / 8 = 3.5 pixels: the first has three whole columns and half of the fourth."""
    image = np.zeros((1, 28, 28))
    image[0, :, 3] = 1
    assert np.allclose(reduce_images(image, 8)[0, 0, :3], [0.5 / 3.5, 0.5 / 3.5, 0])
    generator = np.random.default_rng(0)
    images = generator.random((3, 28, 28))
    assert np.allclose(reduce_images(images, 14), images.reshape(3, 14, 2, 14, 2).mean(axis=(2, 4)))
    assert np.allclose(reduce_images(images, 28), images)
    assert np.allclose(reduce_images(images, 8).mean(axis=(1, 2)), images.mean(axis=(1, 2)))


def test_every_kind_is_a_copy_of_every_image():
    images = load_digits_28()[0][:5]
    found = corrupt_and_reduce(images, ("identity", "stripe"), 8, np.random.default_rng(0))
    assert found.shape == (2, 5, 8, 8)
    assert np.allclose(found[0], reduce_images(np.round(images * 255) / 255, 8))


def test_a_size_out_of_range_is_refused():
    for size in (0, 29):
        with pytest.raises(InputError, match="reduced to"):
            reduce_images(np.zeros((1, 28, 28)), size)
