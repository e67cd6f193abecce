"""The parts task: the same from the same generator, both parts of the label shown, and learnable."""

import numpy as np
import pytest

from reprise.data.synthetic_images import parts_images
from reprise.errors import ParameterError


def test_same_seed_same_images_and_every_class_shown():
    one, two = (parts_images(500, np.random.default_rng(3)) for _ in range(2))
    assert (one[0] == two[0]).all() and (one[1] == two[1]).all()
    assert one[0].shape == (500, 1, 24, 24) and set(one[1]) == set(range(28))


def test_an_image_without_noise_holds_its_two_parts_and_nothing_else():
    """Classes 0 and 1 are the pairs (0, 1) and (0, 2): two stamps of 25 pixels, which never overlap."""
    images, labels = parts_images(200, np.random.default_rng(0), classes=2, noise=0.0)
    assert ((images != 0).sum((1, 2, 3)) == 50).all()
    # a part is the same wherever it stands: the sorted pixels of a class are always the same
    for label in (0, 1):
        shown = np.sort(images[labels == label].reshape(-1, 576), axis=1)
        assert np.allclose(shown, shown[0])
    first, second = (np.sort(images[labels == label][0].ravel()) for label in (0, 1))
    assert not np.allclose(first, second)


def test_bounds():
    for wrong in ({"classes": 46}, {"classes": 1}, {"side": 11}, {"noise": -1.0}):
        with pytest.raises(ParameterError):
            parts_images(1, np.random.default_rng(0), **wrong)
