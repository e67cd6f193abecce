"""What a study is run with: its defaults, what the profile's file changes, what the user changes.

`params/<profile>/<study>.yaml` holds only differences. Everything is validated by the study's own model
before any work; an unknown name is refused with the nearest right one.
"""

from __future__ import annotations

import difflib
import reprlib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprise.data.yaml_files import parse_yaml, read_yaml
from reprise.errors import ParameterError
from reprise.experiment.study import Parameters, Study


def load_parameters(
    study: Study, profile: str, root: Path, overrides: Mapping[str, Any] | None = None
) -> Parameters:
    """The validated parameters of a study on a profile.

    `overrides` maps a name, or a dotted path into a nested one ("training.steps"), to a value; None leaves
    what the profile says. Raises `InputError` for a file that cannot be read, and `ParameterError`, which is
    one, for an unknown profile and any parameter that is unknown, of the wrong type or out of range.
    """
    file = profile_file(study.name, profile, root)
    given = _read(file)
    source = f"params/{profile}/{study.name}.yaml"
    if given:
        validate(study, given, source)
    changes = {name: value for name, value in (overrides or {}).items() if value is not None}
    for name, value in changes.items():
        given = _with(given, name.split("."), value)
    return validate(study, given, "the overrides" if changes else source)


def profile_file(study: str, profile: str, root: Path) -> Path:
    """The file of a study's profile; `ParameterError` lists the profiles that the study has."""
    known = profiles_of(study, root)
    if profile not in known:
        raise ParameterError(
            f"the study {study!r} has no profile {profile!r}", remedy=_suggest(profile, known)
        )
    return root / "params" / profile / f"{study}.yaml"


def profiles_of(study: str, root: Path) -> list[str]:
    """The profiles that have a file for the study, sorted."""
    return sorted(
        f.parent.name
        for f in (root / "params").glob(f"*/{study}.yaml")
        if f.parent.name not in ("claims", "published")
    )


def validate(study: Study, given: Mapping[str, Any], source: str) -> Parameters:
    """The study's parameters from a mapping; `ParameterError` says every mistake in one message."""
    from pydantic import ValidationError

    try:
        return study.Parameters.model_validate(dict(given))
    except ValidationError as error:
        problems = [_problem(study.Parameters, e) for e in error.errors()]
        raise ParameterError(
            f"wrong parameters for {study.name} in {source}: " + "; ".join(problems)
        ) from None
    except (TypeError, RecursionError) as error:
        raise ParameterError(f"wrong parameters for {study.name} in {source}: {error}", given=given) from None


def parse_setting(text: str) -> tuple[str, Any]:
    """`name=value` as name and value, the value read as YAML.

    >>> parse_setting("prf_depths=[1, 3]")
    ('prf_depths', [1, 3])
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise ParameterError("a setting is written as name=value", given=text)
    return name.strip(), parse_yaml(value, f"the value of {name.strip()!r}")


def _read(file: Path) -> dict[str, Any]:
    content = read_yaml(file)
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ParameterError(
            f"{file.parent.name}/{file.name} must map parameter names to values", given=content
        )
    return content


def _with(given: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """The mapping with one (nested) value replaced; the original is left as it is."""
    inner = value
    if len(path) > 1:
        below = given.get(path[0])
        inner = _with(below if isinstance(below, Mapping) else {}, path[1:], value)
    return {**given, path[0]: inner}


def _problem(model: type[Parameters], error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "the whole"
    if error["type"] == "extra_forbidden":
        known = _names_at(model, error["loc"][:-1])
        return f"there is no parameter {where!r} ({_suggest(str(error['loc'][-1]), known)})"
    shown = reprlib.repr(error["input"])  # of limited depth
    return f"{where!r}: {error['msg']} (given: {shown if len(shown) <= 80 else shown[:77] + '...'})"


def _names_at(model: Any, path: tuple[Any, ...]) -> list[str]:
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


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known) or 'none'}"
