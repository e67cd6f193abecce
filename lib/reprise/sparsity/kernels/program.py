"""A program: steps of tasks that run inside one native call, by one thread or by several.

A task is a kernel's address, its arguments and the two numbers that say which part is its own. The tasks of
a step may run in any order and at once; a step begins when all tasks of the one before it are done. With
several threads a task goes to whoever is free, and nobody waits for a thread that has no task: one that the
system has put aside, or that has not woken up yet, holds up nothing. Threads wait for the last tasks of a
step by spinning, then by giving up their turn.

Helpers join a run through a *gate*: a word for each helper (closed, open, inside) and the program to run. Who
leads the run opens the gate, works, closes it for those who never came, and waits only for those inside.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
        self._lead, _, _ = native_functions(host)
        self._addresses = [x.ctypes.data for x in (self._tasks, self._bounds, self._counters)]

    def run(self, gate: Gate | None = None) -> None:
        """Run all steps; with those of the gate's helpers who come, one run of a gate at a time.

        Python's lock is not held meanwhile.
        """
        if gate is None:
            self._lead(*self._addresses, self._steps, None, 0)
            return
        self._counters[:] = 0
        gate.open([*self._addresses, self._steps])
        self._lead(*self._addresses, self._steps, gate.address, gate.helpers)


class Gate:
    """Where helpers join a run; `wake` is called when it is open."""

    def __init__(self, helpers: int, host: Host, wake: Callable[[], None]) -> None:
        self.helpers, self._wake = helpers, wake
        # the program's four fields, then a line of its own for each helper's word
        self._words = np.zeros(16 * (helpers + 1), np.int64)
        self.address = self._words.ctypes.data
        _, self._open, self._help = native_functions(host)

    def open(self, fields: Sequence[int]) -> None:
        """Let helpers in to a program given by its addresses and its number of steps."""
        self._words[:4] = fields
        self._open(self.address, self.helpers)
        self._wake()

    def help(self, number: int) -> None:
        """Join the run as helper `number` (from 1 on), or come too late and return at once."""
        self._help(self.address, number)


def native_functions(host: Host) -> tuple[Any, Any, Any]:
    """`lead` of whoever runs a program, `open_gate` (gate, helpers) and `help` (gate, number)."""
    address, number = ctypes.c_void_p, ctypes.c_int64
    lead = ctypes.CFUNCTYPE(None, address, address, address, number, address, number)
    other, text = ctypes.CFUNCTYPE(None, address, number), _text()
    return (
        lead(compile_kernel(text, "lead", host)),
        other(compile_kernel(text, "open_gate", host)),
        other(compile_kernel(text, "help", host)),
    )


def _text() -> str:
    return f"""
declare i32 @sched_yield()

define internal void @wait(i64 %spins) nounwind {{
  %patient = icmp slt i64 %spins, {_SPINS}
  br i1 %patient, label %end, label %yield
yield:
  %ignored = call i32 @sched_yield()
  br label %end
end:
  ret void
}}

define internal void @work(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, i1 %alone) nounwind {{
entry:
  br label %step
step:
  %s = phi i64 [ 0, %entry ], [ %s.next, %step.end ]
  %more = icmp slt i64 %s, %steps
  br i1 %more, label %begin, label %finished
begin:
  %from.at = getelementptr i64, ptr %bounds, i64 %s
  %from = load i64, ptr %from.at
  %s.next = add i64 %s, 1
  %to.at = getelementptr i64, ptr %bounds, i64 %s.next
  %to = load i64, ptr %to.at
  %count = sub i64 %to, %from
  %counter = getelementptr [32 x i64], ptr %counters, i64 %s
  %done.at = getelementptr i64, ptr %counter, i64 16
  br label %next
next:
  %mine = phi i64 [ %from, %begin ], [ %after, %counted ]
  br i1 %alone, label %test, label %take
take:
  %taken = atomicrmw add ptr %counter, i64 1 acq_rel
  %place = add i64 %from, %taken
  br label %test
test:
  %t = phi i64 [ %mine, %next ], [ %place, %take ]
  %any = icmp slt i64 %t, %to
  br i1 %any, label %run, label %rest
run:
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
  br i1 %alone, label %counted, label %count.it
count.it:
  %before = atomicrmw add ptr %done.at, i64 1 acq_rel
  br label %counted
counted:
  br label %next
rest:
  br i1 %alone, label %step.end, label %look
look:
  %spins = phi i64 [ 0, %rest ], [ %spins.next, %again ]
  %done = load atomic i64, ptr %done.at acquire, align 8
  %all = icmp sge i64 %done, %count
  br i1 %all, label %step.end, label %again
again:
  %spins.next = add i64 %spins, 1
  call void @wait(i64 %spins)
  br label %look
step.end:
  br label %step
finished:
  ret void
}}

define void @lead(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, ptr %gate, i64 %helpers) nounwind {{
entry:
  %alone = icmp eq i64 %helpers, 0
  br i1 %alone, label %by.oneself, label %together
by.oneself:
  call void @work(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, i1 true)
  ret void
together:
  call void @work(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, i1 false)
  br label %close
close:
  %c = phi i64 [ 1, %together ], [ %c.next, %closed ]
  %its.word = getelementptr [16 x i64], ptr %gate, i64 %c
  %pair = cmpxchg ptr %its.word, i64 1, i64 0 acq_rel acquire
  %never.came = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %never.came, label %closed, label %look
look:
  %spins = phi i64 [ 0, %close ], [ %spins.next, %again ]
  %state = load atomic i64, ptr %its.word acquire, align 8
  %gone = icmp eq i64 %state, 0
  br i1 %gone, label %closed, label %again
again:
  %spins.next = add i64 %spins, 1
  call void @wait(i64 %spins)
  br label %look
closed:
  %c.next = add i64 %c, 1
  %left = icmp sle i64 %c.next, %helpers
  br i1 %left, label %close, label %end
end:
  ret void
}}

define void @open_gate(ptr %gate, i64 %helpers) nounwind {{
entry:
  br label %open
open:
  %h = phi i64 [ 1, %entry ], [ %h.next, %open ]
  %word = getelementptr [16 x i64], ptr %gate, i64 %h
  store atomic i64 1, ptr %word release, align 8
  %h.next = add i64 %h, 1
  %others = icmp sle i64 %h.next, %helpers
  br i1 %others, label %open, label %end
end:
  ret void
}}

define void @help(ptr %gate, i64 %number) nounwind {{
entry:
  %word = getelementptr [16 x i64], ptr %gate, i64 %number
  %pair = cmpxchg ptr %word, i64 1, i64 2 acq_rel acquire
  %open = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %open, label %enter, label %end
enter:
  %tasks = load ptr, ptr %gate
  %bounds.at = getelementptr i64, ptr %gate, i64 1
  %bounds = load ptr, ptr %bounds.at
  %counters.at = getelementptr i64, ptr %gate, i64 2
  %counters = load ptr, ptr %counters.at
  %steps.at = getelementptr i64, ptr %gate, i64 3
  %steps = load i64, ptr %steps.at
  call void @work(ptr %tasks, ptr %bounds, ptr %counters, i64 %steps, i1 false)
  store atomic i64 0, ptr %word release, align 8
  br label %end
end:
  ret void
}}
"""
