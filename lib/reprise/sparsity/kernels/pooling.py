"""Global average pooling of planes, and their scaling by a factor a channel (squeeze and excitation)."""

from __future__ import annotations

import numpy as np

from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.kernels.writer import Writer, splat, vector
from reprise.sparsity.planes import Shape

PLANES, VECTOR = range(2)


def pooling_tasks(
    buffers: tuple[np.ndarray, np.ndarray], planes: Shape, host: Host, *, images: int = 1, threads: int = 1
) -> tuple[list[Task], list[object]]:
    """Tasks that write the mean of each plane of buffer 0 into buffer 1 (images * channels)."""
    return _tasks(_pooling_text(planes, host), "pool_planes", buffers, planes, host, images, threads)


def scaling_tasks(
    buffers: tuple[np.ndarray, np.ndarray], planes: Shape, host: Host, *, images: int = 1, threads: int = 1
) -> tuple[list[Task], list[object]]:
    """Tasks that multiply each plane of buffer 0, in place, by its factor in buffer 1 (images * channels)."""
    return _tasks(_scaling_text(planes, host), "scale_planes", buffers, planes, host, images, threads)


def _tasks(
    text: str,
    name: str,
    buffers: tuple[np.ndarray, np.ndarray],
    planes: Shape,
    host: Host,
    images: int,
    threads: int,
) -> tuple[list[Task], list[object]]:
    kernel, arguments = compile_kernel(text, name, host), make_arguments(*buffers)
    count, parts = images * planes.channels, 1 if threads == 1 else 2 * threads
    ends = [count * i // parts for i in range(parts + 1)]
    tasks = [Task(kernel, arguments.ctypes.data, ends[i], ends[i + 1]) for i in range(parts)]
    return tasks, [arguments, *buffers]


def _pooling_text(planes: Shape, host: Host) -> str:
    w, lanes = Writer("pool_planes"), host.lanes
    source, target = w.field(PLANES, "ptr"), w.field(VECTOR, "ptr")
    whole, type_ = planes.pixels // lanes, vector(lanes)
    with w.loop("%b", start="%a") as channel:
        at = w.at(source, w.mul(channel, planes.stride))
        total = w.slot("float", "0.0")
        if lanes > 1 and whole:
            sums = w.slot(type_, "zeroinitializer")
            with w.loop(whole * lanes * 4, step=lanes * 4) as offset:
                pixels = w.load(type_, w.at(at, offset))
                before = w.value(f"load {type_}, ptr {sums}")
                w.do(f"store {type_} {w.value(f'fadd {type_} {before}, {pixels}')}, ptr {sums}")
            last = w.value(f"load {type_}, ptr {sums}")
            w.do(f"store float {horizontal_sum(w, last, lanes)}, ptr {total}")
        done = whole * lanes if lanes > 1 else 0
        with w.loop(planes.pixels * 4, step=4, start=done * 4) as offset:
            before = w.value(f"load float, ptr {total}")
            after = w.value(f"fadd float {before}, {w.load('float', w.at(at, offset))}")
            w.do(f"store float {after}, ptr {total}")
        mean = w.value(f"fdiv float {w.value(f'load float, ptr {total}')}, {float(planes.pixels):e}")
        w.store("float", mean, w.at(target, w.mul(channel, 4)))
    return w.finish()


def _scaling_text(planes: Shape, host: Host) -> str:
    w, lanes = Writer("scale_planes"), host.lanes
    source, factors = w.field(PLANES, "ptr"), w.field(VECTOR, "ptr")
    whole = planes.pixels // lanes * lanes
    with w.loop("%b", start="%a") as channel:
        at = w.at(source, w.mul(channel, planes.stride))
        factor = w.load("float", w.at(factors, w.mul(channel, 4)))
        for size, start, end in ((lanes, 0, whole), (1, whole, planes.pixels)):
            spread = splat(w, factor, size)
            with w.loop(end * 4, step=size * 4, start=start * 4) as offset:
                place = w.at(at, offset)
                w.store(
                    vector(size),
                    w.value(f"fmul {vector(size)} {w.load(vector(size), place)}, {spread}"),
                    place,
                )
    return w.finish()


def horizontal_sum(w: Writer, value: str, lanes: int) -> str:
    """The sum of a vector's lanes, by halves."""
    while lanes > 1:
        half = lanes // 2
        type_ = vector(lanes)
        parts = []
        for start in (0, half):
            picked = ", ".join(f"i32 {start + i}" for i in range(half))
            parts.append(w.value(f"shufflevector {type_} {value}, {type_} poison, <{half} x i32> <{picked}>"))
        value, lanes = w.value(f"fadd <{half} x float> {parts[0]}, {parts[1]}"), half
    return w.value(f"extractelement <1 x float> {value}, i64 0")
