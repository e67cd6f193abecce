"""`reprise new-study`: the files of a study to be written."""

from __future__ import annotations

from typing import Annotated

import typer


def new_study(name: Annotated[str, typer.Argument(help="Name of the new study, such as ance_prf.")]) -> None:
    """Make the skeleton of a study: module, notebook, parameters, ledger and tests."""
    from reprise.experiment.project import find_root
    from reprise.studies.skeleton import create

    root = find_root()
    for path in create(name, root) or ():
        print(path)
