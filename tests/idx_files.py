"""The idx format, in which MNIST is distributed, written for tests."""

import struct

import numpy as np


def idx(array):
    """The bytes of an idx file of unsigned bytes."""
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()
