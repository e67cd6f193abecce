"""Threads that wait for programs to run, for as long as the pool lives.

The split of the work and all waiting between its steps happen inside one native call a run (see `program`);
Python only wakes the threads. A thread that finds the gate closed stays there for a moment, then sleeps.
"""

from __future__ import annotations

import threading
import weakref

from reprise.errors import ParameterError
from reprise.sparsity.kernels.host import Host, find_host
from reprise.sparsity.kernels.program import Gate, Program


class ThreadPool:
    """`threads` threads, the caller's included. Runs one program at a time; closing is optional.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> ThreadPool(2).run(Program([], find_host()))
    """

    def __init__(self, threads: int, host: Host | None = None) -> None:
        if threads < 1:
            raise ParameterError("a pool has at least one thread", given=threads)
        self.threads = threads
        self._lock = threading.Lock()
        begin = [threading.Lock() for _ in range(threads - 1)]  # cheaper to wake by than a semaphore
        for one in begin:
            one.acquire()
        self._gate = Gate(threads - 1, host or find_host(), lambda: _wake(begin)) if begin else None
        stop = threading.Event()
        for number, one in enumerate(begin, 1):
            threading.Thread(target=_serve, args=(one, stop, self._gate, number), daemon=True).start()
        self.close = weakref.finalize(self, _stop, begin, stop)

    def run(self, program: Program) -> None:
        """Run a program with all threads, and return when it has ended."""
        if not self.close.alive:
            raise ParameterError("the pool has been closed")
        with self._lock:
            program.run(self._gate)


def _serve(begin: threading.Lock, stop: threading.Event, gate: Gate, number: int) -> None:
    while True:
        begin.acquire()
        if stop.is_set():
            return
        gate.help(number)


def _wake(begin: list[threading.Lock]) -> None:
    for one in begin:
        if one.locked():  # else it has been woken already and has yet to look
            one.release()


def _stop(begin: list[threading.Lock], stop: threading.Event) -> None:
    stop.set()
    _wake(begin)
