"""Planes that every thread writes and another reads: what passing data between cores costs a machine."""

from __future__ import annotations

import numpy as np

from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Program, Task
from reprise.sparsity.kernels.writer import Writer, vector
from reprise.sparsity.planes import LINE, Arena

_BYTES, _ROUNDS = 1 << 19, 8
"""Half a MiB: no more than a second-level cache holds, so that one thread alone never waits for memory."""
_TASKS_A_THREAD = 8


def passing_program(host: Host, threads: int = 1) -> Program:
    """Rounds of doubling numbers, each thread taking in a round what another had in the one before.

    It does what the layers of a network do that are split in different ways, and nothing else.
    """
    w, type_ = Writer("pass_on"), vector(host.lanes)
    place = w.at(w.field(0, "ptr"), "%a")
    with w.loop("%b", step=4 * host.lanes) as offset:
        at = w.at(place, offset)
        before = w.load(type_, at)
        w.store(type_, w.value(f"fadd {type_} {before}, {before}"), at)
    kernel = compile_kernel(w.finish(), "pass_on", host)
    arena = Arena()
    numbers = arena.take(_BYTES)
    arguments, parts = make_arguments(numbers), threads * _TASKS_A_THREAD
    size = _BYTES // parts // LINE * LINE
    tasks = [Task(kernel, arguments.ctypes.data, part * size, size) for part in range(parts)]
    half = len(tasks) // 2
    turned = tasks[half:] + tasks[:half]
    steps = [turned if n % 2 else tasks for n in range(_ROUNDS)]
    return Program(steps, host, [np.asarray(numbers), arena, arguments], threads)
