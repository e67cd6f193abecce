"""What a study is run with: its defaults, what the profile's file changes, what the user changes.

`params/<profile>/<study>.yaml` holds only differences. Everything is validated by the study's own model
before any work; an unknown name is refused with the nearest right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reprise.data.yaml_files import parse_yaml, read_yaml
from reprise.errors import ParameterError
from reprise.experiment.complaints import complaints
from reprise.experiment.plain import read_model
from reprise.experiment.study import Parameters, Study
from reprise.experiment.values import suggest


def load_parameters(
    study: Study, profile: str, root: Path, overrides: Mapping[str, Any] | None = None
) -> Parameters:
    """The validated parameters of a study on a profile.

    `overrides` maps a name to a value, None being one, or a dotted path into a nested one ("training.steps"):
    then the rest stays as the profile has it. Raises `InputError` for a file that cannot be read, and
    `ParameterError`, which is one, for an unknown profile and any parameter that is unknown, of the wrong
    type or out of range.
    """
    file = profile_file(study.name, profile, root)
    given = _read(file)
    parameters = validate(study, given, f"params/{profile}/{study.name}.yaml")
    if not overrides:
        return parameters
    nested = {name.partition(".")[0] for name in overrides if "." in name}
    given |= {name: value for name, value in parameters.model_dump(mode="json").items() if name in nested}
    for name, value in overrides.items():
        given = _with(given, name.split("."), value)
    return validate(study, given, "the overrides")


def profile_file(study: str, profile: str, root: Path) -> Path:
    """The file of a study's profile; `ParameterError` lists the profiles that the study has."""
    known = profiles_of(study, root)
    if profile not in known:
        raise ParameterError(
            f"the study {study!r} has no profile {profile!r}", remedy=suggest(profile, known)
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
        return read_model(study.Parameters, given)
    except ValidationError as error:
        said = "; ".join(map(str, complaints(study.Parameters, error)))
        raise ParameterError(f"wrong parameters for {study.name} in {source}: {said}") from None
    except RecursionError:
        raise ParameterError(
            f"wrong parameters for {study.name} in {source}: they are nested too deeply"
        ) from None


def parse_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Values by name from texts `name=value`, each value read as YAML.

    Raises `ParameterError` for one that is not written so, and for two that set the same parameter.

    >>> parse_settings(["prf_depths=[1, 3]", "training.steps.teacher=2"])
    {'prf_depths': [1, 3], 'training.steps.teacher': 2}
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not all(part.strip() for part in name.split(".")) or not value.strip():
            raise ParameterError("a setting is written as name=value", given=text)
        for other in settings:
            if f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}."):
                raise ParameterError(
                    f"{name!r} is set twice"
                    if name == other
                    else f"{other!r} and {name!r} set the same parameter",
                    given=text,
                    remedy="set it once",
                )
        settings[name] = parse_yaml(value, f"the value of {name!r}")
    return settings


def _read(file: Path) -> dict[str, Any]:
    content = read_yaml(file)
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ParameterError(
            f"{file.parent.name}/{file.name} must map parameter names to values", given=content
        )
    return content


def _with(given: Any, path: list[str], value: Any) -> Any:
    """The mapping (or list) with one nested value replaced; the original is left as it is."""
    if not path:
        return value
    first, *rest = path
    if isinstance(given, list) and first.isdecimal() and int(first) < len(given):
        place = int(first)
        return [*given[:place], _with(given[place], rest, value), *given[place + 1 :]]
    below = given if isinstance(given, Mapping) else {}
    return {**below, first: _with(below.get(first), rest, value)}
