"""Kinds of values that parameters take: each is checked in one way, wherever a study has it.

A study's model is made of these, so that what cannot be is refused before any work, with the parameter's
name, what was given and what is permitted. Bounds are wide: they leave out what no machine can do and what
has no meaning, not what is unusual. A number in a model has a bound on either side and a text has a kind;
`tests/studies/test_every_parameter.py` looks at every field of every study.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

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
    known = list(known)
    lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1)
    return f"did you mean {lower[near[0]]!r}?" if near else f"choose from {', '.join(known) or 'none'}"


def one_of(what: str, *known: str) -> AfterValidator:
    """Restricts a text to known names, which `what` says what they are of."""

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r} ({suggest(name, known)})")
        return name

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


def _plain_text(text: str) -> str:
    if text != text.strip():
        raise ValueError("must not begin or end with a blank")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not hold control characters")
    return text


T = TypeVar("T")

Several = Annotated[tuple[T, ...], Field(min_length=1), each_once()]
"""One or more, none of them twice."""

Distinct = Annotated[tuple[T, ...], each_once()]
"""None or more, none of them twice."""

Name = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain_text)]
"""What something is called: in units, tables and messages."""

Label = Annotated[str, Field(max_length=60, pattern=r"^\w[\w.+ -]*$"), AfterValidator(_plain_text)]
"""A name that the names of units and files are made of."""

Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
"""Of documents, steps, samples."""

CountOrZero = Annotated[int, Field(ge=0, le=1_000_000_000)]
"""The same, where 0 says that there is to be none."""

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

Precision = Literal["float32", "bfloat16"]
