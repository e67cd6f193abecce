"""Dense depthwise convolution on planes: 3x3 and 5x5 (any odd size), stride 1 or 2, "same" padding.

A few output rows are made at once, so that an input row that is loaded serves several of them. What lies
outside the image is masked off in the load (a masked-off lane touches no memory) or, above and below,
left out when the code is written: the image's size is part of the kernel. For stride 2 two vectors are
loaded and their even and odd lanes separated.

A *part* is some output rows made of input rows that lie by themselves, in memory of the thread's own: see
`reprise.sparsity.bands`.
"""

from __future__ import annotations

from dataclasses import dataclass

from reprise.sparsity.kernels.epilogue import Epilogue
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.writer import Writer, multiply_add, splat, vector
from reprise.sparsity.planes import Shape

INPUT, OUTPUT, WEIGHTS, BOUNDS, CHANNELS, PITCH = range(6)
"""Fields of the kernel's arguments; a task's `a` and `b` are byte offsets in input and output. `PITCH` is
bytes from one thread's input to the next's, where each has its own."""


@dataclass(frozen=True)
class Part:
    """Output rows `first` up to `end` of some planes, made of input rows `start` up to `stop`."""

    first: int
    end: int
    start: int
    stop: int
    output: Shape


@dataclass(frozen=True)
class DepthwiseKernel:
    """A kind of kernel: the planes that it reads, kernel size, stride, what follows; and of which part."""

    planes: Shape
    size: int
    stride: int
    epilogue: str = "none"
    part: Part | None = None

    @property
    def output(self) -> Shape:
        """The planes that come out, all rows of them."""
        p = self.planes
        whole = Shape(p.channels, -(-p.height // self.stride), -(-p.width // self.stride))
        return self.part.output if self.part else whole

    @property
    def rows(self) -> int:
        """Output rows that are made."""
        return self.part.end - self.part.first if self.part else self.output.height

    @property
    def centre(self) -> int:
        """Input row under the centre of the first output row."""
        return self.part.first * self.stride - self.part.start if self.part else 0

    @property
    def reach(self) -> tuple[int, int]:
        """First and last input row that are read, counted from `centre`."""
        pad, inputs = self.size // 2, self.part.stop - self.part.start if self.part else self.planes.height
        last = (self.rows - 1) * self.stride - pad + self.size - 1
        return max(-pad, -self.centre), min(last, inputs - 1 - self.centre)

    def compile(self, host: Host) -> int:
        """The kernel's address."""
        return compile_kernel(_Body(self, host).text(), "depthwise", host)


class _Body:
    def __init__(self, kind: DepthwiseKernel, host: Host) -> None:
        self.kind, self.lanes = kind, host.lanes
        self.k, self.s, self.pad = kind.size, kind.stride, kind.size // 2
        self.rows = 4 if host.registers >= 32 else 2
        self.w = Writer("depthwise")

    def text(self) -> str:
        w, kind = self.w, self.kind
        source, target = w.at(w.field(INPUT, "ptr"), "%a"), w.at(w.field(OUTPUT, "ptr"), "%b")
        if kind.part:
            source = w.at(source, w.mul("%thread", w.field(PITCH)))
        table = w.field(WEIGHTS, "ptr")
        self._end = Epilogue(w, kind.epilogue, BOUNDS)
        with w.loop(w.field(CHANNELS)) as channel:
            at = w.at(table, w.mul(channel, 4 * (self.k**2 + 1)))
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
        """Rows from above to below: those whose inputs are all there in a loop of blocks."""
        w, count, (low, high) = self.w, self.kind.rows, self.kind.reach
        inside = [
            row
            for row in range(count)
            if row * self.s - self.pad >= low and row * self.s - self.pad + self.k - 1 <= high
        ]
        start, end = (inside[0], inside[-1] + 1) if inside else (count, count)
        blocks = (end - start) // self.rows
        self._rows(x, y, range(min(start, count)))
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
            self._rows(x, y, range(start, count))

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
            low, high = self.kind.reach
            if not (all_inside or low <= rows[0] * self.s + line <= high):
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
