"""Why results no longer stand for what the project says now: each unit's recipe, then and now.

A unit that changed only because a unit it needs did is not named; what it all goes back to is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reprise.experiment.code.reach import ACTING, WHOLE
from reprise.experiment.keys import Recipe
from reprise.experiment.manifest import SCHEMA

Definitions = Mapping[str, Mapping[str, str]]
"""Hashes by module and name."""

NAMED = 5
"""Changed definitions that a cause names; of more it gives the number."""


@dataclass(frozen=True)
class Cause:
    """What differs: `kind` is parameters, input, code, libraries, seed, threads, device or units."""

    kind: str
    what: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def find_causes(
    manifest: Mapping[str, Any],
    recipes: Sequence[Recipe],
    parameters: Mapping[str, Any],
    collecting: Definitions,
) -> list[Cause]:
    """The causes, unit by unit, from the manifest of published results; empty when every key is the same.

    `parameters` are those of the study now, `collecting` the hashes of the definitions that collect its
    results.
    """
    if manifest["schema"] != SCHEMA:
        return [Cause("code", f"keys follow definitions now (the manifest is {manifest['schema']})")]
    units, then_defined = manifest["units"], manifest["implementation"]["source"]["modules"]
    causes: list[Cause] = []
    for recipe in recipes:
        then = units.get(recipe.name)
        if then is None:
            causes.append(Cause("units", f"{recipe.name} is new", recipe.name))
        elif then["key"] != recipe.key:
            causes += _compare(then, recipe, manifest["platform"]["software"]["libraries"], then_defined)
    gone = sorted(set(units) - {recipe.name for recipe in recipes})
    causes += [Cause("units", f"{name} is no longer there", name) for name in gone]
    differing = _differing(manifest["method"]["parameters"], parameters)
    if differing and not any(cause.kind == "parameters" for cause in causes):
        causes.append(Cause("parameters", ", ".join(differing)))
    if not causes:
        changed = _changed(collecting, then_defined)
        causes += [Cause("code", changed)] if changed else []
    return causes


def summarise(causes: Sequence[Cause]) -> str:
    """The distinct causes in one line.

    >>> summarise([Cause("code", "a", "u1"), Cause("code", "a", "u2"), Cause("seed", "1, was 0")])
    'code: a; seed: 1, was 0'
    """
    distinct = list(dict.fromkeys(str(cause) for cause in causes))
    more = f"; and {len(distinct) - 3} more" if len(distinct) > 3 else ""
    return "; ".join(distinct[:3]) + more


def _compare(
    then: Mapping[str, Any], recipe: Recipe, libraries: Mapping[str, str], definitions: Definitions
) -> list[Cause]:
    now, found = recipe.ingredients, []
    if then["function"] != now["function"]:
        found.append(("code", f"another function, {now['function']}"))
    elif then["code"] != now["code"]:
        changed = _changed(recipe.definitions, definitions)
        found.append(
            ("code", changed or "a definition is no longer used, or another one of the same name is")
        )
    if differing := _differing(then["parameters"], now["parameters"]):
        found.append(("parameters", ", ".join(differing)))
    if differing := _differing(then["inputs"], now["inputs"]):
        found.append(("input", ", ".join(differing)))
    for name in ("seed", "threads", "device"):
        if then.get(name) != now.get(name) and (name != "device" or "device" in now):
            found.append((name, f"{now.get(name)}, was {then.get(name)}"))
    if changed := [
        f"{name} {version}, was {libraries.get(name)}"
        for name, version in now["libraries"].items()
        if libraries.get(name) != version
    ]:
        found.append(("libraries", ", ".join(changed)))
    return [Cause(kind, what, recipe.name) for kind, what in found]


def _changed(now: Definitions, then: Definitions) -> str:
    """The definitions that differ, or are new; one that only moved to another module is neither."""
    known = {(name, sha) for inside in then.values() for name, sha in inside.items()}
    changed = [
        f"{module}.{name}"
        for module, inside in now.items()
        for name, sha in inside.items()
        if then.get(module, {}).get(name) != sha and (name in (WHOLE, ACTING) or (name, sha) not in known)
    ]
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return ", ".join(changed[:NAMED]) + more


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(
        name for name in {*then, *now} if then.get(name) != now.get(name) or (name in then) != (name in now)
    )
