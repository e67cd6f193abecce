"""The one family of errors that a user is meant to see.

Every message has three parts: what was wrong, what was given, what to do. The command line
catches `RepriseError` once, prints the message without a traceback and ends with the error's
exit code: 0 ok, 1 a study failed, 2 bad input, 3 the environment is not able, 130/143 interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_NOT_GIVEN = object()


class RepriseError(Exception):
    """Something that the user can understand and mend.

    Arguments: `what` was wrong (a sentence without its full stop), `given` (shown with `repr`, cut
    when it is long) and `remedy`, what to do about it.

    >>> str(InputError("the run is empty", given=[], remedy="search with depth of at least 1"))
    'the run is empty (given: []). To mend it: search with depth of at least 1.'
    """

    exit_code = 1

    def __init__(self, what: str, *, given: object = _NOT_GIVEN, remedy: str = "") -> None:
        self.what, self.remedy = what, remedy
        self.given = None if given is _NOT_GIVEN else given
        message = what
        if given is not _NOT_GIVEN:
            shown = repr(given)
            message += f" (given: {shown if len(shown) <= 200 else shown[:197] + '...'})"
        if remedy:
            message += f". To mend it: {remedy.rstrip('.')}" + ("" if remedy.endswith("?") else ".")
        super().__init__(message)


class StudyFailed(RepriseError):
    """A unit of work or a notebook ended with an error; what had been finished is kept."""


class InputError(RepriseError, ValueError):
    """Data handed to a method or read from a file breaks what the method states it needs."""

    exit_code = 2


class ParameterError(InputError):
    """A parameter is unknown, of the wrong type, out of range, or at odds with another one."""


class EnvironmentNotReady(RepriseError):
    """The machine lacks something: Java, a package, disk space, a collection, a right to write."""

    exit_code = 3


@contextmanager
def passed_over(name: str, failures: dict[str, RepriseError] | None) -> Iterator[None]:
    """Inside the block an error of the family is kept in `failures` under the name, the first of each name.

    So one study's mistake does not end what is done for others. Without `failures` it is raised as usual.

    >>> failures = {}
    >>> with passed_over("a study", failures):
    ...     raise InputError("its ledger has no claims")
    >>> failures
    {'a study': InputError('its ledger has no claims')}
    """
    try:
        yield
    except RepriseError as error:
        if failures is None:
            raise
        failures.setdefault(name, error)
