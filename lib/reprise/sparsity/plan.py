"""A network's operations planned for one shape of input: buffers, and the jobs of one native program.

Buffers are reused as soon as nothing will read them, which keeps what the next layer reads in the cache. A
1x1 convolution whose planes are too large for that is joined to the depthwise one that follows, by bands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.sparsity.bands import plan_bands, scratch_shape
from reprise.sparsity.depthwise import depthwise_tasks, part_tasks
from reprise.sparsity.kernels.depthwise import DepthwiseKernel, Part
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.linear import linear_tasks
from reprise.sparsity.kernels.pooling import pooling_tasks, scaling_tasks
from reprise.sparsity.kernels.program import Job, Program
from reprise.sparsity.kernels.stem import INPUT, Split
from reprise.sparsity.lowering import Operation
from reprise.sparsity.planes import Arena, Shape, Vector, read_planes
from reprise.sparsity.pointwise import Pointwise, Strip, plan_row_strips

SPARSE_LINEAR_FROM = 0.7
"""Share of zeros from which a fully connected layer runs sparse: its nonzeros are scalar work."""


@dataclass(frozen=True)
class Settings:
    """How a network runs: see `network.compile_sparse`."""

    threads: int = 1
    block: int | None = None
    panels: bool = True


Step = tuple[Sequence[Job], list[object]]
"""A step's jobs, and what must be kept alive for them."""


def find_pairs(operations: Sequence[Operation]) -> list[list[Operation]]:
    """The operations in order; a 1x1 convolution together with the depthwise one that alone reads it."""
    groups: list[list[Operation]] = []
    readers = Counter(v for op in operations for v in {*op.inputs, op.residual})
    for op in operations:
        before = groups[-1][-1] if groups else None
        pair = before is not None and (before.kind, op.kind) == ("pointwise", "depthwise")
        if pair and op.inputs == [before.output] and readers[before.output] == 1 and before.residual is None:
            groups[-1].append(op)
        else:
            groups.append([op])
    return groups


class Plan:
    """Buffers and tasks of a network for one shape of input."""

    def __init__(
        self,
        operations: Sequence[Operation],
        shape: tuple[int, ...],
        channels_last: bool,
        host: Host,
        settings: Settings,
    ) -> None:
        self._images, self._host, self._settings = shape[0], host, settings
        self._channels_last = channels_last
        self._arena, self._free = Arena(), []
        self._shapes: dict[int, Shape] = {0: Shape(*shape[1:])}
        self._buffers: dict[int, np.ndarray | None] = {0: None}
        self._readers: list[np.ndarray] = []
        self._last_read = {value: op for op in operations for value in self._reads(op)}
        steps: list[Sequence[Job]] = []
        keep: list[object] = [self._arena]
        for group in find_pairs(operations):
            bands = self._bands(group)
            # buffers are freed after both of a pair, as its bands read one while they write the other
            for part in [group] if bands else [[operation] for operation in group]:
                made = self._banded(*part, bands) if bands else self._steps(part[0])
                steps += [jobs for jobs, _ in made]
                keep += [kept for _, kept in made]
                for operation in part:
                    self._release(operation)
        self.program, self._last = Program(steps, host, keep, settings.threads), operations[-1].output

    def read(self, images: np.ndarray) -> None:
        """Have the program read these images, which are kept until there are others: no copy is made."""
        self._image = images
        for arguments in self._readers:
            arguments[INPUT] = images.ctypes.data

    def result(self) -> np.ndarray:
        """The network's output: (n, channels), or planes (n, channels, height, width)."""
        shape, buffer = self._shapes[self._last], self._buffers[self._last]
        if isinstance(shape, Vector):
            return buffer[: self._images * shape.channels].reshape(self._images, -1).copy()
        return read_planes(buffer, self._images, shape)

    @staticmethod
    def _reads(operation: Operation) -> list[int]:
        return [*operation.inputs, *([operation.residual] if operation.residual is not None else [])]

    def _release(self, operation: Operation) -> None:
        """Free the buffers that nothing reads after an operation."""
        for value in set(self._reads(operation)):
            # a scaled value lives on under its new name, in the same buffer
            alive = operation.kind == "scale" and value == operation.inputs[0]
            if self._last_read[value] is operation and value != 0 and not alive:
                self._free.append(self._buffers[value])

    def _take(self, value: int, shape: Shape) -> np.ndarray:
        """A buffer for a value: the smallest free one that is large enough, or a new one."""
        size = self._images * shape.size
        fitting = [b for b in self._free if b.nbytes >= size]
        buffer = min(fitting, key=lambda b: b.nbytes) if fitting else self._arena.take(size)
        self._free = [b for b in self._free if b is not buffer]
        self._shapes[value], self._buffers[value] = shape, buffer
        return buffer

    def _bands(self, group: Sequence[Operation]) -> list[Part] | None:
        """The bands by which a pair is gone through; None where that does not pay."""
        if len(group) < 2 or self._images > 1:
            return None
        before = self._shapes[group[0].inputs[0]]
        middle = Shape(len(group[0].weights), before.height, before.width)
        return plan_bands(middle, group[1].weights.shape[-1], group[1].stride, self._host)

    def _banded(self, first: Operation, second: Operation, bands: list[Part]) -> list[Step]:
        """A job for each band: the 1x1 convolution into the thread's own planes, then the depthwise one."""
        before, source = self._shapes[first.inputs[0]], self._buffers[first.inputs[0]]
        middle = Shape(len(first.weights), before.height, before.width)
        planes = scratch_shape(middle, bands)
        scratch = self._arena.take(self._settings.threads * planes.size)
        self._buffers[first.output] = scratch
        target = self._take(second.output, bands[0].output)
        layer = self._sparse_layer(first)
        strips = layer.band_strips(bands, middle.width, self._host)
        flat = [strip for band in strips for strip in band]
        tasks, keep = layer.tasks([source, scratch], (before, planes), self._host, strips=flat, scratch=True)
        weights, bias = second.weights.astype(np.float32), second.bias.astype(np.float32)
        lasts, kept = part_tasks(
            weights,
            bias,
            (scratch, target),
            planes,
            bands,
            second.stride,
            self._host,
            epilogue=second.epilogue,
            bounds=second.bounds,
        )
        ends = np.cumsum([0, *map(len, strips)])
        # one round of all strips for the blocks of channels, and one for channels that fill no block
        rounds = [tasks[at : at + len(flat)] for at in range(0, len(tasks), len(flat))]
        jobs = [
            [*(task for one in rounds for task in one[a:b]), last]
            for (a, b), last in zip(pairwise(ends), lasts, strict=True)
        ]
        return [(jobs, [*keep, *kept])]

    def _steps(self, op: Operation) -> list[Step]:
        make = {
            "stem": self._stem,
            "pointwise": self._pointwise,
            "depthwise": self._depthwise,
            "pool": self._pooled,
            "linear": self._linear,
            "scale": self._scaled,
        }
        try:
            return make[op.kind](op, self._shapes[op.inputs[0]], self._buffers[op.inputs[0]])
        except InputError as error:
            raise InputError(f"layer {op.path!r}: {error.what}", given=error.given) from error

    def _pair(self) -> dict[str, int]:
        return {"images": self._images, "threads": self._settings.threads}

    def _stem(self, op: Operation, shape: Shape, _: None) -> Any:
        split = Split(shape, op.weights.shape[-1], op.stride, self._channels_last)
        planes = self._arena.take(self._images * split.bytes)
        after = Shape(len(op.weights), -(-shape.height // op.stride), -(-shape.width // op.stride))
        target = self._take(op.output, after)
        flat = op.weights.reshape(len(op.weights), -1).astype(np.float32)
        layer = Pointwise(flat, op.bias.astype(np.float32), op.epilogue, op.bounds)
        convolve = layer.tasks(
            [planes, target],
            (shape, after),
            self._host,
            **self._pair(),
            strips=plan_row_strips(after.width, after.height, 4 * split.pitch, split.start, self._host),
            offsets=split.tap_offsets(),
            input_size=split.bytes,
        )
        copy, keep = split.tasks((None, planes), self._host, **self._pair())
        self._readers.append(keep[0])
        return [(copy, keep), convolve]

    def _pointwise(self, op: Operation, shape: Shape, source: np.ndarray) -> Any:
        after = Shape(len(op.weights), shape.height, shape.width)
        residual = None
        if op.residual is not None:
            residual = self._buffers[op.residual]
            if self._shapes[op.residual] != after:
                raise InputError("the shortcut has another shape", given=(self._shapes[op.residual], after))
        target = self._take(op.output, after)
        layer = self._sparse_layer(op)
        return [layer.tasks([source, target, residual], (shape, after), self._host, **self._pair())]

    def _sparse_layer(self, op: Operation) -> Pointwise:
        weights, bias = op.weights.astype(np.float32), op.bias.astype(np.float32)
        return Pointwise(weights, bias, op.epilogue, op.bounds, self._settings.block, self._settings.panels)

    def _depthwise(self, op: Operation, shape: Shape, source: np.ndarray) -> Any:
        after = DepthwiseKernel(shape, op.weights.shape[-1], op.stride).output
        target = self._take(op.output, after)
        options = {"epilogue": op.epilogue, "bounds": op.bounds, **self._pair()}
        weights, bias = op.weights.astype(np.float32), op.bias.astype(np.float32)
        return [depthwise_tasks(weights, bias, (source, target), shape, op.stride, self._host, **options)]

    def _pooled(self, op: Operation, shape: Shape, source: np.ndarray) -> Any:
        target = self._take(op.output, Vector(shape.channels, 1, 1))
        return [pooling_tasks((source, target), shape, self._host, **self._pair())]

    def _linear(self, op: Operation, shape: Shape, source: np.ndarray) -> Any:
        after = Vector(len(op.weights), 1, 1)
        target = self._take(op.output, after)
        if np.mean(op.weights == 0) >= SPARSE_LINEAR_FROM:
            strips, layer = [Strip((1,), 0, 0)], self._sparse_layer(op)
            return [layer.tasks([source, target], (shape, after), self._host, **self._pair(), strips=strips)]
        options = {"epilogue": op.epilogue, "bounds": op.bounds, **self._pair()}
        weights, bias = op.weights.astype(np.float32), op.bias.astype(np.float32)
        return [linear_tasks(weights, bias, (source, target), self._host, **options)]

    def _scaled(self, op: Operation, shape: Shape, source: np.ndarray) -> Any:
        self._shapes[op.output], self._buffers[op.output] = shape, source
        return [scaling_tasks((source, self._buffers[op.inputs[1]]), shape, self._host, **self._pair())]
