"""A program: steps of tasks that run inside one native call, by one thread or by several.

A task is a kernel's address, its arguments and the two numbers that say which part is its own. The tasks of
a step may run in any order and at once; a step begins when the one before it has ended. With several threads
a task goes to whoever is free (so a thread that another job of the machine holds up does not hold up the
step), and threads wait for each other by spinning, then by giving up their turn.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel

_SPINS = 4000
"""Looks at the counter before a waiting thread gives up its turn: some tens of microseconds."""


@dataclass(frozen=True)
class Task:
    """One call: kernel address, address of its arguments, and its two numbers."""

    kernel: int
    arguments: int
    a: int
    b: int


class Program:
    """Steps ready to run; keeps alive what its tasks point to.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> Program([], find_host()).run()
    """

    def __init__(self, steps: Sequence[Sequence[Task]], host: Host, keep: Sequence[object] = ()) -> None:
        self._keep = list(keep)
        table = [[t.kernel, t.arguments, t.a, t.b] for step in steps for t in step]
        self._tasks = np.array(table, np.int64).reshape(-1, 4)
        ends = np.cumsum([len(step) for step in steps], dtype=np.int64)
        self._bounds = np.concatenate([[0], ends]).astype(np.int64)
        # a line of its own for each counter, so that threads do not pull it from each other needlessly
        self._counters = np.zeros((max(len(steps), 1), 2, 16), np.int64)
        self._steps = len(steps)
        prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64, ctypes.c_int64)
        self._function = prototype(compile_kernel(_text(), "run_program", host))
        self._addresses = [x.ctypes.data for x in (self._tasks, self._bounds, self._counters)]

    def run(self, threads: int = 1) -> None:
        """The part of one of `threads` threads, each of which calls this once; all of it when there is one.

        Python's lock is not held meanwhile. Call `reset` before several threads run it.
        """
        self._function(*self._addresses, self._steps, threads)

    def reset(self) -> None:
        """Forget the counts of the last run; no thread may be inside."""
        self._counters[:] = 0


def _text() -> str:
    return f"""
declare i32 @sched_yield()

define void @run_program(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, i64 %threads) nounwind {{
entry:
  %alone = icmp eq i64 %threads, 1
  br label %step
step:
  %s = phi i64 [ 0, %entry ], [ %s.next, %step.end ]
  %more = icmp slt i64 %s, %steps
  br i1 %more, label %begin, label %done
begin:
  %from.at = getelementptr i64, ptr %bounds, i64 %s
  %from = load i64, ptr %from.at
  %s.next = add i64 %s, 1
  %to.at = getelementptr i64, ptr %bounds, i64 %s.next
  %to = load i64, ptr %to.at
  %counter = getelementptr [32 x i64], ptr %counters, i64 %s
  %arrived = getelementptr i64, ptr %counter, i64 16
  br label %next
next:
  %mine = phi i64 [ %from, %begin ], [ %after, %work ]
  br i1 %alone, label %test, label %take
take:
  %taken = atomicrmw add ptr %counter, i64 1 monotonic
  %place = add i64 %from, %taken
  br label %test
test:
  %t = phi i64 [ %mine, %next ], [ %place, %take ]
  %any = icmp slt i64 %t, %to
  br i1 %any, label %work, label %wait
work:
  %task = getelementptr [4 x i64], ptr %tasks, i64 %t
  %kernel = load ptr, ptr %task
  %arguments.at = getelementptr i64, ptr %task, i64 1
  %arguments = load ptr, ptr %arguments.at
  %a.at = getelementptr i64, ptr %task, i64 2
  %a = load i64, ptr %a.at
  %b.at = getelementptr i64, ptr %task, i64 3
  %b = load i64, ptr %b.at
  call void %kernel(ptr %arguments, i64 %a, i64 %b)
  %after = add i64 %t, 1
  br label %next
wait:
  br i1 %alone, label %step.end, label %arrive
arrive:
  %before = atomicrmw add ptr %arrived, i64 1 acq_rel
  br label %look
look:
  %spins = phi i64 [ 0, %arrive ], [ %spins.next, %again ]
  %there = load atomic i64, ptr %arrived acquire, align 8
  %all = icmp sge i64 %there, %threads
  br i1 %all, label %step.end, label %spin
spin:
  %spins.next = add i64 %spins, 1
  %patient = icmp slt i64 %spins.next, {_SPINS}
  br i1 %patient, label %again, label %yield
yield:
  %ignored = call i32 @sched_yield()
  br label %again
again:
  br label %look
step.end:
  br label %step
done:
  ret void
}}
"""
