"""Arguments of kernels: fields of 8 bytes each, addresses, numbers and a pair of bounds."""

from __future__ import annotations

import numpy as np

Bounds = tuple[float, float]
EVERYTHING: Bounds = (-np.inf, np.inf)


def make_arguments(*fields: int | np.ndarray | Bounds | None) -> np.ndarray:
    """An array to hand to a kernel by address: an array stands for its address, None for no address.

    A pair of floats takes one field of two float32. The caller keeps the arrays alive.

    >>> make_arguments(3, None, (0.0, 6.0)).view(np.float32)[4:].tolist()
    [0.0, 6.0]
    """
    made = np.zeros(len(fields), np.int64)
    for i, field in enumerate(fields):
        if isinstance(field, tuple):
            made[i : i + 1].view(np.float32)[:] = field
        elif isinstance(field, np.ndarray):
            made[i] = field.ctypes.data
        else:
            made[i] = field or 0
    return made
