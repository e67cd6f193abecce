"""Which of the units that are ready goes first: the one with the longest way behind it.

Two workers are done soonest when the longest chain of needs is never kept waiting. How long a unit takes is
read from the manifest of an earlier run, the one that was committed with the results for instance; where
nothing is known, every unit counts alike, so that a chain is as long as it has units. The order changes no
result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from reprise.experiment.keys import Recipe
from reprise.experiment.publish import read_manifest


def seconds_of_last_run(folder: Path) -> dict[str, float]:
    """Seconds of each unit behind the results in a folder, by name; empty when there are none."""
    units = (read_manifest(folder) or {}).get("units", {})
    return {name: unit["wall_seconds"] for name, unit in units.items() if unit.get("wall_seconds")}


def longest_first(recipes: Sequence[Recipe], seconds: Mapping[str, float]) -> list[Recipe]:
    """The recipes by the length of the longest chain of units that wait for each, its own time counted.

    Recipes stand after those they need, as `make_recipes` gives them; equal ones keep their order.
    """
    known = [seconds[r.name] for r in recipes if r.name in seconds]
    usual = median(known) if known else 1.0
    behind: dict[str, float] = {}  # the longest chain behind a unit, without its own time

    def length(recipe: Recipe) -> float:
        return behind.get(recipe.key, 0.0) + seconds.get(recipe.name, usual)

    for recipe in reversed(recipes):
        for need in recipe.needs.values():
            behind[need] = max(behind.get(need, 0.0), length(recipe))
    return sorted(recipes, key=lambda recipe: -length(recipe))
