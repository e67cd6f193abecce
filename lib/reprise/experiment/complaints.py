"""What pydantic found wrong with parameters, said to whoever wrote them: the parameter, what is permitted,
what was given."""

from __future__ import annotations

import re
import reprlib
import types
import typing
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from reprise.errors import RepriseError
from reprise.experiment.values import MISFIT, suggest

_WORDS = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} character(s)",
    "literal_error": "must be {expected}",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "model_attributes_type": "must be a mapping of names to values",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "missing": "is missing",
}
"""Types of pydantic's errors, said of a parameter and in the words of YAML."""


class Complaint(NamedTuple):
    """The dotted name of a parameter, what holds for it, and what was given."""

    where: str
    what: str
    given: Any

    def __str__(self) -> str:
        shown = reprlib.repr(self.given)  # of limited depth
        return f"{self.where!r}: {self.what} (given: {shown if len(shown) <= 80 else shown[:77] + '...'})"


def complaints(model: type[BaseModel], error: ValidationError) -> list[Complaint]:
    """One a mistake."""
    return [_complaint(model, found) for found in error.errors() if not _follows(found)]


def _follows(error: Mapping[str, Any]) -> bool:
    """Whether a list is only too short without its members that are wrong themselves."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _complaint(model: type[BaseModel], error: Mapping[str, Any]) -> Complaint:
    context, given = error.get("ctx", {}), error["input"]
    path = [part for part in error["loc"] if part != "[key]"]
    if error["type"] == MISFIT:
        path += context["name"].split(".")
        given = context["given"]
    where = ".".join(str(part) for part in path)
    what = _WORDS[error["type"]].format(**context) if error["type"] in _WORDS else error["msg"]
    if error["type"] == "extra_forbidden":
        what = f"there is no such parameter ({suggest(str(path[-1]), _names_at(model, path[:-1]))})"
    elif error["type"] == "value_error":
        cause = context["error"]
        what = said(cause) if isinstance(cause, RepriseError) else str(cause)
    elif error["type"] == "literal_error" and isinstance(given, str):
        known = re.findall("'([^']*)'", context["expected"])
        near = suggest(given, known)
        what += f" ({near})" if near.endswith("?") else ""  # all of them stand there already
    return Complaint(where, what, given)


def said(error: RepriseError) -> str:
    """An error that is part of a sentence: what was wrong, and how to mend it, without what was given."""
    return f"{error.what} ({error.remedy})" if error.remedy else error.what


def _names_at(model: Any, path: list[Any]) -> list[str]:
    """The parameter names at a place inside nested models."""
    for part in path:
        if isinstance(part, str) and hasattr(model, "model_fields") and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation)
        # a number or a dictionary's key leads to an item, whose model has been found already
    return sorted(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for inner in (
        typing.get_args(annotation)
        if typing.get_origin(annotation) or isinstance(annotation, types.UnionType)
        else ()
    ):
        if (found := _model_in(inner)) is not None:
            return found
    return None
