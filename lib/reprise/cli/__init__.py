"""The command line: the Makefile is a skin over it.

`main` is the one place where errors are caught. Exit codes: 0 all well, 1 a study failed, 2 bad input, 3 the
environment is not able, 130 and 143 interrupted.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

from reprise.cli.plain_signs import print_plainly_where_needed
from reprise.data.disk import IN_THE_WAY, culprit, way_out
from reprise.errors import EnvironmentNotReady, RepriseError
from reprise.experiment.signals import Interrupted, catch_signals

_NOT_WRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name and end the process with its exit code."""
    sys.exit(run_command(arguments))


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; its exit code."""
    from reprise.cli.app import app

    print_plainly_where_needed()
    catch_signals()
    try:
        app(args=None if arguments is None else list(arguments), prog_name="reprise")
    except SystemExit as end:  # typer ends so: 0, 2 for wrong usage, or what a command chose
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except RepriseError as error:
        _say(f"reprise: {error}")
        return error.exit_code
    except Interrupted as interrupt:
        _say("reprise: interrupted; finished units are kept, so the same command goes on from here")
        return interrupt.exit_code
    except BrokenPipeError:  # `reprise status | head`
        sys.stderr.close()
        return 0
    except OSError as error:  # where nobody nearer could say what it meant
        if error.errno not in (*_NOT_WRITABLE, *IN_THE_WAY):
            raise
        problem = EnvironmentNotReady(
            f"a file cannot be read or written: {error.strerror}",
            given=culprit(error, ""),
            remedy=way_out(error, "free some space, and see that you may read and write there"),
        )
        _say(f"reprise: {problem}")
        return problem.exit_code
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)
