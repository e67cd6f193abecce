"""Content keys: a unit is named by everything that its outcome depends on.

The key of a unit holds the keys of the units it needs (a Merkle tree over recipes), so all keys of a
study are known before anything runs, and a change anywhere makes everything after it stale and nothing
else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reprise.errors import ParameterError
from reprise.experiment.gpu import gpu_count
from reprise.experiment.libraries import libraries_behind, library_versions
from reprise.experiment.reached import reach_of_units
from reprise.experiment.unit import Unit


@dataclass(frozen=True)
class Recipe:
    """A unit with its key and the ingredients the key was made from.

    `needs` maps a role to the key of the unit in that role; `definitions` what the unit's code can reach, by
    its dotted name, to hashes.
    """

    unit: Unit
    key: str
    ingredients: Mapping[str, Any]
    needs: Mapping[str, str]
    definitions: Mapping[str, Mapping[str, str]]

    @property
    def name(self) -> str:
        return self.unit.name


def make_recipes(units: Sequence[Unit], versions: Mapping[str, str] | None = None) -> list[Recipe]:
    """Recipes of a study's units, in their order.

    Raises `ParameterError` for a repeated name, and for a unit that stands before one it needs.
    """
    versions = library_versions() if versions is None else versions
    recipes: dict[str, Recipe] = {}
    for unit, reach in zip(units, reach_of_units(units), strict=True):
        if unit.name in recipes:
            raise ParameterError(f"two units have the name {unit.name!r}")
        missing = sorted(set(unit.needs.values()) - set(recipes))
        if missing:
            raise ParameterError(f"unit {unit.name!r} needs units that do not stand before it", given=missing)
        needs = {role: recipes[name].key for role, name in sorted(unit.needs.items())}
        ingredients = {
            "function": unit.function.__qualname__,
            "parameters": plain(unit.parameters, unit.name),
            "seed": unit.seed,
            "threads": unit.threads,
            "inputs": dict(sorted(unit.inputs.items())),
            "needs": needs,
            "code": reach.digest,
            "libraries": {n: versions.get(n, "") for n in ("python", *libraries_behind(reach.outside))},
        }
        if unit.gpu:  # a GPU sums in another order; without one the unit runs on the CPU
            ingredients["device"] = "cuda" if gpu_count() else "cpu"
        recipes[unit.name] = Recipe(unit, digest(ingredients), ingredients, needs, reach.definitions)
    return list(recipes.values())


def digest(content: Any) -> str:
    """The first 128 bits of the sha256 of a JSON value, as hex.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plain(value: Any, where: str) -> Any:
    """The value as plain JSON; `ParameterError` for what JSON cannot hold (NaN, an open file, ...)."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return json.loads(json.dumps(to_jsonable_python(value), allow_nan=False))
    except (PydanticSerializationError, ValueError, TypeError) as error:
        raise ParameterError(
            f"the parameters of unit {where!r} cannot be written as JSON: {error}", given=value
        ) from error
