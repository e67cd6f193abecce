"""Which of the code a unit, results, what is shown of them and a notebook depend on, each by what it can
reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from reprise.experiment.code.graph import NO_NUMBERS, Node
from reprise.experiment.code.reach import Code, Reach, read_code
from reprise.experiment.study import Parameters, Study
from reprise.experiment.unit import Unit

_SHOWN = ("name", "paper", "timings", "names", "tables", "figures")  # what a report asks of a study

_SHOWING = (*NO_NUMBERS, "reprise.studies", "reprise.entry_points")
"""Reports are handed their study, and import from modules: neither which studies there are nor what packages
offer by name is anything that they show."""


def reach_of_units(units: Sequence[Unit]) -> list[Reach]:
    """What each unit's function can reach, through the classes of its parameters too.

    Raises `ParameterError` for code without a source file (a notebook cell, an interactive session).
    """
    code = read_code(unit.function.__module__ for unit in units)
    return [code.reach([code.function(u.function), *_classes_in(u.parameters, code)]) for u in units]


def reach_of_collecting(study: Study, parameters: Parameters) -> Reach:
    """What collecting a study's results can reach; how they are shown is no part of it."""
    code = read_code(_modules_of(study))
    return code.reach([*code.member(type(study), "collect"), *_classes_in(parameters, code)])


def reach_of_showing(study: Study) -> Reach:
    """What tables, figures and verdicts of a study can reach."""
    code = read_code(_modules_of(study), _SHOWING)
    members = [node for name in _SHOWN for node in code.member(type(study), name)]
    report = [Node("package", "reprise.report"), Node("package", "reprise.claims")]
    return code.reach([*report, *members, *code.graph.follow(type(study).__module__, "NAMES")])


def reach_of_text(text: str) -> Reach:
    """What the imports of a text, such as a notebook's, can reach."""
    code = read_code((), _SHOWING)
    return code.reach(code.imported_by(text))


def reach_of_package(package: str) -> Reach:
    """Everything in a package and what it can reach; of the studies only what they are found by."""
    return read_code((), _SHOWING).reach([Node("package", package)])


def _modules_of(study: Study) -> list[str]:
    return [base.__module__ for base in type(study).__mro__ if issubclass(base, Study)]


def _classes_in(value: Any, code: Code) -> Iterator[Node]:
    """The classes of ours that a value and what it holds are of: their methods can be called."""
    yield from code.class_of(value)
    inside: Any = ()
    if isinstance(value, Mapping):
        inside = value.values()
    elif isinstance(value, BaseModel):
        inside = [getattr(value, name) for name in type(value).model_fields]
    elif is_dataclass(value) and not isinstance(value, type):
        inside = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = value
    for item in inside:
        yield from _classes_in(item, code)
