"""What a study asks of the open data under REPRISE_DATA: what it needs, what is there, and what tells copies
apart."""

from __future__ import annotations

from functools import partial
from typing import Any

from reprise.data.open_sets import Kind, open_sets
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import Parameters
from reprise.experiment.values import Name


class OpenPart(Parameters):
    """A part of an open set, such as arc-easy's "test"."""

    name: Name
    part: Name = "test"


def open_questions(part: OpenPart) -> Requirement:
    """The row of `reprise doctor` for a question set; a study leaves out what is not there."""
    kind: Kind = "questions"
    found = next((s for s in open_sets(kind) if s.name == part.name), None)
    return Requirement(
        kind,
        part.name,
        partial(is_here, kind, part.name),
        f"put it under REPRISE_DATA/{kind}",
        size=sum(file.stat().st_size for file in found.files.values()) if found else None,
        licence=found.licence if found else "",
        optional=True,
        odd=partial(_odd_questions, part) if found else None,
    )


def is_here(kind: Kind, name: str) -> bool:
    """Whether the set lies there."""
    return name in {found.name for found in open_sets(kind)}


def open_inputs(kind: Kind, name: str) -> dict[str, Any]:
    """Fingerprints for the key of a unit that reads the set."""
    return next((found.fingerprints for found in open_sets(kind) if found.name == name), {})


def _odd_questions(part: OpenPart) -> list[str]:
    from reprise.data.questions import load_questions

    return [str(oddity) for oddity in load_questions(part.name, part.part).oddities]
