"""Every kind of corruption does what its definition says, image by image, from an explicit generator."""

import numpy as np
import pytest
from skimage.feature import canny
from skimage.transform import AffineTransform, warp

from reprise.data.corruptions import KINDS, corrupt
from reprise.data.corruptions_drawn import _stroke
from reprise.data.digits import load_digits_28
from reprise.errors import InputError


@pytest.fixture(scope="module")
def images():
    return load_digits_28()[0][:40]


def once(images, kind, seed=1):
    return corrupt(images, kind, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_results_are_grey_levels_and_the_seed_decides(images, kind):
    found = once(images, kind)
    assert found.shape == images.shape and found.min() >= 0 and found.max() <= 1
    assert np.allclose(found * 255, np.round(found * 255))
    assert np.array_equal(found, once(images, kind))
    if kind not in ("identity", "scale", "brightness", "stripe", "canny_edges"):
        assert not np.array_equal(found, once(images, kind, seed=2))


@pytest.mark.parametrize("kind", KINDS)
def test_images_given_are_left_alone_and_none_is_fine(images, kind):
    before = images.copy()
    once(images, kind)
    assert np.array_equal(images, before)
    assert once(images[:0], kind).shape == (0, 28, 28)


def test_there_are_fifteen_and_identity(images):
    assert len(KINDS) == 16
    assert np.abs(once(images, "identity") - images).max() <= 0.5 / 255 + 1e-9


def test_shot_noise_has_the_mean_and_variance_of_three_photons():
    """Poisson with mean 3 x, over 3: mean x and variance x / 3 (x = 0.2 is hardly ever clipped)."""
    found = once(np.full((400, 28, 28), 0.2), "shot_noise")
    assert found.mean() == pytest.approx(0.2, abs=0.005)
    assert found.var() == pytest.approx(0.2 / 3, rel=0.05)


def test_impulse_noise_hits_17_per_cent_half_of_them_white():
    found = once(np.full((200, 28, 28), 0.5), "impulse_noise")
    assert (found == 1).mean() == pytest.approx(0.085, abs=0.003)
    assert (found == 0).mean() == pytest.approx(0.085, abs=0.003)


def test_blurs_keep_the_grey_and_soften(images):
    for kind in ("glass_blur", "motion_blur"):
        found = once(images, kind)
        assert found.mean() == pytest.approx(images.mean(), abs=0.01)
        assert np.abs(np.diff(found, axis=2)).mean() < np.abs(np.diff(images, axis=2)).mean()


def test_motion_blur_is_one_sided():
    """A single white pixel leaves its trail on one side only, within 45 degrees of level."""
    image = np.zeros((20, 28, 28))
    image[:, 14, 14] = 1
    trail = once(image, "motion_blur")
    assert trail[:, :, 16:].sum() == 0 and trail[:, :, :14].sum() > 0
    rows, columns = np.nonzero(trail.sum(axis=0))
    assert (np.abs(rows - 14) <= np.abs(columns - 14) + 1).all()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("shear", {"shear": 0.4}), ("rotate", {"rotation": 0.4}), ("scale", {"scale": (1 / 0.7,) * 2})],
)
def test_affine_kinds_are_scikit_image_warps_about_the_centre(images, kind, options):
    """Each image is its warp by +0.4 or by -0.4; moving the centre to the origin and back is the same map."""
    found = once(images, kind)

    def warped(sign):
        signed = {k: v if k == "scale" else sign * v for k, v in options.items()}
        back = AffineTransform(translation=(-13.5, -13.5))
        there = AffineTransform(translation=(13.5, 13.5))
        return np.stack([warp(i, (back + AffineTransform(**signed) + there)) for i in images])

    gap = np.minimum(*(np.abs(found - warped(s)).max(axis=(1, 2)) for s in (1, -1)))
    assert gap.max() < 0.5 / 255 + 1e-6


def test_scaling_shrinks_to_seven_tenths():
    """A 20 x 20 block of ones keeps 0.49 of its area."""
    image = np.zeros((1, 28, 28))
    image[0, 4:24, 4:24] = 1
    assert once(image, "scale").sum() == pytest.approx(0.49 * 400, rel=0.03)


def test_translation_is_by_three_pixels_either_way(images):
    found = once(images, "translate")
    moves = set()
    for before, after in zip(images, found, strict=True):
        options = {
            (dy, dx): np.pad(before, 3)[3 + dy : 31 + dy, 3 + dx : 31 + dx]
            for dy in (-3, 3)
            for dx in (-3, 3)
        }
        best = min(options, key=lambda m: np.abs(options[m] - after).max())
        assert np.abs(options[best] - after).max() < 0.5 / 255 + 1e-9
        moves.add(best)
    assert len(moves) == 4


def test_brightness_stripe_and_canny_are_exact(images):
    assert np.abs(once(images, "brightness") - np.minimum(images + 0.5, 1)).max() <= 0.5 / 255 + 1e-9
    striped = once(images, "stripe")
    sides = np.r_[0:7, 21:28]
    assert np.abs(striped[:, :, sides] - (1 - images[:, :, sides])).max() <= 0.5 / 255 + 1e-9
    assert np.abs(striped[:, :, 7:21] - images[:, :, 7:21]).max() <= 0.5 / 255 + 1e-9
    assert np.array_equal(once(images, "canny_edges"), np.stack([canny(i) for i in images]))


def test_fog_is_smooth_and_bounded_by_the_brightest_pixel(images):
    """(x + 3 p) b / (b + 3) with x <= b and p <= 1 is at most b; on a blank image it is 0."""
    found = once(images, "fog")
    assert (found.max(axis=(1, 2)) <= images.max(axis=(1, 2)) + 0.5 / 255).all()
    assert once(np.zeros((2, 28, 28)), "fog").max() == 0
    veil = found - images / 4  # with b = 1 the image's part is x / 4
    assert np.abs(np.diff(veil, axis=1)).mean() < 0.03 < veil.std()


def test_spatter_paints_dark_grey():
    """On a blank image drops are 63/255 where the mask is whole and nothing below 0.8 of it."""
    found = once(np.zeros((50, 28, 28)), "spatter")
    drops = found[found > 0]
    assert 0 < len(drops) / found.size < 0.5
    assert drops.min() >= 0.8 * 63 / 255 - 1 / 255 and drops.max() <= 63 / 255 + 1e-9


def test_a_stroke_falls_off_with_the_logarithm():
    """On the line 1, one pixel off 1 + log(1 - 1/2.3), two pixels off 0."""
    stroke = _stroke((0, 10), (27, 10))
    assert stroke[10, 5] == 1 and stroke[12, 5] == 0
    assert stroke[9, 5] == pytest.approx(1 + np.log(1 - 1 / 2.3))
    assert not _stroke((3, 1), (3, 9)).any()


def test_a_dotted_line_has_gaps_of_two_columns_and_a_zigzag_has_teeth():
    blank = np.zeros((30, 28, 28))
    columns = once(blank, "dotted_line").max(axis=1)
    gaps = np.arange(28) // 2 % 2 == 0
    assert not columns[:, gaps].any() and (columns[:, ~gaps][:, :-1] > 0).all()
    zigzag = once(blank, "zigzag")
    assert not zigzag[:, :, :2].any() and not zigzag[:, :, 26:].any()
    turns = [
        np.diff(np.sign(np.diff(i[:, 4:24].argmax(axis=0)))) for i in zigzag if i[:, 4:24].max(axis=0).all()
    ]
    assert np.mean([np.count_nonzero(t) for t in turns]) >= 4


def test_bad_images_are_refused(images):
    generator = np.random.default_rng(0)
    with pytest.raises(InputError, match="unknown kind"):
        corrupt(images, "snow", generator)
    with pytest.raises(InputError, match=r"must be \(n, 28, 28\)"):
        corrupt(images[:, :8, :8], "identity", generator)
    with pytest.raises(InputError, match="finite"):
        corrupt(np.where(images > 0.5, np.nan, images), "identity", generator)
    with pytest.raises(InputError, match="from 0 to 1"):
        corrupt(images * 255, "identity", generator)
