"""Dense fully connected layer: four outputs at a time, each input vector loaded once for them."""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError
from reprise.sparsity.kernels.arguments import EVERYTHING, Bounds, make_arguments
from reprise.sparsity.kernels.epilogue import Epilogue
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.pooling import horizontal_sum
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.kernels.writer import Writer, multiply_add, vector

INPUT, OUTPUT, WEIGHTS, BIAS, BOUNDS = range(5)
_AT_ONCE = 4


def linear_tasks(
    weights: np.ndarray,
    bias: np.ndarray,
    buffers: tuple[np.ndarray, np.ndarray],
    host: Host,
    *,
    epilogue: str = "none",
    bounds: Bounds = EVERYTHING,
    images: int = 1,
    threads: int = 1,
) -> tuple[list[Task], list[object]]:
    """Tasks of weights (outputs, inputs), inputs (images, inputs) in buffer 0, outputs in buffer 1."""
    if weights.ndim != 2 or bias.shape != weights.shape[:1]:
        raise InputError(
            "weights (outputs, inputs) and bias (outputs,) do not fit", given=(weights.shape, bias.shape)
        )
    outputs, inputs = weights.shape
    text = _text(inputs, outputs, images, epilogue, host)
    kernel = compile_kernel(text, "linear", host)
    table, ends = np.ascontiguousarray(weights, np.float32), np.ascontiguousarray(bias, np.float32)
    arguments = make_arguments(*buffers, table, ends, bounds)
    parts = 1 if threads == 1 else max(1, min(4 * threads, outputs // 16))
    bounds_ = [outputs * i // parts // _AT_ONCE * _AT_ONCE for i in range(parts)] + [outputs]
    tasks = [Task(kernel, arguments.ctypes.data, bounds_[i], bounds_[i + 1]) for i in range(parts)]
    return tasks, [arguments, table, ends, *buffers]


def _text(inputs: int, outputs: int, images: int, epilogue: str, host: Host) -> str:
    w = Writer("linear")
    source, target, table, bias = (w.field(i, "ptr") for i in range(4))
    end = Epilogue(w, epilogue, BOUNDS)
    rest = w.value(f"srem i64 {w.value('sub i64 %b, %a')}, {_AT_ONCE}")
    whole = w.value(f"sub i64 %b, {rest}")
    for at_once, start, stop in ((_AT_ONCE, "%a", whole), (1, whole, "%b")):
        with w.loop(stop, step=at_once, start=start) as output:
            rows = [w.at(table, w.mul(w.add(output, r), 4 * inputs)) for r in range(at_once)]
            with w.loop(images) as image:
                x = w.at(source, w.mul(image, 4 * inputs))
                place = w.at(target, w.add(w.mul(image, 4 * outputs), w.mul(output, 4)))
                for r, total in enumerate(_dots(w, x, rows, inputs, host.lanes)):
                    offset = w.load("float", w.at(bias, w.mul(w.add(output, r), 4)))
                    total = w.value(f"fadd float {total}, {offset}")
                    w.store("float", end.apply(total, 1), w.at(place, 4 * r))
    return w.finish()


def _dots(w: Writer, x: str, rows: list[str], inputs: int, lanes: int) -> list[str]:
    """Dot products of x and the rows."""
    whole = inputs // lanes * lanes
    totals = ["0.0"] * len(rows)
    for size, start, stop in ((lanes, 0, whole), (1, whole, inputs)):
        if start == stop:
            continue
        type_ = vector(size)
        zero = "0.0" if size == 1 else "zeroinitializer"
        slots = [w.slot(type_, zero) for _ in rows]
        with w.loop(stop * 4, step=size * 4, start=start * 4) as offset:
            pixels = w.load(type_, w.at(x, offset))
            for slot, row in zip(slots, rows, strict=True):
                before = w.value(f"load {type_}, ptr {slot}")
                after = multiply_add(w, pixels, w.load(type_, w.at(row, offset)), before, size)
                w.do(f"store {type_} {after}, ptr {slot}")
        for i, slot in enumerate(slots):
            part = w.value(f"load {type_}, ptr {slot}")
            part = horizontal_sum(w, part, size) if size > 1 else part
            totals[i] = part if totals[i] == "0.0" else w.value(f"fadd float {totals[i]}, {part}")
    return totals
