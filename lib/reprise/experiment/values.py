"""Kinds of values that parameters take: each is checked in one way, wherever a study has it.

A study's model is made of these, so that what cannot be is refused before any work, with the parameter's
name, what was given and what is permitted. Bounds are wide: they leave out what no machine can do and what
has no meaning, not what is unusual. A number in a model has a bound on either side and a text has a kind;
`tests/studies/test_every_parameter.py` looks at every field of every study.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

MISFIT = "misfit"
"""The type of the errors that `misfit` makes."""


def misfit(name: str, what: str, given: object) -> PydanticCustomError:
    """What a check of a whole model raises: the (dotted) name of the field that is to be changed, what holds
    for it, and the value that it has.
    """
    return PydanticCustomError(MISFIT, "{what}", {"name": name, "what": what, "given": given})


def suggest(name: object, known: Iterable[str]) -> str:
    """The known name that is nearly the given one, or all of them.

    >>> suggest("mobilenet-v3", ["mobilenet-v1", "resnet"]), suggest("x", ["a", "b"])
    ("did you mean 'mobilenet-v1'?", 'choose from a, b')
    """
    known = [str(one) for one in known]
    lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1)
    return f"did you mean {lower[near[0]]!r}?" if near else f"choose from {', '.join(known) or 'none'}"


def check_known(parameter: str, name: str, where: str, known: Iterable[str]) -> None:
    """Raise, for the parameter, unless the name is one of those that another parameter, `where`, has."""
    known = list(known)
    if name not in known:
        raise misfit(parameter, f"{where} has no {name!r} ({suggest(name, known)})", name)


def one_of(what: str, *known: Any) -> AfterValidator:
    """Restricts a value to known ones, which are those of a kind of things, `what`."""

    def check(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"there is no {what} {value!r} ({suggest(value, known)})")
        return value

    return AfterValidator(check)


def each_once(by: str | Callable[[Any], Any] = "") -> AfterValidator:
    """Refuses a list in which two items are the same, or have the same attribute or key `by`."""

    def key(item: Any) -> Any:
        return by(item) if callable(by) else getattr(item, by) if by else item

    def check(items: Sequence[Any]) -> Sequence[Any]:
        keys = [key(item) for item in items]
        twice = next((k for place, k in enumerate(keys) if k in keys[:place]), None)
        if twice is not None:
            raise ValueError(f"{twice!r} stands twice")
        return items

    return AfterValidator(check)


def complete(*names: str) -> AfterValidator:
    """Asks of a mapping that it has a value for each of the names."""

    def check(values: Mapping[str, Any]) -> Mapping[str, Any]:
        if missing := [name for name in names if name not in values]:
            raise ValueError(f"there is no value for {', '.join(missing)}")
        return values

    return AfterValidator(check)


def plain_text(text: str) -> str:
    """The text, if it is a name in one line; raises `ValueError` otherwise."""
    if text != text.strip():
        raise ValueError("must not begin or end with a blank")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not hold control characters")
    return text


def _part_of_a_file_name(text: str) -> str:
    if not re.fullmatch(r"\w[\w.+ -]*", text):
        raise ValueError("must begin with a letter or digit and have only these, blanks and any of _.+-")
    return text


T = TypeVar("T")

AtLeastOne = Annotated[tuple[T, ...], Field(min_length=1)]
"""One or more; `each_once` says by what none of them stands twice."""

Several = Annotated[AtLeastOne[T], each_once()]
"""One or more, none of them twice."""

Distinct = Annotated[tuple[T, ...], each_once()]
"""None or more, none of them twice."""

Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(plain_text)]
"""What something is called: in units, tables and messages."""

Text = Annotated[str, Field(min_length=1, max_length=100_000)]
"""What is read, and not only looked up: any characters."""

Label = Annotated[Name, Field(max_length=60), AfterValidator(_part_of_a_file_name)]
"""A name that the names of units and files are made of."""

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""Of documents, steps, samples."""

CountOrZero = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""The same, where 0 says that there is to be none."""

BatchSize = Annotated[int, Field(ge=1, le=100_000)]
"""Examples of one step."""

Repetitions = Annotated[int, Field(ge=1, le=1000)]
"""Of seeds, rounds, measurements."""

Workers = Annotated[int, Field(ge=1, le=1024)]
"""Threads, processes and shards."""

Depth = Annotated[int, Field(ge=1, le=100_000)]
"""Length of a ranked list."""

Tokens = Annotated[int, Field(ge=4, le=512)]
"""Length of a text; 512 is what the encoders were made for."""

Seed = Annotated[int, Field(ge=0, lt=2**32)]

Share = Annotated[float, Field(ge=0, le=1)]
"""A weight of two, a probability, a part of a whole."""

SomeShare = Annotated[float, Field(gt=0, le=1)]
"""A share that is not 0."""

ShareBelowOne = Annotated[float, Field(ge=0, lt=1)]
"""A share that leaves something: a sparsity, a smoothing."""

Factor = Annotated[float, Field(ge=0, le=1e6)]
"""A weight of any size."""

Positive = Annotated[float, Field(gt=0, le=1e6)]
"""A scale, a spread, seconds."""

Rate = Annotated[float, Field(gt=0, le=10)]
"""A learning rate."""
