"""Ctrl-C and SIGTERM become one exception, so that workers and kernels are stopped and locks dropped."""

from __future__ import annotations

import signal
import threading


class Interrupted(BaseException):
    """The process was asked to end; no error of the work, so nothing that handles errors handles it.

    >>> Interrupted(signal.SIGTERM).exit_code
    143
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def catch_signals() -> None:
    """Let SIGINT and SIGTERM raise `Interrupted`; called again after code that may take them over."""

    def end(number: int, frame: object) -> None:
        raise Interrupted(number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
