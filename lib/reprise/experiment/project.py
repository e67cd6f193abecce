"""Where the project stands: the folder with pyproject.toml and params/, found upwards from here.

`REPRISE_ROOT` names it when the command is run from elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady


def find_root() -> Path:
    """The project's root folder; `EnvironmentNotReady` when there is none above the working directory."""
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
