"""Where sign codes lie: the paper's explanation of why naive hashing fails on a new domain, as numbers.

A code is an orthant of the space. The paper draws (repository, images/domain-adaptation) a new domain's
documents in few orthants, and adaptation spreading them out. Three measures of that, over the codes of a
corpus (documents, dim / 8):

* bit balance: the mean over bits of 1 - |2 p - 1|, p the share of documents whose bit is set; 1 is even;
* code entropy: the mean entropy of a bit, in bits; 1 is even. Bits are taken by themselves, so it is an
  upper bound for the entropy of a code, a bit;
* radius occupancy: the share of pairs of documents within a Hamming distance; even codes lie near half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reprise.errors import InputError

MAX_DOCUMENTS = 2000
"""Pairs are counted among at most so many documents, evenly chosen: two million pairs say enough."""


def bit_balance(codes: np.ndarray) -> float:
    """Mean evenness of the bits, from 0 (every bit is constant) to 1.

    >>> bit_balance(np.array([[0b11110000], [0b11111111]], np.uint8))    # 4 constant bits, 4 even ones
    0.5
    """
    shares = _shares(codes)
    return float(np.mean(1 - np.abs(2 * shares - 1)))


def code_entropy(codes: np.ndarray) -> float:
    """Mean entropy of a bit.

    >>> code_entropy(np.array([[0b11110000], [0b11111111]], np.uint8))
    0.5
    """
    shares = _shares(codes)
    parts = np.stack([shares, 1 - shares])
    logs = np.log2(parts, where=parts > 0, out=np.zeros_like(parts))
    return float(np.mean(-(parts * logs).sum(0)))


def radius_occupancy(codes: np.ndarray, radii: Sequence[float]) -> list[float]:
    """The share of document pairs within each radius, a share of the bits from 0 to 1.

    >>> codes = np.array([[0b00000000], [0b00001111], [0b00001111]], np.uint8)
    >>> [round(share, 3) for share in radius_occupancy(codes, [0.0, 0.5])]    # one of three pairs is equal
    [0.333, 1.0]
    """
    if len(codes) < 2:
        raise InputError("pairs need at least two documents", given=len(codes))
    step = max(len(codes) // MAX_DOCUMENTS, 1)
    bits = np.unpackbits(codes[::step][:MAX_DOCUMENTS], axis=1).astype(np.float32)
    ones = bits.sum(1)
    distances = ones[:, None] + ones - 2 * bits @ bits.T
    pairs = distances[np.triu_indices(len(bits), 1)] / bits.shape[1]
    return [float(np.mean(pairs <= radius + 1e-9)) for radius in radii]


def orthants_used(codes: np.ndarray) -> int:
    """Number of different codes."""
    return len(np.unique(codes, axis=0))


def _shares(codes: np.ndarray) -> np.ndarray:
    """The share of documents whose bit is set, for each bit."""
    if codes.ndim != 2 or not len(codes):
        raise InputError("there are no codes", given=codes.shape)
    return np.unpackbits(codes, axis=1).mean(0)
