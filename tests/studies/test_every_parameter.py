"""Every field of every study's parameters, given wrongly: refused by name before any work, or planned well.

The walk goes through the models: nested ones, members of lists, names and values of mappings. What is wrong
for a place follows from its type and its bounds, so a new field is walked through as soon as it is there, and
one without a kind or without bounds fails `test_a_place_has_bounds_and_a_kind`.
"""

import json
import math
import types
import typing
from functools import cache
from pathlib import Path

import annotated_types
import pytest
from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from reprise import studies
from reprise.errors import EnvironmentNotReady, InputError
from reprise.experiment.parameters import load_parameters, profiles_of, validate
from reprise.experiment.values import plain_text

ROOT = Path(__file__).parents[2]

EXAMPLES = {
    "lasso_task_selection": {"image_sets.0.components": 16},
    "learning_to_hash": {"training.trained_layers": 2},
}
"""Values for fields that no profile sets; the walk says which are missing here."""

NONSENSE = "no such thing"


class Place(typing.NamedTuple):
    """A place in a study's parameters: "*" stands for any member of a list or any name of a mapping.

    `base` is its type, `limits` what annotates it, `nullable` whether null is a value of it.
    """

    path: tuple[str, ...]
    base: typing.Any
    limits: list
    nullable: bool

    def limit(self, kind, attribute):
        return next((getattr(m, attribute) for m in self.limits if isinstance(m, kind)), None)


def taken_apart(annotation, limits=()):
    """(type, what annotates it, whether it may be null)."""
    limits, nullable = list(limits), False
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            limits += [each for m in more for each in (m.metadata if isinstance(m, FieldInfo) else [m])]
        elif isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
            inner = [a for a in typing.get_args(annotation) if a is not types.NoneType]
            assert len(inner) == 1, f"a union of several types cannot be complained about well: {annotation}"
            annotation, nullable = inner[0], True
        else:
            return annotation, limits, nullable


def places(annotation, path=(), limits=()):
    """Every place at and below a type, the place itself first."""
    base, limits, nullable = taken_apart(annotation, limits)
    yield Place(path, base, limits, nullable)
    origin, arguments = typing.get_origin(base), typing.get_args(base)
    if isinstance(base, type) and issubclass(base, BaseModel):
        for name, field in base.model_fields.items():
            if path == () or name != "cell_timeout":  # the study's own is the one that counts
                yield from places(field.annotation, (*path, name), field.metadata)
    elif origin is tuple:
        yield from places(arguments[0], (*path, "*"))
        assert len({repr(taken_apart(a)[0]) for a in arguments if a is not ...}) == 1
    elif origin is dict:
        yield from places(arguments[1], (*path, "*"))


@cache
def study_places(name):
    return [place for place in places(studies.load_study(name).Parameters) if place.path]


@cache
def documents(name):
    """The parameters of every profile as plain values, each whole."""
    study, found = studies.load_study(name), []
    for profile in sorted(
        profiles_of(name, ROOT), key=lambda profile: profile != "smoke"
    ):  # small plans first
        whole = load_parameters(study, profile, ROOT).model_dump(mode="json") | {"cell_timeout": 600}
        if "skip_missing" in whole:
            whole["skip_missing"] = False  # so that it can be planned without the files
        found.append(whole)
    for key, value in EXAMPLES.get(name, {}).items():
        found.append(changed(found[0], tuple(key.split(".")), value))
    return found


def changed(document, path, value):
    """A copy of the document with the value at the path."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    key = path[0] if isinstance(document, dict) else int(path[0])
    copy[key] = changed(document[key], path[1:], value)
    return copy


def paths_to(document, pattern):
    """The paths in the document that fit the pattern, each with the value there."""
    if not pattern:
        yield (), document
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(document, dict):
        names = list(document) if first == "*" else [first] if first in document else []
    else:
        names = range(len(document)) if first == "*" and isinstance(document, list) else []
    for key in names:
        yield from (((str(key), *path), value) for path, value in paths_to(document[key], rest))


def example(name, place):
    """(document, path, value) of a place that is neither null nor empty, if a profile has one."""
    for document in documents(name):
        for path, value in paths_to(document, place.path):
            if value is not None and value != [] and value != {}:
                return document, path, value
    for document in documents(name):
        for path, value in paths_to(document, place.path):
            return document, path, value
    return None


def wrong_values(place, value):
    """What no study may take at the place, whatever it means there."""
    base, origin = place.base, typing.get_origin(place.base)
    wrong = [] if place.nullable or place.base is JsonValue else [None]
    if base is int or base is float:
        wrong += [True, "2", [value], {"a": value}, math.nan, math.inf, -(10**30), 10**30]
        wrong += [value + 0.5] if base is int else []
        for kind, attribute, step in (
            (annotated_types.Ge, "ge", -1),
            (annotated_types.Gt, "gt", 0),
            (annotated_types.Le, "le", 1),
            (annotated_types.Lt, "lt", 0),
        ):
            if (bound := place.limit(kind, attribute)) is not None:
                wrong.append(base(bound + step))
    elif base is bool:
        wrong += [1, "yes", [True]]
    elif base is str:
        wrong += [3, True, [value], {"a": value}]
        wrong += (
            [] if (most := place.limit(annotated_types.MaxLen, "max_length")) is None else ["x" * (most + 1)]
        )
        wrong += [" x", "a\nb"] if any(getattr(m, "func", None) is plain_text for m in place.limits) else []
    elif origin is typing.Literal:
        wrong += [True, [value], f"{value}x", ""]
    elif origin is tuple:
        wrong += ["x", 3, {"a": value}, [[]], [None], [*value, {"no": "such"}]]
        wrong += [[*value, value[0]]] if value else []
        wrong += [[]] if place.limit(annotated_types.MinLen, "min_length") else []
    elif origin is dict:
        wrong += ["x", 3, [value], {"": next(iter(value.values()), 1)}, {"a": [[]]}]
        wrong += [{}] if place.limit(annotated_types.MinLen, "min_length") else []
    elif isinstance(base, type) and issubclass(base, BaseModel):
        wrong += ["x", 3, [value], {**(value or {}), "no_such_field": 1}]
    else:  # JSON or a kind of its own: what it means is told by another part of the model
        wrong += [{"no such": 1}, [[]]]
    return wrong


def odd_values(place, value):
    """What may be wrong, depending on what it means there."""
    odd = [None] if place.nullable else []
    if place.base is int or place.base is float:
        odd += [
            place.base(bound)
            for kind, attribute in ((annotated_types.Ge, "ge"), (annotated_types.Le, "le"))
            if (bound := place.limit(kind, attribute)) is not None and bound <= 100
        ]
    elif place.base is str:
        odd += [NONSENSE, "", "../x", "Grüße"]
    elif place.base is bool:
        odd += [not value]
    elif typing.get_origin(place.base) is tuple:
        odd += [[], value[::-1], value[:1]]
    elif typing.get_origin(place.base) is dict:
        odd += [{}, {NONSENSE: next(iter(value.values()), 1)}]
    return odd


def refusal(name, document):
    """The message that refuses the document; "" when it is taken, and then its plan is looked at."""
    study = studies.load_study(name)
    try:
        parameters = validate(study, document, "the test")
        units = study.units(parameters)
        study.requirements(parameters)
    except InputError as error:
        assert error.exit_code == 2 and len(str(error).splitlines()) == 1
        return str(error)
    except EnvironmentNotReady as error:  # of a thing that is not on this machine, by name
        assert len(str(error).splitlines()) == 1
        return ""
    names = [unit.name for unit in units]
    assert 0 < len(units) <= 100_000 and len(set(names)) == len(names)
    before = set()
    for unit in units:
        assert set(unit.needs.values()) <= before, f"{unit.name} comes before what it needs"
        before.add(unit.name)
        json.dumps(unit.parameters, allow_nan=False, default=list)
    return ""


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}:{'.'.join(place.path)}")
        for name in studies.names()
        for place in study_places(name)
    ],
)
class TestPlace:
    def test_a_place_has_bounds_and_a_kind(self, name, place):
        """Whatever has none takes values that fail after the work has begun."""
        assert place.base is not typing.Any or place.limits
        if place.base is int or place.base is float:
            low = [m for m in place.limits if isinstance(m, annotated_types.Ge | annotated_types.Gt)]
            high = [m for m in place.limits if isinstance(m, annotated_types.Le | annotated_types.Lt)]
            assert low and high, "a number needs a bound on either side, as those of experiment.values have"
        if place.base is str:
            least = place.limit(annotated_types.MaxLen, "max_length")
            assert least, "a text needs a kind, such as those of experiment.values"
        if typing.get_origin(place.base) is tuple and ... in typing.get_args(place.base):
            assert place.limits, "a list must not hold the same thing twice"

    def test_what_is_wrong_there_is_refused_by_name(self, name, place):
        found = example(name, place)
        assert found, "no profile has such a place; give one in EXAMPLES"
        document, path, value = found
        dotted = ".".join(path)
        for wrong in wrong_values(place, value):
            said = refusal(name, changed(document, path, wrong))
            assert f"'{dotted}" in said, (wrong, said)

    def test_what_is_odd_there_is_refused_or_planned_well(self, name, place):
        document, path, value = example(name, place)
        for odd in odd_values(place, value):
            said = refusal(name, changed(document, path, odd))
            assert not said or path[0] in said, (odd, said)
