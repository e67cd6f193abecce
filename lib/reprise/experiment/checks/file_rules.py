"""A study's parameters, ledger and published numbers: all of them load and fit each other."""

from __future__ import annotations

import ast
import typing
from typing import Any

from reprise.claims.claim import Claim
from reprise.claims.judge import judge
from reprise.claims.ledger import load_ledger
from reprise.claims.published import load_published
from reprise.claims.verdict import BORNE_OUT
from reprise.errors import RepriseError
from reprise.evaluation.cells import Cells
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.notebook import parameter_names
from reprise.experiment.parameters import load_parameters, profiles_of, validate

MOST_PARAMETERS = 12


def check_parameters_cell(files: StudyFiles) -> list[str]:
    """The first code cell is the one tagged "parameters"; what it assigns is what the model knows.

    `profile` is "default" and `settings`, which holds any parameter, empty; another name is None (what the
    profile says) or the model's own default. One of a nested model stands under its own name and is None.
    """
    try:
        names = parameter_names(files.notebook_file)
    except (RepriseError, OSError) as error:
        return [str(error)]
    found = []
    if "parameters" not in files.code[0].tags:
        found.append("the cell tagged 'parameters' is not the first code cell")
    if len(names) > MOST_PARAMETERS:
        found.append(f"its parameters cell has {len(names)} names, at most {MOST_PARAMETERS} are allowed")
    cell = next(cell for cell in files.code if "parameters" in cell.tags)
    given = _assigned(cell.tree or ast.Module([], []))
    if given.get("profile") != "default":
        found.append("its parameters cell does not set profile = 'default'")
    if given.get("settings") != {}:
        found.append("its parameters cell does not set settings = {}")
    known, nested = files.study.Parameters.model_fields, _nested_names(files.study.Parameters)
    for name in names:
        if name in ("profile", "settings"):
            continue
        if name not in known and name not in nested:
            found.append(f"the study has no parameter {name!r}")
        elif name not in given or (name not in known and given[name] is not None):
            found.append(
                f"the parameter {name!r} is not given as a plain value, or as None when it is nested"
            )
        elif given[name] is not None:
            found += _differs_from_default(files, name, given[name])
    return found


def check_params_files(files: StudyFiles) -> list[str]:
    """Every profile's file loads and its units can be listed; smoke and default are among them."""
    profiles = profiles_of(files.name, files.root)
    found = [f"there is no params/{p}/{files.name}.yaml" for p in ("smoke", "default") if p not in profiles]
    for profile in profiles:
        try:
            parameters = load_parameters(files.study, profile, files.root)
            if profile in ("smoke", "default"):  # others may need data that is not here to name their units
                files.study.units(parameters)
                missing = [r.name for r in files.study.requirements(parameters) if not r.present()]
                found += [f"the profile {profile!r} needs {name} from outside" for name in missing]
        except RepriseError as error:
            found.append(f"{profile}: {error}")
    return found


def check_ledger(files: StudyFiles) -> list[str]:
    """A paper has a ledger that loads (unique ids, a place for each row) and has what the notebook says."""
    if files.study.paper is None:
        return []
    try:
        ledger = load_ledger(files.params("claims"))
    except (RepriseError, OSError) as error:
        return [f"params/claims/{files.name}.yaml: {error}"]
    found = []
    if not any(claim.source.arxiv == files.study.paper.arxiv for claim in ledger):
        found.append(f"no claim is from the paper itself (arXiv {files.study.paper.arxiv})")
    known = {claim.id for claim in ledger}
    said = [name for arguments in files.calls("say") for name in arguments]
    return found + [
        f"the notebook speaks of {name!r}, which the ledger does not have"
        for name in said
        if name not in known
    ]


def check_published(files: StudyFiles) -> list[str]:
    """Published numbers load, each table with its source, and every audit of them counts what it says."""
    try:
        published = load_published(files.name, files.root)
        ledger = load_ledger(files.params("claims")) if files.params("claims").is_file() else []
        verdicts = judge(ledger, None, published, "paper")
    except RepriseError as error:
        return [str(error)]
    audits = {claim.id for claim in ledger if claim.audit is not None}
    return [
        f"the audit {v.id!r} does not count what it says: {v.text}"
        for v in verdicts
        if v.id in audits and v.verdict != BORNE_OUT
    ]


FILE_CHECKS = (check_parameters_cell, check_params_files, check_ledger, check_published)


def unknown_factors(claim: Claim, cells: Cells) -> list[str]:
    """Factors that a claim names and no cell has: a misspelt one would make it not testable in silence."""
    known = {"dataset", "measure"}.union(*(cell.factors for cell in cells))
    return sorted(claim.factors - known)


def _assigned(tree: ast.Module) -> dict[str, Any]:
    """The plain values that a cell assigns, by name."""
    found = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and getattr(node, "value", None) is not None:
                try:
                    found[target.id] = ast.literal_eval(node.value)
                except ValueError:
                    continue
    return found


def _nested_names(model: Any) -> set[str]:
    """Names of the parameters inside the nested models of a model."""
    found: set[str] = set()
    for info in model.model_fields.values():
        waiting = [info.annotation]
        while waiting:
            annotation = waiting.pop()
            if hasattr(annotation, "model_fields"):
                found |= set(annotation.model_fields) | _nested_names(annotation)
            waiting += typing.get_args(annotation)
    return found


def _differs_from_default(files: StudyFiles, name: str, value: Any) -> list[str]:
    try:
        chosen = getattr(validate(files.study, {name: value}, "the parameters cell"), name)
    except RepriseError as error:
        return [str(error)]
    default = getattr(files.study.Parameters(), name)
    return [] if chosen == default else [f"the parameter {name!r} is {chosen!r}, its default {default!r}"]
