"""The state of each study on each profile, told from keys and manifests; nothing is run for it.

`fresh`: everything published was made from what the project says now, and its units are in this machine's
cache. `elsewhere`: the same, but not all of its units are in this cache (a fresh clone), or they would here
be computed in another precision than on the processor that they were made on. `stale`: something changed
since. `incomplete`: units, notebook or report are still to be done. `failed`: a unit ended with an error.
`tampered`: a published file differs from its manifest. `missing`: nothing is there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder
from reprise.experiment.keys import Recipe, make_recipes
from reprise.experiment.notebook import notebook_key, presentation_key
from reprise.experiment.parameters import load_parameters
from reprise.experiment.precision import assume, native_precision
from reprise.experiment.publish import is_current, read_manifest, tampered_files
from reprise.experiment.reached import reach_of_collecting
from reprise.experiment.run import made_from, results_key
from reprise.experiment.staleness import Cause, find_causes, summarise
from reprise.experiment.store import Store
from reprise.experiment.study import Parameters, Study


@dataclass(frozen=True)
class Status:
    """One row: `state` as in the module's docstring and `reason` in words; sizes in bytes, times in seconds.

    `missing` are the units that would run now, `failures` (unit, message) what went wrong when last tried.
    """

    study: str
    profile: str
    state: str
    reason: str = ""
    units: int = 0
    present: int = 0
    age: float | None = None
    wall_seconds: float | None = None
    size: int = 0
    causes: tuple[Cause, ...] = ()
    missing: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = field(default=())


def study_status(study: Study, profile: str, root: Path) -> Status:
    """The state of one study on one profile.

    Raises `ParameterError` when the profile's parameters are wrong.
    """
    parameters = load_parameters(study, profile, root)
    recipes, store = make_recipes(study.units(parameters)), Store(cache_folder())
    stored = {recipe.key: store.find(recipe.key) for recipe in recipes}
    missing = tuple(recipe.name for recipe in recipes if stored[recipe.key] is None)
    folder = root / "results" / profile / study.name
    manifest = read_manifest(folder)
    failures = tuple(
        (recipe.name, failure["message"])
        for recipe in recipes
        if stored[recipe.key] is None and (failure := store.failure(recipe.key))
    )
    causes: Sequence[Cause] = ()
    if manifest is not None:
        then = _precision(manifest)
        if then != native_precision():  # of another processor, which changes nothing that the project says
            with assume(then):
                parameters = load_parameters(study, profile, root)
                causes = _causes(study, profile, parameters, make_recipes(study.units(parameters)), manifest)
        else:
            causes = _causes(study, profile, parameters, recipes, manifest)
    state, reason = _judge(study, root, folder, manifest, causes, recipes, missing, failures)
    return Status(
        study.name,
        profile,
        state,
        reason,
        len(recipes),
        len(recipes) - len(missing),
        _age(manifest),
        manifest.get("wall_seconds") if manifest else None,
        sum(s.bytes for s in stored.values() if s) + _size(folder),
        tuple(causes),
        missing,
        failures,
    )


def _precision(manifest: dict[str, Any]) -> str:
    """What "auto" came to where the results were made."""
    return manifest["platform"]["hardware"]["cpu"].get("precision") or native_precision()


def _causes(
    study: Study, profile: str, parameters: Parameters, recipes: Sequence[Recipe], manifest: dict[str, Any]
) -> Sequence[Cause]:
    """Why the published results are stale; empty when they are not."""
    key = results_key(study, parameters, profile, recipes)
    if manifest["parts"].get("results", {}).get("key") == key:
        return ()
    return find_causes(
        manifest,
        recipes,
        parameters.model_dump(mode="json"),
        reach_of_collecting(study, parameters).definitions,
    ) or (Cause("code", "how results are collected"),)


def _judge(
    study: Study,
    root: Path,
    folder: Path,
    manifest: dict[str, Any] | None,
    causes: Sequence[Cause],
    recipes: Sequence[Recipe],
    missing: Sequence[str],
    failures: Sequence[tuple[str, str]],
) -> tuple[str, str]:
    counts = f"{len(recipes) - len(missing)} of {len(recipes)} units"
    if failures:
        return "failed", f"{failures[0][0]} ({counts} are done)"
    if manifest is None:
        return ("missing", "") if len(missing) == len(recipes) else ("incomplete", counts)
    if (folder / "manifest.json.next").exists():
        return "incomplete", "publishing was cut short"
    if changed := tampered_files(folder, manifest):
        return "tampered", ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
    if causes:
        return "stale", summarise(causes)
    undone = _undone(study, root, folder)
    if not missing and not made_from(folder, recipes, Store(cache_folder())):
        return "incomplete", "the units in this cache gave other values than those published; run to publish"
    if undone:
        return "incomplete", " and ".join(undone) + " to be made again"
    if missing:
        there, here = _precision(manifest), native_precision()
        other = "" if there == here else f", in {there}, and here they would be computed in {here}"
        return "elsewhere", f"{counts} are in this cache; the results are those kept with the project{other}"
    return "fresh", ""


def _undone(study: Study, root: Path, folder: Path) -> list[str]:
    undone = []
    if (root / "notebooks" / f"{study.name}.ipynb").is_file() and not is_current(
        folder, "notebook", notebook_key(study, folder, root)
    ):
        undone.append("notebook")
    if not is_current(folder, "report", presentation_key(study, folder, root)):
        undone.append("report")
    return undone


def _age(manifest: dict[str, Any] | None) -> float | None:
    try:
        return time.time() - datetime.fromisoformat(manifest["created"]).timestamp()
    except (TypeError, KeyError, ValueError):
        return None


def _size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
