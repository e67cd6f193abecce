"""Options of a collection, checked against its reader's signature: names, types and bounds."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

from reprise.errors import ParameterError, RepriseError


def check_options(
    reader: Callable[..., Any], name: str, options: Mapping[str, Any], given: int = 0
) -> dict[str, Any]:
    """The options as the reader takes them, a list where it has a tuple being made one.

    The first `given` parameters of the reader are no options. Raises `ParameterError`, with the nearest right
    name, for an option that the reader of the collection `name` does not have, and for a value that is not of
    the type, or outside the bounds, that the signature has for it.

    >>> def read(folder: str, threshold: int = 1): ...
    >>> check_options(read, "toy", {"treshold": 1}, given=1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    reprise.errors.ParameterError: the collection 'toy' has no option 'treshold' ... use 'threshold'.
    """
    from pydantic import TypeAdapter, ValidationError

    known = list(inspect.signature(reader).parameters)[given:]
    hints = get_type_hints(reader, include_extras=True)
    checked = {}
    for option, value in options.items():
        if option not in known:
            near = get_close_matches(option, known, 1)
            raise ParameterError(
                f"the collection {name!r} has no option {option!r}",
                given=value,
                remedy=f"use {near[0]!r}" if near else f"use some of {', '.join(known)}",
            )
        try:
            # as JSON, where true is no 1 and "2" no 2
            checked[option] = TypeAdapter(hints[option]).validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            cause = first.get("ctx", {}).get("error")
            known_cause = isinstance(cause, RepriseError)
            raise ParameterError(
                f"the option {option!r} of the collection {name!r}: "
                f"{cause.what if known_cause else first['msg']}",
                given=value,
                remedy=cause.remedy if known_cause else "",
            ) from None
        except TypeError:
            raise ParameterError(
                f"the option {option!r} of the collection {name!r} is no plain value", given=value
            ) from None
    return checked
