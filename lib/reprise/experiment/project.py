"""Where the project stands: the folder with pyproject.toml and params/, found upwards from here.

`REPRISE_ROOT` names it when the command is run from elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import reprise
from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady


def find_root() -> Path:
    """The project's root folder.

    Raises `EnvironmentNotReady` when there is none above the working directory, and when the package that was
    imported is another checkout's: its code would be run and judged under this project's parameters.
    """
    root = _find_root()
    own, imported = root / "lib" / "reprise", Path(reprise.__file__).parent
    if own.is_dir() and not own.samefile(imported):
        raise EnvironmentNotReady(
            f"the active environment has another folder's package, {imported}, and not this project's, {own}",
            remedy="deactivate that environment and run `make` here, or run the command where it belongs",
        )
    return root


def _find_root() -> Path:
    named = os.environ.get("REPRISE_ROOT", "").strip()
    if named:
        root = user_path(named, "REPRISE_ROOT").absolute()
        if not (root / "params").is_dir():
            raise EnvironmentNotReady(
                "REPRISE_ROOT is not a project: it has no params folder",
                given=str(root),
                remedy="set it to the folder that holds params/ and notebooks/",
            )
        return root
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file() and (folder / "params").is_dir():
            return folder
    raise EnvironmentNotReady(
        "no project here: neither this folder nor one above it has pyproject.toml and params/",
        given=str(here),
        remedy="change into the project, or set REPRISE_ROOT",
    )
