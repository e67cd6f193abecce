"""The order of the rows of a run: score, highest first, and at equal scores the document's position."""

from __future__ import annotations

import numpy as np

_PADDING = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_LOW = np.uint64(0xFFFF_FFFF)


def rank_rows(docs: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort each row by score (float32), highest first, then by document; negative documents go to the end.

    Score and document are packed into one 64-bit integer whose order is the wanted one: one sort of
    plain numbers is many times faster than numpy's sort by two keys.

    >>> rank_rows(np.array([[7, 3, -1, 9]]), np.array([[1, 1, 5, 2]], np.float32))[0].tolist()
    [[9, 3, 7, -1]]
    """
    bits = (scores.astype(np.float32) + np.float32(0)).view(np.uint32)  # + 0 makes -0.0 equal to 0.0
    sign = np.uint32(0x8000_0000)
    ascending = np.where(bits & sign, ~bits, bits | sign)  # unsigned integers in the order of the floats
    keys = (~ascending).astype(np.uint64) << np.uint64(32) | docs.astype(np.uint64) & _LOW
    keys[docs < 0] = _PADDING
    keys.sort(axis=1)
    ended = keys == _PADDING
    ranked = (keys & _LOW).astype(np.uint32).view(np.int32)  # the padding's low half is -1
    ascending = ~(keys >> np.uint64(32)).astype(np.uint32)
    values = np.where(ascending & sign, ascending ^ sign, ~ascending).view(np.float32)
    return ranked, np.where(ended, np.float32(-np.inf), values)
