"""Plain values as YAML and JSON hold them, turned into a model without any conversion.

`true` is no 1 and "2" is no 2: a value of the wrong type is a mistake of whoever wrote it. Python's own types
would blur that (a truth value is a whole number to Python), so the model reads the values as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

M = TypeVar("M", bound=BaseModel)

LARGEST = 2**63


def read_model(model: type[M], given: Mapping[str, Any]) -> M:
    """The model from plain values; pydantic's `ValidationError` says what does not fit.

    >>> class Two(BaseModel):
    ...     steps: int
    >>> read_model(Two, {"steps": 2}).steps
    2
    >>> read_model(Two, {"steps": True})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 1 validation error for Two...
    """
    problems: list[InitErrorDetails] = []
    plain = _plain(given, (), problems)
    if problems:
        raise ValidationError.from_exception_data(model.__name__, problems)
    return model.model_validate_json(json.dumps(plain), strict=True)


def _plain(value: Any, path: tuple[str | int, ...], problems: list[InitErrorDetails]) -> Any:
    """The value with texts as keys; what JSON cannot say is added to the problems."""
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, below in value.items():
            if isinstance(key, bool) or not isinstance(key, str | int):
                _add(problems, path, "a name must be a text or a whole number", key)
            elif str(key) in found:
                _add(problems, path, f"the name {str(key)!r} stands twice", key)
            else:
                found[str(key)] = _plain(below, (*path, key), problems)
        return found
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, place), problems) for place, item in enumerate(value)]
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            _add(problems, path, "the text holds half of a character (a lone surrogate)", value)
    elif isinstance(value, int):
        if abs(value) >= LARGEST:
            _add(problems, path, "the number is too large", f"{len(hex(value)) - 2} hexadecimal digits")
    elif value is not None and not isinstance(value, float):
        _add(problems, path, f"a {type(value).__name__} is no text, number, list or mapping", value)
    return value


def _add(problems: list[InitErrorDetails], path: tuple[str | int, ...], what: str, given: Any) -> None:
    error = PydanticCustomError("not_plain", "{what}", {"what": what})
    problems.append(InitErrorDetails(type=error, loc=path, input=given))
