"""The strip kernel: sparse weights times dense planes, for one strip of pixels and all its output channels.

Section 3 of Fast Sparse ConvNets: the accumulators of a strip of pixels stay in registers while the nonzeros
of an output channel (or of a block of 2 or 4 that share a pattern) walk over the input channels; the bias
comes first, the activation is applied before the store.

Deviation, for caches that are small beside the strip: the input channels are cut into *panels* whose share
of the strip fits in the first-level cache. Between panels the sums of a channel are kept in its output. A
64-pixel strip of 512 channels is 128 KiB; read straight through, every nonzero waits for the second-level
cache, which on the machine this was written on held the kernel at 40 % of its peak. The paper's prefetch of
the next strip is left out: it gained nothing once panels were there.

The stream of a panel is a run of 32-bit words, read in order: for each group of `rows` output channels its
number of nonzeros, the group's biases (first panel only), and for each nonzero `rows` weights and the byte
offset of its input channel.
"""

from __future__ import annotations

from dataclasses import dataclass

from reprise.sparsity.kernels.epilogue import Epilogue
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.writer import Writer, multiply_add, splat, vector

INPUT, OUTPUT, RESIDUAL, STREAM, OUTPUT_STRIDE, GROUPS, PANELS, BOUNDS, PITCH = range(9)
"""Fields of the kernel's arguments; a task's `a` and `b` are the strip's byte offsets in input and output.
`PITCH` is bytes from one thread's output to the next's, where each has its own."""


@dataclass(frozen=True)
class StripKernel:
    """A kind of strip kernel.

    `shape` is the lanes of each vector of the strip ((16, 16, 4) is a strip of 36 pixels), `rows` the block
    of output channels, `split` in how many sums a channel is accumulated, which hides the latency of a
    multiply-add in narrow strips. `scratch` says that each thread has an output of its own.
    """

    shape: tuple[int, ...]
    rows: int = 1
    epilogue: str = "none"
    residual: bool = False
    panels: bool = False
    split: int = 1
    scratch: bool = False

    @property
    def name(self) -> str:
        """A name for the function."""
        return f"strip_{'_'.join(map(str, self.shape))}_r{self.rows}_{self.epilogue}"

    def text(self) -> str:
        """The kernel's IR."""
        return _Body(self).text()

    def compile(self, host: Host) -> int:
        """The kernel's address."""
        return compile_kernel(self.text(), self.name, host)


class _Body:
    """The IR of one kind, as it is written."""

    def __init__(self, kind: StripKernel) -> None:
        self.kind, self.rows, self.shape = kind, kind.rows, kind.shape
        w = self.w = Writer(kind.name)
        self._x = w.at(w.field(INPUT, "ptr"), "%a")
        self._y = w.at(w.field(OUTPUT, "ptr"), "%b")
        if kind.scratch:
            self._y = w.at(self._y, w.mul("%thread", w.field(PITCH)))
        self._rest = w.at(w.field(RESIDUAL, "ptr"), "%b") if kind.residual else ""
        self._stride, self._groups = w.field(OUTPUT_STRIDE), w.field(GROUPS)
        self._end = Epilogue(w, kind.epilogue, BOUNDS)
        self._stream = w.slot("ptr", w.field(STREAM, "ptr"))

    def text(self) -> str:
        """All panels in order."""
        if not self.kind.panels:
            self._panel(first=True, last=True)
            return self.w.finish()
        self._panel(first=True, last=False)
        with self.w.loop(self.w.field(PANELS), start=2):
            self._panel(first=False, last=False)
        self._panel(first=False, last=True)
        return self.w.finish()

    def _panel(self, first: bool, last: bool) -> None:
        w, stream = self.w, self._stream
        with w.loop(self._groups) as group:
            at = w.load("ptr", stream, 8)
            count = w.value(f"sext i32 {w.load('i32', at)} to i64")
            row = w.mul(w.mul(group, self.rows), self._stride)
            places = [w.at(self._y, row)]
            rests = [w.at(self._rest, row)] if self.kind.residual and first else []
            for _ in range(1, self.rows):
                places.append(w.at(places[-1], self._stride))
                if rests:
                    rests.append(w.at(rests[-1], self._stride))
            start = []
            for r in range(self.rows):
                bias = w.load("float", w.at(at, 4 * (1 + r))) if first else ""
                for lanes, offset in self._vectors():
                    start.append(self._start(w, bias, rests[r] if rests else places[r], offset, lanes, first))
            head = w.at(at, 4 * (1 + self.rows) if first else 4)
            sums = self._nonzeros(w, stream, head, count, start)
            for r in range(self.rows):
                for i, (lanes, offset) in enumerate(self._vectors()):
                    total = sums[r * len(self.shape) + i]
                    total = self._end.apply(total, lanes) if last else total
                    w.store(vector(lanes), total, w.at(places[r], offset))

    def _start(self, w: Writer, bias: str, from_: str, offset: int, lanes: int, first: bool) -> str:
        if not first:
            return w.load(vector(lanes), w.at(from_, offset))
        start = splat(w, bias, lanes)
        if self.kind.residual:
            rest = w.load(vector(lanes), w.at(from_, offset))
            start = w.value(f"fadd {vector(lanes)} {start}, {rest}")
        return start

    def _nonzeros(self, w: Writer, stream: str, head: str, count: str, start: list[str]) -> list[str]:
        """Add all nonzeros of a group to its sums, and leave the stream after them."""
        kinds = [vector(lanes) for _ in range(self.rows) for lanes in self.shape]
        sums = [w.slot(kind, value) for kind, value in zip(kinds, start, strict=True)]
        at = w.slot("ptr", head)
        left, others = count, []
        if self.kind.split > 1:
            others = [[w.slot(kind, _zero(kind)) for kind in kinds] for _ in range(self.kind.split - 1)]
            with w.loop(w.value(f"sdiv i64 {count}, {self.kind.split}")):
                now = w.load("ptr", at, 8)
                for part, own in enumerate([sums, *others]):
                    self._one(w, w.at(now, part * 4 * (self.rows + 1)), own)
                w.do(f"store ptr {w.at(now, self.kind.split * 4 * (self.rows + 1))}, ptr {at}")
            left = w.value(f"srem i64 {count}, {self.kind.split}")
        with w.loop(left):
            now = w.load("ptr", at, 8)
            self._one(w, now, sums)
            w.do(f"store ptr {w.at(now, 4 * (self.rows + 1))}, ptr {at}")
        w.do(f"store ptr {w.load('ptr', at, 8)}, ptr {stream}")
        totals = []
        for i, kind in enumerate(kinds):
            total = w.value(f"load {kind}, ptr {sums[i]}")
            for part in others:
                total = w.value(f"fadd {kind} {total}, " + w.value(f"load {kind}, ptr {part[i]}"))
            totals.append(total)
        return totals

    def _one(self, w: Writer, at: str, sums: list[str]) -> None:
        """One nonzero: its input channel's pixels times `rows` weights."""
        offset = w.value(f"sext i32 {w.load('i32', w.at(at, 4 * self.rows))} to i64")
        channel = w.at(self._x, offset)
        weights = [w.load("float", w.at(at, 4 * r)) for r in range(self.rows)]
        sizes = sorted(set(self.shape))
        spread = {(r, lanes): splat(w, weights[r], lanes) for r in range(self.rows) for lanes in sizes}
        for i, (lanes, offset_) in enumerate(self._vectors()):
            pixels = w.load(vector(lanes), w.at(channel, offset_))
            for r in range(self.rows):
                slot = sums[r * len(self.shape) + i]
                before = w.value(f"load {vector(lanes)}, ptr {slot}")
                after = multiply_add(w, pixels, spread[r, lanes], before, lanes)
                w.do(f"store {vector(lanes)} {after}, ptr {slot}")

    def _vectors(self) -> list[tuple[int, int]]:
        """Lanes and byte offset of each vector of the strip."""
        found, offset = [], 0
        for lanes in self.shape:
            found.append((lanes, offset))
            offset += 4 * lanes
        return found


def _zero(kind: str) -> str:
    return "0.0" if kind == "float" else "zeroinitializer"
