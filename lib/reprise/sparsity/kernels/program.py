"""A program: steps of jobs that run inside one native call, by one thread or by several.

A task is a kernel's address, its arguments and the two numbers that say which part is its own; a job is one
task, or several that one thread runs in order. A kernel is told the number of the thread that runs it. The
jobs of a step may run in any order and at once; a step begins when all jobs of the one before it are done.
With several threads each begins with its own share of a step's jobs, in their order, so that what it wrote in
one step it mostly reads in the next, out of its own cache; who has finished takes from the others' shares. So
nobody waits for a thread that has no job: one that the system has put aside, or that has not woken up yet,
holds up nothing. Helpers join a run through a *gate*. The native side of both is `scheduler`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.scheduler import native_functions


@dataclass(frozen=True)
class Task:
    """One call: kernel address, address of its arguments, and its two numbers."""

    kernel: int
    arguments: int
    a: int
    b: int


Job = Task | Sequence[Task]
"""A task, or tasks that the same thread runs in order."""


class Program:
    """Steps ready to run, with a share of each step for each of `threads`; keeps alive what tasks point to.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> Program([], find_host()).run()
    """

    def __init__(
        self, steps: Sequence[Sequence[Job]], host: Host, keep: Sequence[object] = (), threads: int = 1
    ) -> None:
        jobs = [[job] if isinstance(job, Task) else list(job) for step in steps for job in step]
        tasks = np.array([[t.kernel, t.arguments, t.a, t.b] for job in jobs for t in job], np.int64)
        ends = np.cumsum([0, *map(len, jobs)], dtype=np.int64)
        first = np.cumsum([0, *map(len, steps)], dtype=np.int64)
        counts = np.diff(first)
        # the share of thread r in a step of n jobs is n * r / threads up to n * (r + 1) / threads
        shares = first[:-1, None] + counts[:, None] * np.arange(threads + 1) // threads
        # a line of its own for each counter, so that threads do not pull it from each other needlessly
        self._counters = np.zeros((len(steps), threads + 1, 16), np.int64)
        self._fields = make_arguments(tasks, ends, shares, self._counters, len(steps), threads)
        self._keep = [*keep, tasks, ends, shares]
        self._lead, _, _ = native_functions(host)

    def run(self, gate: Gate | None = None) -> None:
        """Run all steps; with those of the gate's helpers who come, one run of a gate at a time.

        Python's lock is not held meanwhile.
        """
        if gate is None:
            self._lead(self._fields.ctypes.data, None, 0)
            return
        self._counters[:] = 0
        gate.open(self._fields.ctypes.data)
        self._lead(self._fields.ctypes.data, gate.address, gate.helpers)


class Gate:
    """Where helpers join a run; `wake` is called when it is open."""

    def __init__(self, helpers: int, host: Host, wake: Callable[[], None]) -> None:
        self.helpers, self._wake = helpers, wake
        # the program's address, then a line of its own for each helper's word
        self._words = np.zeros(16 * (helpers + 1), np.int64)
        self.address = self._words.ctypes.data
        _, self._open, self._help = native_functions(host)

    def open(self, program: int) -> None:
        """Let helpers in to the program whose fields lie at an address."""
        self._words[0] = program
        self._open(self.address, self.helpers)
        self._wake()

    def help(self, number: int) -> None:
        """Join runs as helper `number` (from 1 on), until none has begun for a while."""
        self._help(self.address, number)
