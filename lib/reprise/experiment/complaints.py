"""What pydantic found wrong with parameters, said to whoever wrote them: the parameter, what is permitted,
what was given."""

from __future__ import annotations

import re
import reprlib
import types
import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from reprise.errors import RepriseError
from reprise.experiment.values import MISFIT, suggest

_WORDS = {
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
"""Types of pydantic's errors in the words of YAML; its own words are plain enough for the others."""


def complaints(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One sentence a mistake: the dotted name of the parameter, what holds for it, and what was given."""
    return [_complaint(model, found) for found in error.errors()]


def _complaint(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    context, given = error.get("ctx", {}), error["input"]
    path = [part for part in error["loc"] if part != "[key]"]
    if error["type"] == MISFIT:
        path += context["name"].split(".") if context["name"] else []
        given = context["given"]
    where = ".".join(str(part) for part in path) or "the parameters"
    if error["type"] == "extra_forbidden":
        known = _names_at(model, path[:-1])
        return f"there is no parameter {where!r} ({suggest(str(path[-1]), known)})"
    what = _WORDS.get(error["type"], error["msg"])
    if error["type"] == "value_error":
        cause = context["error"]
        what = f"{cause.what} ({cause.remedy})" if isinstance(cause, RepriseError) else str(cause)
    elif error["type"] == "literal_error" and isinstance(given, str):
        known = re.findall("'([^']*)'", context["expected"])
        what += f" ({suggest(given, known)})"
    shown = reprlib.repr(given)  # of limited depth
    return f"{where!r}: {what} (given: {shown if len(shown) <= 80 else shown[:77] + '...'})"


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
