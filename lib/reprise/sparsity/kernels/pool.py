"""Threads that wait for programs to run, for as long as the pool lives.

The split of the work and all waiting between its steps happen inside one native call a run (see `program`);
Python only wakes the threads and sees them come back.
"""

from __future__ import annotations

import threading
import weakref

from reprise.errors import ParameterError
from reprise.sparsity.kernels.program import Program


class ThreadPool:
    """`threads` threads, the caller's included. Runs one program at a time; closing is optional.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> ThreadPool(2).run(Program([], find_host()))
    """

    def __init__(self, threads: int) -> None:
        if threads < 1:
            raise ParameterError("a pool has at least one thread", given=threads)
        self.threads = threads
        self._lock = threading.Lock()
        self._work: list[Program | None] = [None]
        self._begin = [threading.Semaphore(0) for _ in range(threads - 1)]
        self._ended = threading.Semaphore(0)
        for begin in self._begin:
            arguments = (begin, self._ended, self._work, threads)
            threading.Thread(target=_serve, args=arguments, daemon=True).start()
        self.close = weakref.finalize(self, _stop, self._begin, self._work)

    def run(self, program: Program) -> None:
        """Run a program with all threads, and return when it has ended."""
        with self._lock:
            if self.threads == 1:
                program.run(1)
                return
            if not self.close.alive:
                raise ParameterError("the pool has been closed")
            program.reset()
            self._work[0] = program
            for begin in self._begin:
                begin.release()
            program.run(self.threads)
            for _ in self._begin:
                self._ended.acquire()


def _serve(
    begin: threading.Semaphore, ended: threading.Semaphore, work: list[Program | None], threads: int
) -> None:
    while True:
        begin.acquire()
        program = work[0]
        if program is None:
            return
        program.run(threads)
        ended.release()


def _stop(begin: list[threading.Semaphore], work: list[Program | None]) -> None:
    work[0] = None
    for one in begin:
        one.release()
