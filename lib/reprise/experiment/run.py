"""Run a study: take from the store what is there, run what is missing, publish what was found.

A run whose parameters are those of its profile is published under results/<profile>/<study>/. With other
parameters it is a trial: its results stand in the cache folder, so that what is under results/ is always what
the profile says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder
from reprise.errors import ParameterError, RepriseError, StudyFailed
from reprise.experiment import manifest
from reprise.experiment.canonical import canonical_json
from reprise.experiment.display import make_display
from reprise.experiment.kept_results import refuse_fewer
from reprise.experiment.keys import Recipe, digest, make_recipes
from reprise.experiment.locks import hold
from reprise.experiment.longest_first import seconds_of_last_run
from reprise.experiment.parameters import load_parameters, profiles_of
from reprise.experiment.publish import is_current, publish, read_manifest
from reprise.experiment.reached import reach_of_collecting
from reprise.experiment.requirement import require
from reprise.experiment.results import DECIMALS, SCHEMA, Results
from reprise.experiment.samples import KEYS, pack_samples
from reprise.experiment.schedule import run_units
from reprise.experiment.store import Store
from reprise.experiment.study import Parameters, Study
from reprise.experiment.work import Outcome


@dataclass
class RunLog:
    """What a run did, unit by unit, in the study's order; filled while it runs."""

    outcomes: list[Outcome] = field(default_factory=list)


def run_study(
    study: Study,
    parameters: Parameters,
    *,
    profile: str,
    root: Path,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: bool = True,
    log: RunLog | None = None,
    fewer: bool = False,
) -> Results:
    """Make the study's results be there, and load them.

    Raises `ParameterError` for units that do not fit together, `EnvironmentNotReady` when stored results
    would lose what is not here (unless `fewer`), and a `RepriseError` with the exit code of the first unit
    that failed; what had been finished is kept.
    """
    root = Path(root)
    recipes = make_recipes(study.units(parameters))
    store = Store(cache_folder())
    found = {recipe.key: store.find(recipe.key) for recipe in recipes}
    missing = [recipe for recipe in recipes if found[recipe.key] is None]
    requirements = study.requirements(parameters)
    if missing:
        require(requirements, study.name, profile)
    folder = results_folder(study, parameters, profile, root)
    if not fewer:
        refuse_fewer(requirements, folder, study.name, profile)
    before = seconds_of_last_run(folder)
    ran = _run_missing(study, recipes, missing, store, before, jobs, cluster, progress)
    if log is not None:
        log.outcomes = [
            ran.get(r.name, Outcome(r.name, r.key, "reused"))
            for r in recipes
            if r.name in ran or found[r.key] is not None
        ]
    _raise_first_failure(study, ran)
    key = results_key(study, parameters, profile, recipes)
    with hold(store.locks, f"results-{digest(str(folder.absolute()))}"):
        if not (is_current(folder, "results", key) and made_from(folder, recipes, store)):
            _publish(study, parameters, profile, root, recipes, store, folder, key)
    return Results.read(folder)


def results_folder(study: Study, parameters: Parameters, profile: str, root: Path) -> Path:
    """Where results of these parameters stand: under results/, or for a trial in the cache folder."""
    if profile in profiles_of(study.name, root):
        expected = load_parameters(study, profile, root)
    else:
        expected = study.Parameters()
    if parameters == expected:
        return Path(root) / "results" / profile / study.name
    return cache_folder() / "trials" / digest(parameters.model_dump(mode="json"))[:12] / profile / study.name


def results_key(study: Study, parameters: Parameters, profile: str, recipes: Sequence[Recipe]) -> str:
    """What results.json depends on: units, parameters, and the code that collects them."""
    return digest(
        {
            "study": study.name,
            "profile": profile,
            "parameters": parameters.model_dump(mode="json"),
            "units": {r.name: r.key for r in recipes},
            "code": reach_of_collecting(study, parameters).digest,
            "schema": SCHEMA,
        }
    )


def made_from(folder: Path, recipes: Sequence[Recipe], store: Store) -> bool:
    """Whether results were collected from what the units in this machine's store gave.

    The same recipe can give other last digits on another machine, whose results may have been committed.
    """
    units = (read_manifest(folder) or {}).get("units", {})
    stored = [(units.get(recipe.name, {}), store.find(recipe.key)) for recipe in recipes]
    return all(s is not None and unit.get("value") == s.fingerprint for unit, s in stored)


def _run_missing(
    study: Study,
    recipes: Sequence[Recipe],
    missing: Sequence[Recipe],
    store: Store,
    before: Mapping[str, float],
    jobs: int | None,
    cluster: str | None,
    progress: bool,
) -> dict[str, Outcome]:
    """Outcomes by unit name; twins of a unit that ran under another name are reused."""
    if not missing:
        return {}
    store.sweep()
    show = make_display(progress)
    show.start(study.name, len(recipes), len(missing))
    try:
        ran = run_units(missing, store.units.parent, show, jobs=jobs, cluster=cluster, seconds=before)
    finally:
        show.stop()
    done = {outcome.key for outcome in ran.values() if outcome.state != "failed"}
    twins = {r.name: Outcome(r.name, r.key, "reused") for r in missing if r.name not in ran and r.key in done}
    return {**ran, **twins}


def _raise_first_failure(study: Study, ran: Mapping[str, Outcome]) -> None:
    failed = [outcome for outcome in ran.values() if outcome.state == "failed"]
    if failed:
        problem = StudyFailed(f"{study.name}: {failed[0].message}")
        problem.exit_code = failed[0].exit_code
        raise problem


def _publish(
    study: Study,
    parameters: Parameters,
    profile: str,
    root: Path,
    recipes: Sequence[Recipe],
    store: Store,
    folder: Path,
    key: str,
) -> None:
    values: dict[str, Any] = {}
    for recipe in recipes:
        stored = store.find(recipe.key)
        if stored is None:
            raise StudyFailed(
                f"{study.name}: the outcome of unit {recipe.name!r} was damaged or removed meanwhile",
                remedy="run again",
            )
        values[recipe.name] = stored.value()
    try:
        collected = study.collect(parameters, values)
    except RepriseError:
        raise
    except Exception as error:
        raise StudyFailed(
            f"{study.name}: its units are done, but collecting them failed with "
            f"{type(error).__name__}: {error}",
            remedy="mend `collect` and run again",
        ) from error
    reserved = sorted({"schema", "study", "profile", "parameters", KEYS} & set(collected))
    if reserved:
        raise ParameterError(f"{study.name}: `collect` may not set what the runner sets", given=reserved)
    plain = parameters.model_dump(mode="json")
    body = {"schema": SCHEMA, "study": study.name, "profile": profile, "parameters": plain, **collected}
    publish(
        folder,
        "results",
        key,
        {"results.json": canonical_json(pack_samples(body), DECIMALS)},
        about=manifest.describe(study, profile, parameters, recipes, store, body, root),
    )
