"""What an error of the disk means for a user."""

from __future__ import annotations

import errno

IN_THE_WAY = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST)


def way_out(error: OSError, otherwise: str) -> str:
    """What to do about it: `otherwise`, unless a folder stands where a file should be or the reverse.

    >>> way_out(IsADirectoryError(errno.EISDIR, "Is a directory"), "free some space")
    "move it away: a folder stands in a file's place, or a file in a folder's"
    """
    if error.errno in IN_THE_WAY:
        return "move it away: a folder stands in a file's place, or a file in a folder's"
    return otherwise


def culprit(error: OSError, otherwise: object) -> str:
    """The path that the error is about: of two, the one that was to be replaced."""
    return str(error.filename2 or error.filename or otherwise)
