"""Bit balance, entropy and occupancy of codes, by hand and against a loop over pairs."""

import itertools

import numpy as np
import pytest

from reprise.compression.orthants import bit_balance, code_entropy, orthants_used, radius_occupancy
from reprise.errors import InputError


def test_balance_and_entropy_by_hand():
    codes = np.packbits([[1, 1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]] * 2, axis=1)
    assert bit_balance(codes) == pytest.approx(1 / 8)  # the second bit is even, all others constant
    assert code_entropy(codes) == pytest.approx(1 / 8)
    assert orthants_used(codes) == 2
    quarter = np.packbits([[1] + [0] * 7] + [[0] * 8] * 3, axis=1)
    assert bit_balance(quarter) == pytest.approx((1 - 0.5) / 8)
    assert code_entropy(quarter) == pytest.approx((0.25 * 2 + 0.75 * np.log2(4 / 3)) / 8)


def test_occupancy_equals_a_count_over_pairs():
    codes = np.random.default_rng(0).integers(0, 256, (40, 3), dtype=np.uint8)
    bits = np.unpackbits(codes, axis=1)
    pairs = [np.mean(a != b) for a, b in itertools.combinations(bits, 2)]
    radii = [0.1, 0.25, 0.5, 0.75, 1.0]
    expected = [np.mean(np.array(pairs) <= radius) for radius in radii]
    assert radius_occupancy(codes, radii) == pytest.approx(expected)


def test_random_codes_are_even_and_equal_ones_are_not():
    even = np.random.default_rng(0).integers(0, 256, (4000, 4), dtype=np.uint8)
    assert bit_balance(even) > 0.95 and code_entropy(even) > 0.99
    assert bit_balance(np.zeros((5, 4), np.uint8)) == code_entropy(np.zeros((5, 4), np.uint8)) == 0


def test_no_codes():
    with pytest.raises(InputError, match="no codes"):
        bit_balance(np.zeros((0, 4), np.uint8))
    with pytest.raises(InputError, match="two documents"):
        radius_occupancy(np.zeros((1, 4), np.uint8), [0.5])
