"""Dense k x k convolution of a few channels (the stem): images in, planes out, by way of the strip kernel.

The image, channels last (HWC, as the paper has it) or first, is copied into planes that are split by the
parity of row and column for stride 2, with zeros around. There every tap of the kernel is a shifted run of
contiguous pixels, so that the taps are the input channels of a dense 1x1 convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError
from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.kernels.writer import Writer
from reprise.sparsity.planes import Shape

INPUT, OUTPUT = range(2)
_TASKS_A_THREAD = 4
_LEFT = 16
"""Zeros before each row, in floats: a line, so that rows stay aligned; the padding never needs more."""


@dataclass(frozen=True)
class Split:
    """An image split for a k x k convolution with `stride` and padding k // 2.

    `channels_last` says how the pixels of the image lie in memory.
    """

    image: Shape
    size: int
    stride: int
    channels_last: bool = False

    def __post_init__(self) -> None:
        if self.size % 2 == 0 or self.size > 2 * _LEFT or self.stride not in (1, 2):
            raise InputError("the stem has an odd kernel and stride 1 or 2", given=(self.size, self.stride))

    @property
    def top(self) -> int:
        """Rows of zeros above (and below)."""
        return -(-(self.size // 2) // self.stride)

    @property
    def rows(self) -> int:
        """Rows of a plane of one parity, zeros included."""
        return -(-self.image.height // self.stride) + 2 * self.top

    @property
    def pitch(self) -> int:
        """Floats from row to row."""
        return -(-(_LEFT + -(-self.image.width // self.stride) + self.top) // 16) * 16

    @property
    def bytes(self) -> int:
        """Bytes of one image's planes."""
        return self.image.channels * self.stride**2 * self.rows * self.pitch * 4

    @property
    def start(self) -> int:
        """Byte of the pixel (0, 0) in a plane."""
        return 4 * (self.top * self.pitch + _LEFT)

    def tap_offsets(self) -> np.ndarray:
        """Byte offset of each tap (channel, row, column) from an output's pixel, flat."""
        plane, found = self.rows * self.pitch, []
        for channel in range(self.image.channels):
            for ky in range(self.size):
                for kx in range(self.size):
                    (dy, py), (dx, px) = (divmod(t - self.size // 2, self.stride) for t in (ky, kx))
                    number = (channel * self.stride + py) * self.stride + px
                    found.append(4 * (number * plane + dy * self.pitch + dx))
        return np.array(found)

    def tasks(
        self, buffers: tuple[np.ndarray | None, np.ndarray], host: Host, *, images: int = 1, threads: int = 1
    ) -> tuple[list[Task], list[object]]:
        """Tasks that copy images from buffer 0 into planes in buffer 1 (zero at first).

        What must be kept alive begins with the arguments: field `INPUT` may be set to another image later on.
        """
        arguments, pixels = make_arguments(*buffers), 4 * self.image.channels * self.image.pixels
        height = -(-self.image.height // self.stride)
        step = height if threads == 1 else -(-height // (_TASKS_A_THREAD * threads))
        tasks = []
        for n in range(images):
            for row in range(0, height, step):
                # of a block of rows that ends with an odd image's last row, one is missing in the odd planes
                counts = [
                    min(step, -(-(self.image.height - parity) // self.stride) - row)
                    for parity in range(self.stride)
                ]
                kernel = compile_kernel(self._text(counts), "split_image", host)
                read = n * pixels + 4 * row * self.stride * self.image.width * self._along
                write = n * self.bytes + 4 * row * self.pitch
                tasks.append(Task(kernel, arguments.ctypes.data, read, write))
        return tasks, [arguments, *buffers]

    @property
    def _along(self) -> int:
        """Floats from a pixel of the image to the next of its row."""
        return self.image.channels if self.channels_last else 1

    def _text(self, counts: list[int]) -> str:
        """The kernel for some rows, so many of each parity."""
        image, s, along = self.image, self.stride, self._along
        across = 1 if self.channels_last else image.pixels
        w = Writer("split_image")
        source, target = w.at(w.field(INPUT, "ptr"), "%a"), w.at(w.field(OUTPUT, "ptr"), "%b")
        for channel in range(image.channels):
            for py in range(s):
                with w.loop(counts[py]) as row:
                    read = w.mul(w.add(w.mul(row, s), py), 4 * image.width * along)
                    from_ = w.at(w.at(source, 4 * channel * across), read)
                    for px in range(s):
                        number = (channel * s + py) * s + px
                        to = w.at(target, 4 * number * self.rows * self.pitch + self.start)
                        to = w.at(to, w.mul(row, 4 * self.pitch))
                        with w.loop(-(-(image.width - px) // s)) as column:
                            pixel = w.at(from_, w.mul(w.add(w.mul(column, s), px), 4 * along))
                            w.store("float", w.load("float", pixel), w.at(to, w.mul(column, 4)))
        return w.finish()
