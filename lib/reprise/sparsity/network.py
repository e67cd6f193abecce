"""The executor: a network's operations planned for an input shape, then run as one native program.

`compile_sparse(model)` is all that a user needs. Buffers are reused as soon as nothing will read them, which
keeps what the next layer reads in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.sparsity.kernels.depthwise import DepthwiseKernel, depthwise_tasks
from reprise.sparsity.kernels.host import Host, find_host
from reprise.sparsity.kernels.linear import linear_tasks
from reprise.sparsity.kernels.pool import ThreadPool
from reprise.sparsity.kernels.pooling import pooling_tasks, scaling_tasks
from reprise.sparsity.kernels.program import Program, Task
from reprise.sparsity.kernels.stem import INPUT, Split
from reprise.sparsity.lowering import Operation, lower
from reprise.sparsity.planes import Arena, Shape, Vector, read_planes
from reprise.sparsity.pointwise import Pointwise, Strip, plan_row_strips

SPARSE_LINEAR_FROM = 0.7
"""Share of zeros from which a fully connected layer runs sparse: its nonzeros are scalar work."""


@dataclass(frozen=True)
class Settings:
    """How a network runs: see `compile_sparse`."""

    threads: int = 1
    block: int | None = None
    panels: bool = True


class SparseNetwork:
    """A network ready to run; made by `compile_sparse`. Programs are made at the first use of a shape."""

    def __init__(self, operations: Sequence[Operation], host: Host, settings: Settings) -> None:
        self.operations, self.host, self.settings = list(operations), host, settings
        self._pool, self._lock = ThreadPool(settings.threads), Lock()
        self._plans: dict[tuple[tuple[int, ...], bool], _Plan] = {}

    def __call__(self, images: Any) -> Any:
        """Logits (n, classes) of images (n, channels, height, width) in float32: NumPy or torch in, same out.

        Images whose memory is channels last are read as they are. Raises `InputError` for another shape or
        type.
        """
        tensor = not isinstance(images, np.ndarray)
        array = images.detach().cpu().numpy() if tensor else images
        self._check(array)
        # image by image: what a layer wrote is then still in the cache when the next one reads it
        result = np.concatenate([self._one(array[i : i + 1]) for i in range(len(array))])
        if not tensor:
            return result
        import torch

        return torch.from_numpy(result)

    def _one(self, image: np.ndarray) -> np.ndarray:
        with self._lock:  # a plan reads and writes in one place
            plan = self._plan(image)
            self._pool.run(plan.program)
            return plan.result()

    def prepare(self, images: np.ndarray) -> Program:
        """The program for these images, which it reads when it runs; for timing it alone."""
        self._check(images)
        return self._plan(images).program

    def run_prepared(self, program: Program) -> None:
        """Run a prepared program with this network's threads."""
        self._pool.run(program)

    def _plan(self, array: np.ndarray) -> _Plan:
        """The plan for images of this shape, set to read these."""
        last = array.transpose(0, 2, 3, 1)
        channels_last = last.flags.c_contiguous and not array.flags.c_contiguous
        data = last if channels_last else np.ascontiguousarray(array)
        key = (array.shape, channels_last)
        if key not in self._plans:
            self._plans[key] = _Plan(self.operations, *key, self.host, self.settings)
        self._plans[key].read(data)
        return self._plans[key]

    def _check(self, array: np.ndarray) -> None:
        channels = self.operations[0].weights.shape[1]
        if array.dtype != np.float32 or array.ndim != 4 or array.shape[1] != channels or 0 in array.shape:
            raise InputError(
                f"images are float32 (n, {channels}, height, width)", given=(str(array.dtype), array.shape)
            )


def compile_sparse(
    model: Any,
    *,
    threads: int = 1,
    block: int | None = None,
    panels: bool = True,
    level: str | None = None,
) -> SparseNetwork:
    """A torch network (MobileNet v1, v2, EfficientNet or alike) that runs its zeros for nothing.

    The weights are copied: prune first (see `pruning.sparsify`). `block` says in which block of output
    channels 1x1 layers run, None that each layer's pattern decides; without `panels` they read all input
    channels at once, as in the paper. `level` asks for narrower vectors than the machine's. Raises
    `InputError`, naming it, for a layer that is not known.
    """
    if threads < 1:
        raise ParameterError("a network runs on at least one thread", given=threads)
    return SparseNetwork(lower(model), find_host(level), Settings(threads, block, panels))


class _Plan:
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
        last_read = {v: i for i, op in enumerate(operations) for v in self._reads(op)}
        steps: list[list[Task]] = []
        keep: list[object] = [self._arena]
        for i, operation in enumerate(operations):
            for tasks, kept in self._steps(operation):
                steps.append(tasks)
                keep.append(kept)
            for value in set(self._reads(operation)):
                # a scaled value lives on under its new name, in the same buffer
                alive = operation.kind == "scale" and value == operation.inputs[0]
                if last_read[value] == i and value != 0 and not alive:
                    self._free.append(self._buffers[value])
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

    def _take(self, value: int, shape: Shape) -> np.ndarray:
        """A buffer for a value: the smallest free one that is large enough, or a new one."""
        size = self._images * shape.size
        fitting = [b for b in self._free if b.nbytes >= size]
        buffer = min(fitting, key=lambda b: b.nbytes) if fitting else self._arena.take(size)
        self._free = [b for b in self._free if b is not buffer]
        self._shapes[value], self._buffers[value] = shape, buffer
        return buffer

    def _steps(self, op: Operation) -> list[tuple[list[Task], list[object]]]:
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
