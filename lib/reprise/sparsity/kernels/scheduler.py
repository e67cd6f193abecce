"""The native code that runs programs: what a thread does in a run, and how helpers come to it.

It is given a program's fields (addresses of its tasks, of where each job's tasks end, of each step's shares
and of its counters; numbers of steps and of shares) and a gate: the program to run, and a word for each
helper (closed, open, inside). Who leads the run opens the gate, works, closes it for those who never came,
and waits only for those inside. A helper that has come out stays at the gate for a moment before it sleeps.
Threads wait for the last jobs of a step by spinning, then by giving up their turn.
"""

from __future__ import annotations

import ctypes
from typing import Any

from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.jit import compile_kernel

_SPINS = 4000
"""Looks at the counter before a waiting thread gives up its turn: some tens of microseconds."""
_LINGER = _SPINS + 400
"""Looks at a closed gate before a helper goes to sleep: some tenths of a millisecond, most of them giving up
its turn. Waking up takes as long as several steps, and a next image often follows at once."""


def native_functions(host: Host) -> tuple[Any, Any, Any]:
    """`lead` of whoever runs a program, `open_gate` (gate, helpers) and `help` (gate, number)."""
    address, number = ctypes.c_void_p, ctypes.c_int64
    lead = ctypes.CFUNCTYPE(None, address, address, number)
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

define internal void @run_job(ptr %tasks, ptr %ends, i64 %job, i64 %me) nounwind {{
entry:
  %from.at = getelementptr i64, ptr %ends, i64 %job
  %from = load i64, ptr %from.at
  %to.at = getelementptr i64, ptr %from.at, i64 1
  %to = load i64, ptr %to.at
  br label %run
run:
  %t = phi i64 [ %from, %entry ], [ %t.next, %run ]
  %task = getelementptr [4 x i64], ptr %tasks, i64 %t
  %kernel = load ptr, ptr %task
  %arguments.at = getelementptr i64, ptr %task, i64 1
  %arguments = load ptr, ptr %arguments.at
  %a.at = getelementptr i64, ptr %task, i64 2
  %a = load i64, ptr %a.at
  %b.at = getelementptr i64, ptr %task, i64 3
  %b = load i64, ptr %b.at
  call void %kernel(ptr %arguments, i64 %a, i64 %b, i64 %me)
  %t.next = add i64 %t, 1
  %more = icmp slt i64 %t.next, %to
  br i1 %more, label %run, label %end
end:
  ret void
}}

define internal void @work(ptr %program, i64 %me, i1 %alone) nounwind {{
entry:
  %tasks = load ptr, ptr %program
  %ends.at = getelementptr i64, ptr %program, i64 1
  %ends = load ptr, ptr %ends.at
  %shares.at = getelementptr i64, ptr %program, i64 2
  %shares = load ptr, ptr %shares.at
  %counters.at = getelementptr i64, ptr %program, i64 3
  %counters = load ptr, ptr %counters.at
  %steps.at = getelementptr i64, ptr %program, i64 4
  %steps = load i64, ptr %steps.at
  %threads.at = getelementptr i64, ptr %program, i64 5
  %threads = load i64, ptr %threads.at
  %width = add i64 %threads, 1
  br label %step
step:
  %s = phi i64 [ 0, %entry ], [ %s.next, %step.end ]
  %any.step = icmp slt i64 %s, %steps
  br i1 %any.step, label %begin, label %finished
begin:
  %s.next = add i64 %s, 1
  %row = mul i64 %s, %width
  %bounds = getelementptr i64, ptr %shares, i64 %row
  %counter = getelementptr [16 x i64], ptr %counters, i64 %row
  %first = load i64, ptr %bounds
  %last.at = getelementptr i64, ptr %bounds, i64 %threads
  %last = load i64, ptr %last.at
  br i1 %alone, label %all, label %share
all:
  %j = phi i64 [ %first, %begin ], [ %j.next, %one ]
  %any.job = icmp slt i64 %j, %last
  br i1 %any.job, label %one, label %step.end
one:
  call void @run_job(ptr %tasks, ptr %ends, i64 %j, i64 %me)
  %j.next = add i64 %j, 1
  br label %all
share:
  %k = phi i64 [ 0, %begin ], [ %k.next, %shared ]
  %mine = phi i64 [ 0, %begin ], [ %mine.now, %shared ]
  %any.share = icmp slt i64 %k, %threads
  br i1 %any.share, label %open, label %report
open:
  %moved = add i64 %me, %k
  %r = urem i64 %moved, %threads
  %from.at = getelementptr i64, ptr %bounds, i64 %r
  %from = load i64, ptr %from.at
  %to.at = getelementptr i64, ptr %from.at, i64 1
  %to = load i64, ptr %to.at
  %its.counter = getelementptr [16 x i64], ptr %counter, i64 %r
  br label %take
take:
  %mine.now = phi i64 [ %mine, %open ], [ %mine.more, %took ]
  %taken = atomicrmw add ptr %its.counter, i64 1 acq_rel
  %job = add i64 %from, %taken
  %there = icmp slt i64 %job, %to
  br i1 %there, label %took, label %shared
took:
  call void @run_job(ptr %tasks, ptr %ends, i64 %job, i64 %me)
  %mine.more = add i64 %mine.now, 1
  br label %take
shared:
  %k.next = add i64 %k, 1
  br label %share
report:
  %done.at = getelementptr [16 x i64], ptr %counter, i64 %threads
  %before = atomicrmw add ptr %done.at, i64 %mine acq_rel
  %count = sub i64 %last, %first
  br label %look
look:
  %spins = phi i64 [ 0, %report ], [ %spins.next, %again ]
  %done = load atomic i64, ptr %done.at acquire, align 8
  %complete = icmp sge i64 %done, %count
  br i1 %complete, label %step.end, label %again
again:
  %spins.next = add i64 %spins, 1
  call void @wait(i64 %spins)
  br label %look
step.end:
  br label %step
finished:
  ret void
}}

define void @lead(ptr %program, ptr %gate, i64 %helpers) nounwind {{
entry:
  %alone = icmp eq i64 %helpers, 0
  br i1 %alone, label %by.oneself, label %together
by.oneself:
  call void @work(ptr %program, i64 0, i1 true)
  ret void
together:
  call void @work(ptr %program, i64 0, i1 false)
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
  br label %look
look:
  %spins = phi i64 [ 0, %entry ], [ %spins.next, %still ], [ 0, %enter ]
  %state = load atomic i64, ptr %word acquire, align 8
  %maybe = icmp eq i64 %state, 1
  br i1 %maybe, label %try, label %again
try:
  %pair = cmpxchg ptr %word, i64 1, i64 2 acq_rel acquire
  %open = extractvalue {{ i64, i1 }} %pair, 1
  br i1 %open, label %enter, label %again
enter:
  %program = load ptr, ptr %gate
  call void @work(ptr %program, i64 %number, i1 false)
  store atomic i64 0, ptr %word release, align 8
  br label %look
again:
  %spins.next = add i64 %spins, 1
  %patient = icmp slt i64 %spins.next, {_LINGER}
  br i1 %patient, label %still, label %end
still:
  call void @wait(i64 %spins)
  br label %look
end:
  ret void
}}
"""
