"""A 1x1 convolution planned for the machine: how wide its strips are, its blocks, its panels, its tasks.

All choices are arithmetic on the host's registers and first-level cache; none is tuned on a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.sparsity.kernels.arguments import EVERYTHING, Bounds, make_arguments
from reprise.sparsity.kernels.depthwise import Part
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.kernels.strip import StripKernel
from reprise.sparsity.packing import pack_weights
from reprise.sparsity.planes import Shape

BLOCKS = (1, 2, 4)
COST = {1: 1.4, 2: 1.1, 4: 1.0}
"""Time of a multiply-add in blocks of 1, 2 and 4 rows, relative: loads that are not shared cost as much again
as the arithmetic. Measured once at 512 x 512 on 14 x 14; it only decides which block a pattern is run in."""

_WIDE = 5
"""Vectors of a strip: so many sums hide the latency of a multiply-add (4 cycles), with one to spare."""
_TASKS_A_THREAD = 3


@dataclass(frozen=True)
class Strip:
    """A run of pixels: lanes of its vectors, and byte offsets of its start in the input and output planes."""

    shape: tuple[int, ...]
    input: int
    output: int


def choose_block(weights: np.ndarray) -> int:
    """The block of output channels (1, 2 or 4) in which the pattern of weights (outputs, inputs) is cheapest.

    >>> choose_block(np.kron(np.eye(8), np.ones((4, 1))))
    4
    >>> choose_block(np.eye(8))
    1
    """
    costs = {}
    for rows in BLOCKS:
        if len(weights) % rows == 0:
            kept = (weights.reshape(len(weights) // rows, rows, -1) != 0).any(axis=1).sum()
            costs[rows] = (kept * rows * COST[rows], -rows)
    return min(costs, key=costs.__getitem__)


def plan_strips(pixels: int, host: Host, wide: int | None = None) -> list[Strip]:
    """Strips that cover a plane, of nearly equal width; the last one's tail is rounded up.

    The stride of planes leaves room for the rounding, and what is written there is never read as a pixel.

    >>> from reprise.sparsity.kernels.host import Host
    >>> [strip.shape for strip in plan_strips(49, Host("avx512", 16, 32, 32768, "", ""))]
    [(16, 16, 16, 1)]
    """
    lanes = host.lanes
    whole, rest = divmod(pixels, lanes)
    vectors = [lanes] * whole
    if rest:
        tail = next(size for size in (1, 4, 8, 16) if size >= rest)
        vectors.append(min(tail, lanes))
    return _group(vectors, wide or _width(1, host))


def plan_row_strips(width: int, height: int, input_pitch: int, input_start: int, host: Host) -> list[Strip]:
    """Strips that stay inside a row of pixels, exact to the pixel, for inputs whose rows lie further apart.

    `input_pitch` is bytes from row to row of the input, `input_start` the byte of its first pixel.
    """
    vectors, left = [], width
    for size in (host.lanes, 8, 4, 2, 1):
        while size <= host.lanes and left >= size:
            vectors.append(size)
            left -= size
    row = _group(vectors, _width(4, host))
    return [
        Strip(s.shape, input_start + y * input_pitch + s.input, y * width * 4 + s.output)
        for y in range(height)
        for s in row
    ]


@dataclass(frozen=True)
class Pointwise:
    """A planned 1x1 convolution: weights (outputs, inputs), bias (outputs,), what follows it, its block.

    Without `panels` all input channels are gone through at once, as the paper does.
    """

    weights: np.ndarray
    bias: np.ndarray
    epilogue: str = "none"
    bounds: Bounds = EVERYTHING
    block: int | None = None
    panels: bool = True

    def __post_init__(self) -> None:
        check_weights(self.weights, self.bias)
        if self.block is not None and self.block not in BLOCKS:
            raise ParameterError("blocks have 1, 2 or 4 output channels", given=self.block)

    def tasks(
        self,
        buffers: Sequence[np.ndarray | None],
        shapes: tuple[Shape, Shape],
        host: Host,
        *,
        images: int = 1,
        threads: int = 1,
        strips: Sequence[Strip] | None = None,
        offsets: np.ndarray | None = None,
        input_size: int | None = None,
        scratch: bool = False,
    ) -> tuple[list[Task], list[object]]:
        """Tasks that read buffer 0 and write buffer 1 (adding buffer 2), and what must be kept alive.

        `offsets` gives the byte of each input channel, `strips` the pixels, `input_size` the bytes of an
        image where the input is not planes of `shapes[0]`. With `scratch` buffer 1 holds an output for each
        thread, and `strips` say which pixels go where. Raises `InputError` for shapes that do not fit.
        """
        source, target, *rest = buffers
        residual = rest[0] if rest else None
        inputs, outputs = shapes
        same = scratch or inputs.pixels == outputs.pixels
        if self.weights.shape[0] != outputs.channels or (
            offsets is None and not (self.weights.shape[1] == inputs.channels and same)
        ):
            raise InputError("weights do not fit the planes", given=(self.weights.shape, inputs, outputs))
        tasks: list[Task] = []
        keep: list[object] = [source, target, residual]
        block = self.block or choose_block(self.weights)
        even = len(self.weights) // block * block
        for rows, first, end in ((block, 0, even), (1, even, len(self.weights))):
            if first == end:
                continue
            strips_ = strips or plan_strips(outputs.pixels, host, _width(rows, host))
            chunks = _chunks(first, end, rows, len(strips_) * images, threads)
            about = (rows, strips_, buffers, shapes, offsets, host, scratch)
            made = [self._chunk(a, b, *about) for a, b in chunks]
            keep += [kept for _, kept in made]
            size = inputs.size if input_size is None else input_size
            # chunk by chunk: a thread then has the same channels as in the depthwise layer that follows
            tasks += [
                Task(k[s.shape], arguments.ctypes.data, s.input + n * size, s.output + n * outputs.size)
                for k, (arguments, _) in made
                for n in range(images)
                for s in strips_
            ]
        return tasks, keep

    def band_strips(self, bands: Sequence[Part], width: int, host: Host) -> list[list[Strip]]:
        """Strips of the input rows (of `width` pixels) of each band, written from the output's start on."""
        wide, found = _width(self.block or choose_block(self.weights), host), []
        for band in bands:
            strips = plan_strips((band.stop - band.start) * width, host, wide)
            found.append([replace(s, input=s.input + 4 * band.start * width) for s in strips])
        return found

    def _chunk(
        self,
        first: int,
        end: int,
        rows: int,
        strips: Sequence[Strip],
        buffers: Sequence[np.ndarray | None],
        shapes: tuple[Shape, Shape],
        offsets: np.ndarray | None,
        host: Host,
        scratch: bool,
    ) -> tuple[dict[tuple[int, ...], int], tuple[np.ndarray, object]]:
        """Kernels by strip shape and the arguments for output channels `first` to `end`."""
        source, target, *rest = buffers
        inputs, outputs = shapes
        channels = self.weights.shape[1]
        panel = _panel(channels, 4 * max(sum(s.shape) for s in strips), rows, host) if self.panels else None
        packed = pack_weights(
            self.weights[first:end],
            self.bias[first:end],
            rows=rows,
            panel=panel,
            stride=inputs.stride,
            offsets=offsets,
        )
        kernels = {}
        for shape in {s.shape for s in strips}:
            kind = StripKernel(
                shape,
                rows,
                self.epilogue,
                residual=bool(rest) and rest[0] is not None,
                panels=packed.panels > 1,
                split=-(-4 // (rows * len(shape))) * (2 if max(shape) == 1 else 1),
                scratch=scratch,
            )
            kernels[shape] = kind.compile(host)
        places = [None if b is None else b[first * outputs.stride // 4 :] for b in (target, *rest)]
        arguments = make_arguments(
            source,
            places[0],
            places[1] if len(places) > 1 else None,
            packed.words,
            outputs.stride,
            packed.groups,
            packed.panels,
            self.bounds,
            outputs.size,
        )
        return kernels, (arguments, packed)


def check_weights(weights: np.ndarray, bias: np.ndarray) -> None:
    """Raise `InputError` unless weights (outputs, ...) and bias (outputs,) are finite numbers that fit."""
    if bias.shape != weights.shape[:1] or weights.size == 0:
        raise InputError("weights and bias do not fit", given=(weights.shape, bias.shape))
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise InputError("weights or biases hold NaN or infinity", remedy="look at how they were trained")


def _width(rows: int, host: Host) -> int:
    """Vectors of a strip: `rows` sums for each and `rows` weights and a few more fit the registers."""
    return max(1, min(_WIDE if host.registers >= 32 else 6, (host.registers - 3 - rows) // rows))


def _panel(channels: int, strip: int, rows: int, host: Host) -> int | None:
    """Input channels of a panel, None for all: blocks of 4 use what they load often enough to do without."""
    most = max(host.l1_bytes // strip, 16)
    if rows == 4 or channels * 2 <= (3 if rows == 1 else 4) * most:
        return None
    return -(-channels // -(-channels // most))


def _chunks(first: int, end: int, rows: int, strips: int, threads: int) -> list[tuple[int, int]]:
    """The output channels in so many parts that each thread has a few tasks; one part for one thread."""
    wanted = 1 if threads == 1 else -(-threads * _TASKS_A_THREAD // strips)
    groups = (end - first) // rows
    parts = max(1, min(wanted, groups // 8))
    bounds = [first + groups * i // parts * rows for i in range(parts + 1)]
    return list(pairwise(bounds))


def _group(vectors: list[int], wide: int) -> list[Strip]:
    """Consecutive vectors in strips of at most `wide`, nearly equal in number."""
    count = -(-len(vectors) // wide)
    strips, at = [], 0
    for part in range(count):
        shape = tuple(vectors[len(vectors) * part // count : len(vectors) * (part + 1) // count])
        strips.append(Strip(shape, at, at))
        at += 4 * sum(shape)
    return strips
