"""Stored results that hold more than a run here could make are not replaced, unless that is asked for.

A profile that leaves out what is not here ("open") gives other results on every machine: a run with one of
five collections would take the place of results on all five.
"""

from __future__ import annotations

from pathlib import Path

from reprise.errors import EnvironmentNotReady
from reprise.experiment.requirement import Requirement
from reprise.experiment.results import Results


def refuse_fewer(requirements: list[Requirement], folder: Path, study: str, profile: str) -> None:
    """Raise `EnvironmentNotReady`, naming them, when the results in `folder` hold what is not here now.

    Looked at are optional requirements, without which a study runs and leaves them out.
    """
    held = _held(folder)
    gone = [r for r in requirements if r.optional and r.name in held and not r.present()]
    lost = sorted({r.name for r in gone})
    if lost:
        first = next(r for r in gone if r.name == lost[0])
        raise EnvironmentNotReady(
            f"the stored results of {study} on the profile {profile!r} hold what is not here: "
            f"{', '.join(lost)}; a run would replace them by results without",
            remedy=f"{first.how}, or replace them: reprise run {study} --profile {profile} --fewer",
        )


def _held(folder: Path) -> set[str]:
    """The names under which the stored results hold data: of their datasets, and of their collections."""
    try:
        datasets = Results.read(folder).datasets
    except (OSError, ValueError, KeyError):  # none, or damaged: nothing that a run could take away
        return set()
    collections = (about.get("collection") for about in datasets.values() if isinstance(about, dict))
    return {*datasets, *filter(None, collections)}
