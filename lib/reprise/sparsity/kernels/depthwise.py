"""Dense depthwise convolution on planes: 3x3 and 5x5 (any odd size), stride 1 or 2, "same" padding.

A few output rows are made at once, so that an input row that is loaded serves several of them. What lies
outside the image is masked off in the load (a masked-off lane touches no memory) or, above and below,
left out when the code is written: the image's size is part of the kernel. For stride 2 two vectors are
loaded and their even and odd lanes separated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.sparsity.kernels.arguments import EVERYTHING, Bounds, make_arguments
from reprise.sparsity.kernels.epilogue import Epilogue
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.kernels.writer import Writer, multiply_add, splat, vector
from reprise.sparsity.planes import Shape

INPUT, OUTPUT, WEIGHTS, BOUNDS = range(4)
_TASKS_A_THREAD = 4


@dataclass(frozen=True)
class DepthwiseKernel:
    """A kind of kernel: planes in, kernel size, stride, what follows."""

    planes: Shape
    size: int
    stride: int
    epilogue: str = "none"

    @property
    def output(self) -> Shape:
        """The planes that come out."""
        p = self.planes
        return Shape(p.channels, -(-p.height // self.stride), -(-p.width // self.stride))

    @property
    def name(self) -> str:
        """A name for the function."""
        p = self.planes
        return f"depthwise_{p.height}_{p.width}_k{self.size}_s{self.stride}_{self.epilogue}"

    def compile(self, host: Host) -> int:
        """The kernel's address."""
        return compile_kernel(_Body(self, host).text(), self.name, host)


def depthwise_tasks(
    weights: np.ndarray,
    bias: np.ndarray,
    buffers: tuple[np.ndarray, np.ndarray],
    planes: Shape,
    stride: int,
    host: Host,
    *,
    epilogue: str = "none",
    bounds: Bounds = EVERYTHING,
    images: int = 1,
    threads: int = 1,
) -> tuple[list[Task], list[object]]:
    """Tasks of a layer with weights (channels, size, size), and what must be kept alive for them."""
    channels, size, _ = weights.shape
    kernel = DepthwiseKernel(planes, size, stride, epilogue).compile(host)
    table = np.concatenate([bias[:, None], weights.reshape(channels, -1)], axis=1).astype(np.float32)
    arguments = make_arguments(*buffers, table, bounds)
    parts = 1 if threads == 1 else min(channels, -(-threads * _TASKS_A_THREAD // images))
    ends = [channels * i // parts for i in range(parts + 1)]
    tasks = [
        Task(kernel, arguments.ctypes.data, n * channels + ends[i], n * channels + ends[i + 1])
        for n in range(images)
        for i in range(parts)
    ]
    return tasks, [arguments, table, *buffers]


class _Body:
    def __init__(self, kind: DepthwiseKernel, host: Host) -> None:
        self.kind, self.lanes = kind, host.lanes
        self.k, self.s, self.pad = kind.size, kind.stride, kind.size // 2
        self.rows = 4 if host.registers >= 32 else 2
        self.w = Writer(kind.name)

    def text(self) -> str:
        w, kind = self.w, self.kind
        source, target, table = (w.field(i, "ptr") for i in (INPUT, OUTPUT, WEIGHTS))
        self._end = Epilogue(w, kind.epilogue, BOUNDS)
        first = w.value(f"srem i64 %a, {kind.planes.channels}")
        with w.loop("%b", start="%a") as channel:
            place = w.add(w.value(f"sub i64 {channel}, %a"), first)
            at = w.at(table, w.mul(place, 4 * (self.k**2 + 1)))
            self._scalars = [w.load("float", w.at(at, 4 * i)) for i in range(self.k**2 + 1)]
            self._spread: dict[tuple[int, int], str] = {}
            for lanes in sorted({lanes for _, lanes, _ in self._vectors()}):
                for i, scalar in enumerate(self._scalars):
                    self._spread[i, lanes] = splat(w, scalar, lanes)
            x = w.at(source, w.mul(channel, kind.planes.stride))
            y = w.at(target, w.mul(channel, kind.output.stride))
            self._plane(x, y)
        return w.finish()

    def _plane(self, x: str, y: str) -> None:
        """Rows from above to below: those whose inputs are all inside the image in a loop of blocks."""
        w, height = self.w, self.kind.output.height
        inside = [
            row
            for row in range(height)
            if row * self.s >= self.pad and row * self.s - self.pad + self.k <= self.kind.planes.height
        ]
        start, end = (inside[0], inside[-1] + 1) if inside else (height, height)
        blocks = (end - start) // self.rows
        self._rows(x, y, range(min(start, height)))
        if blocks > 1:
            with w.loop(start + blocks * self.rows, step=self.rows, start=start) as row:
                self._block(
                    w.at(x, w.mul(row, 4 * self.s * self.kind.planes.width)),
                    w.at(y, w.mul(row, 4 * self.kind.output.width)),
                    [0] * self.rows,
                    all_inside=True,
                )
            start += blocks * self.rows
        if inside:
            self._rows(x, y, range(start, height))

    def _rows(self, x: str, y: str, rows: range) -> None:
        for at in range(rows.start, rows.stop, self.rows):
            some = list(range(at, min(at + self.rows, rows.stop)))
            x_at = self.w.at(x, 4 * some[0] * self.s * self.kind.planes.width)
            self._block(x_at, self.w.at(y, 4 * some[0] * self.kind.output.width), some, all_inside=False)

    def _block(self, x: str, y: str, rows: list[int], all_inside: bool) -> None:
        """Some output rows; `x` points to the input row of the first one's centre."""
        vectors = self._vectors()
        plain = [v for v in vectors if v[2]]
        if len(plain) < 3:
            for at, lanes, _ in vectors:
                self._vector(x, y, at, lanes, rows, all_inside)
            return
        first, last = vectors.index(plain[0]), vectors.index(plain[-1])
        for at, lanes, _ in vectors[:first]:
            self._vector(x, y, at, lanes, rows, all_inside)
        with self.w.loop(plain[-1][0] + 1, step=self.lanes, start=plain[0][0]) as column:
            shifted = self.w.at(x, self.w.mul(column, 4 * self.s)), self.w.at(y, self.w.mul(column, 4))
            self._vector(*shifted, None, self.lanes, rows, all_inside)
        for at, lanes, _ in vectors[last + 1 :]:
            self._vector(x, y, at, lanes, rows, all_inside)

    def _vectors(self) -> list[tuple[int, int, bool]]:
        """Column, lanes, and whether all its inputs and outputs lie inside the row, of each output vector."""
        width, found, at = self.kind.output.width, [], 0
        while at < width:
            lanes = min(next(n for n in (1, 4, 8, 16) if n >= min(width - at, self.lanes)), self.lanes)
            lowest, highest = at * self.s - self.pad, (at + lanes) * self.s - self.pad + self.k - 1
            inside = lowest >= 0 and highest + self.s <= self.kind.planes.width and at + lanes <= width
            found.append((at, lanes, inside and lanes == self.lanes))
            at += lanes
        return found

    def _vector(self, x: str, y: str, at: int | None, lanes: int, rows: list[int], all_inside: bool) -> None:
        """One vector of each of the rows; `at` None: all lanes are inside, x and y point to the first."""
        w, type_ = self.w, vector(lanes)
        sums = [self._spread[0, lanes] for _ in rows]
        for step in range((len(rows) - 1) * self.s + self.k):
            line = step - self.pad  # input row, counted from the centre of the first output row
            row = 0 if all_inside else rows[0] * self.s + line
            if not 0 <= row < self.kind.planes.height:
                continue
            for kx, pixels in enumerate(self._inputs(w.at(x, 4 * line * self.kind.planes.width), at, lanes)):
                for i in range(len(rows)):
                    ky = step - i * self.s
                    if 0 <= ky < self.k:
                        weight = self._spread[1 + ky * self.k + kx, lanes]
                        sums[i] = multiply_add(w, pixels, weight, sums[i], lanes)
        for i, total in enumerate(sums):
            place = w.at(y, 4 * (i * self.kind.output.width + (at or 0)))
            total = self._end.apply(total, lanes)
            count = lanes if at is None else min(lanes, self.kind.output.width - at)
            if count == lanes:
                w.store(type_, total, place)
            else:
                name = f"llvm.masked.store.v{lanes}f32.p0"
                flags = _mask([lane < count for lane in range(lanes)])
                w.call("void", name, f"{type_} {total}", f"ptr {place}", "i32 4", flags)

    def _inputs(self, row: str, at: int | None, lanes: int) -> list[str]:
        """The vectors of input that meet each column of the kernel."""
        w = self.w
        if self.s == 1:
            return [self._load(row, at, kx - self.pad, lanes, lanes) for kx in range(self.k)]
        found: list[str] = []
        for kx in range(0, self.k, 2):
            both = self._load(row, at, kx - self.pad, 2 * lanes, 2 * lanes)
            for odd in range(min(2, self.k - kx)):
                if lanes == 1:
                    found.append(w.value(f"extractelement <2 x float> {both}, i64 {odd}"))
                    continue
                picked = ", ".join(f"i32 {2 * lane + odd}" for lane in range(lanes))
                type_ = vector(2 * lanes)
                found.append(
                    w.value(f"shufflevector {type_} {both}, {type_} poison, <{lanes} x i32> <{picked}>")
                )
        return found

    def _load(self, row: str, at: int | None, shift: int, count: int, lanes: int) -> str:
        """`lanes` pixels from column at * stride + shift on; 0 where the image has none."""
        w, type_ = self.w, vector(lanes)
        if at is None:
            return w.load(type_, w.at(row, 4 * shift))
        start = at * self.s + shift
        inside = [0 <= start + lane < self.kind.planes.width for lane in range(count)]
        place = w.at(row, 4 * start)
        if all(inside):
            return w.load(type_, place)
        if lanes == 1:
            return w.load(type_, place) if inside[0] else "0.0"
        name = f"llvm.masked.load.v{lanes}f32.p0"
        return w.call(type_, name, f"ptr {place}", "i32 4", _mask(inside), f"{type_} zeroinitializer")


def _mask(flags: list[bool]) -> str:
    """A constant mask with its type."""
    lanes = ", ".join(f"i1 {'true' if flag else 'false'}" for flag in flags)
    return f"<{len(flags)} x i1> <{lanes}>"
