"""Versions of installed distributions, each read from its metadata once in a process."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def installed_version(distribution: str) -> str:
    """Its version without a local label ("+cpu"): the same release has the same name everywhere.

    Raises `importlib.metadata.PackageNotFoundError` when it is not installed.

    >>> installed_version("numpy").partition(".")[0].isdigit()
    True
    """
    return version(distribution).partition("+")[0]
