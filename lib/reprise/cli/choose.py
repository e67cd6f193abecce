"""Which studies a command is about, and their validated parameters; nothing runs before all of them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reprise.errors import ParameterError, RepriseError, passed_over
from reprise.experiment.parameters import load_parameters, profiles_of
from reprise.experiment.study import Parameters, Study
from reprise.experiment.values import suggest


def choose_studies(names: Sequence[str], profile: str, root: Path) -> list[Study]:
    """The named studies, or all that have the profile.

    Raises `ParameterError` for an unknown study, and for a profile that no study has.
    """
    from reprise import studies

    if names:
        return [studies.load_study(name) for name in dict.fromkeys(names)]
    chosen = [name for name in studies.names() if profile in profiles_of(name, root)]
    if not chosen:
        known = sorted({p for name in studies.names() for p in profiles_of(name, root)})
        raise ParameterError(f"no study has a profile {profile!r}", remedy=suggest(profile, known))
    return [studies.load_study(name) for name in chosen]


def validate_all(
    studies: Sequence[Study],
    profile: str,
    root: Path,
    overrides: Mapping[str, Any],
    failures: dict[str, RepriseError] | None = None,
) -> dict[str, Parameters]:
    """The parameters of each study by name; with `failures` a study whose file is wrong is kept there."""
    found = {}
    for study in studies:
        with passed_over(study.name, failures):
            found[study.name] = load_parameters(study, profile, root, overrides)
    return found
