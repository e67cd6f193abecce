"""The machine's peak of fused multiply-adds on one core: what every kernel's GFLOP/s are a share of."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel
from reprise.sparsity.kernels.program import Program, Task
from reprise.sparsity.kernels.writer import Writer, multiply_add, vector

_CHAINS, _STEPS = 12, 200_000


def measure_peak(host: Host, repeats: int = 9) -> list[float]:
    """GFLOP/s of independent chains of multiply-adds in registers, one value a repetition.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> min(measure_peak(find_host(), 2)) > 0
    True
    """
    w, type_ = Writer("peak"), vector(host.lanes)
    place = w.field(0, "ptr")
    factor = w.load(type_, place)
    sums = [w.slot(type_, factor) for _ in range(_CHAINS)]
    with w.loop("%a"):
        for slot in sums:
            before = w.value(f"load {type_}, ptr {slot}")
            w.do(f"store {type_} {multiply_add(w, before, factor, factor, host.lanes)}, ptr {slot}")
    total = w.value(f"load {type_}, ptr {sums[0]}")
    for slot in sums[1:]:
        total = w.value(f"fadd {type_} {total}, " + w.value(f"load {type_}, ptr {slot}"))
    w.store(type_, total, place)
    numbers = np.full(64, 0.5, np.float32)
    arguments = make_arguments(numbers)
    kernel = compile_kernel(w.finish(), "peak", host)
    program = Program([[Task(kernel, arguments.ctypes.data, _STEPS, 0)]], host)
    found = []
    for _ in range(repeats + 1):
        start = perf_counter()
        program.run()
        found.append(2e-9 * _CHAINS * _STEPS * host.lanes / (perf_counter() - start))
        numbers[:] = 0.5
    return found[1:]
