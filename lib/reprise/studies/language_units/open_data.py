"""What a study asks of the open data under REPRISE_DATA: what it needs, what is there, and what tells copies
apart."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import Field

from reprise.data.open_sets import Kind, open_sets
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import Parameters


class OpenPart(Parameters):
    """A part of an open set, such as arc-easy's "test"."""

    name: str = Field(min_length=1)
    part: str = Field(default="test", min_length=1)


def open_requirement(kind: Kind, name: str) -> Requirement:
    """The row of `reprise doctor`; a study leaves out what is not there."""
    found = next((s for s in open_sets(kind) if s.name == name), None)
    return Requirement(
        kind,
        name,
        partial(is_here, kind, name),
        f"put it under REPRISE_DATA/{kind}",
        size=sum(file.stat().st_size for file in found.files.values()) if found else None,
        licence=found.licence if found else "",
        optional=True,
    )


def is_here(kind: Kind, name: str) -> bool:
    """Whether the set lies there."""
    return name in {found.name for found in open_sets(kind)}


def open_inputs(kind: Kind, name: str) -> dict[str, Any]:
    """Fingerprints for the key of a unit that reads the set."""
    return next((found.fingerprints for found in open_sets(kind) if found.name == name), {})
