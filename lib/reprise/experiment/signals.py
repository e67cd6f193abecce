"""SIGTERM becomes an exception like Ctrl-C's, so that workers and kernels are stopped and locks dropped."""

from __future__ import annotations

import signal
import threading


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM)."""


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """128 plus the number of the signal that interrupted.

    >>> exit_code(Terminated()), exit_code(KeyboardInterrupt())
    (143, 130)
    """
    return 128 + (signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT)


def catch_signals() -> None:
    """Let SIGTERM and SIGINT raise in the main thread; called again after code that may take them over."""

    def end(number: int, frame: object) -> None:
        raise Terminated

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, signal.default_int_handler)
