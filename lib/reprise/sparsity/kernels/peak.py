"""Peak of fused multiply-adds: on one core what kernels' rates are a share of, on several what they give."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Program, Task
from reprise.sparsity.kernels.writer import Writer, multiply_add, vector
from reprise.sparsity.planes import LINE

_CHAINS, _STEPS = 12, 200_000
_TASKS_A_THREAD, _LINES, _RESULT = 8, 2, LINE
"""A task's factor and its result have a line each, which no other task shares."""


def measure_peak(host: Host, repeats: int = 9) -> list[float]:
    """GFLOP/s of independent chains of multiply-adds in registers, one value a repetition.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> min(measure_peak(find_host(), 2)) > 0
    True
    """
    program, found = peak_program(host), []
    for _ in range(repeats + 1):
        start = perf_counter()
        program.run()
        found.append(2e-9 * _CHAINS * _STEPS * host.lanes / (perf_counter() - start))
    return found[1:]


def peak_program(host: Host, threads: int = 1) -> Program:
    """Multiply-adds and nothing else for some threads to share: what a machine gives them at best."""
    w, type_ = Writer("peak"), vector(host.lanes)
    place = w.at(w.field(0, "ptr"), "%b")
    factor = w.load(type_, place)
    sums = [w.slot(type_, factor) for _ in range(_CHAINS)]
    with w.loop("%a"):
        for slot in sums:
            before = w.value(f"load {type_}, ptr {slot}")
            w.do(f"store {type_} {multiply_add(w, before, factor, factor, host.lanes)}, ptr {slot}")
    total = w.value(f"load {type_}, ptr {sums[0]}")
    for slot in sums[1:]:
        total = w.value(f"fadd {type_} {total}, " + w.value(f"load {type_}, ptr {slot}"))
    w.store(type_, total, w.at(place, _RESULT))  # or LLVM would leave the chains out
    parts = threads * _TASKS_A_THREAD
    numbers = np.full(parts * _LINES * LINE // 4, 0.5, np.float32)
    arguments = make_arguments(numbers)
    kernel = compile_kernel(w.finish(), "peak", host)
    tasks = [
        Task(kernel, arguments.ctypes.data, _STEPS // parts, _LINES * LINE * part) for part in range(parts)
    ]
    return Program([tasks], host, [numbers, arguments], threads)
