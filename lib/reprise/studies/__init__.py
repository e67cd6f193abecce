"""One module a paper: its parameters, its units of work, its tables.

A plain module in this package is a study and offers `STUDY`; a package beside it holds units that a
family of studies shares, so that two papers on the same retrievers train and encode only once.
"""

from __future__ import annotations

import importlib
import pkgutil

from reprise.errors import ParameterError
from reprise.experiment.study import Study
from reprise.experiment.values import suggest

_NOT_A_STUDY = {"skeleton"}  # makes the files of a new study; is none itself


def names() -> list[str]:
    """The names of all studies, sorted; nothing is imported to find them."""
    return sorted(
        m.name for m in pkgutil.iter_modules(__path__) if not m.ispkg and m.name not in _NOT_A_STUDY
    )


def load_study(name: str) -> Study:
    """The study of that name; `ParameterError` names the nearest one when there is none."""
    if name not in names():
        raise ParameterError(f"there is no study {name!r}", remedy=suggest(name, names()))
    return importlib.import_module(f"{__name__}.{name}").STUDY
