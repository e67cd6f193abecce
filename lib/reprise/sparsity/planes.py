"""Memory for activations: planes of channels with a stride and a place that are ours to choose.

A plane's stride is an odd number of cache lines, so that the same pixels of successive channels fall into
different sets of the cache whatever the image's size. Buffers start at different places of a 4 KiB page:
where a kernel's loads and stores agree in their low 12 bits, the processor holds a load back behind an
earlier store (measured here: 1.9 times the time of a 14 x 14 layer). Large pages spare address translations
where the system gives them.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError

LINE = 64
_HUGE, _PAGE = 1 << 21, 4096
_PRIVATE = getattr(mmap, "MAP_PRIVATE", 0) | getattr(mmap, "MAP_ANONYMOUS", 0)
_STAGGER = 21 * LINE
"""Successive buffers start this much later in a page: three of them fall a third of a page apart."""


@dataclass(frozen=True)
class Shape:
    """Planes of `channels` x `height` x `width`; `stride` is bytes from plane to plane.

    >>> Shape(512, 14, 14).stride // 64, Shape(8, 7, 7).stride // 64
    (13, 5)
    """

    channels: int
    height: int
    width: int

    def __post_init__(self) -> None:
        if min(self.channels, self.height, self.width) < 1:
            raise InputError("planes have at least one channel and one pixel", given=self)

    @property
    def pixels(self) -> int:
        """Pixels of a plane."""
        return self.height * self.width

    @property
    def stride(self) -> int:
        """Bytes from a plane to the next."""
        lines = -(-4 * self.pixels // LINE)
        return LINE * (lines + (lines % 2 == 0))

    @property
    def size(self) -> int:
        """Bytes of one image."""
        return self.channels * self.stride


class Vector(Shape):
    """Planes of one pixel that lie close together: what pooling gives and fully connected layers take."""

    @property
    def stride(self) -> int:
        """Bytes from a number to the next."""
        return 4


class Arena:
    """Buffers of float32, zero at first, that live as long as the arena."""

    def __init__(self) -> None:
        self._blocks: list[mmap.mmap] = []
        self._count = 0

    def take(self, size: int) -> np.ndarray:
        """A buffer of `size` bytes (rounded up to a line) as a flat array of float32.

        >>> Arena().take(100).nbytes
        128
        """
        size = -(-size // LINE) * LINE
        whole = -(-(size + _PAGE) // _HUGE) * _HUGE if size > _HUGE // 4 else size + 2 * _PAGE
        # shared memory, which is the default, has no large pages
        block = mmap.mmap(-1, whole, **{"flags": _PRIVATE} if _PRIVATE else {})
        if size > _HUGE // 4 and hasattr(mmap, "MADV_HUGEPAGE"):
            block.madvise(mmap.MADV_HUGEPAGE)
        self._blocks.append(block)
        self._count += 1
        start = (self._count * _STAGGER) % _PAGE
        return np.frombuffer(block, np.float32, size // 4, start)


def write_planes(buffer: np.ndarray, images: np.ndarray, shape: Shape) -> None:
    """Put images (n, channels, height, width) into a buffer of `n * shape.size` bytes."""
    _view(buffer, len(images), shape)[:, :, : shape.pixels] = images.reshape(len(images), shape.channels, -1)


def read_planes(buffer: np.ndarray, count: int, shape: Shape) -> np.ndarray:
    """The images (count, channels, height, width) in a buffer, as a copy."""
    flat = _view(buffer, count, shape)[:, :, : shape.pixels]
    return flat.reshape(count, shape.channels, shape.height, shape.width).copy()


def _view(buffer: np.ndarray, count: int, shape: Shape) -> np.ndarray:
    return buffer[: count * shape.size // 4].reshape(count, shape.channels, shape.stride // 4)
