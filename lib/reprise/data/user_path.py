"""A path as a user writes it in a variable of the environment."""

from __future__ import annotations

from pathlib import Path

from reprise.errors import EnvironmentNotReady


def user_path(text: str, variable: str) -> Path:
    """The path, with "~" for a home; `EnvironmentNotReady`, naming the variable, for a user who is not there.

    >>> user_path("data/ir", "REPRISE_DATA").as_posix()
    'data/ir'
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise EnvironmentNotReady(
            f"{variable} is no path: {error}", given=text, remedy="write the path out"
        ) from None
