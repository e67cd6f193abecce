"""Where what can be made again is kept: one folder for every part of the project.

`REPRISE_CACHE` names it; otherwise it is `.reprise` beside the project's pyproject.toml, found from the
working directory upwards, so that a clone keeps its own and deleting the clone deletes it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from reprise.data.disk import culprit, way_out
from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady


def cache_folder() -> Path:
    """The cache folder as an absolute path, made when it is not there.

    Raises `EnvironmentNotReady` when it cannot be made.
    """
    named = os.environ.get("REPRISE_CACHE", "").strip()
    folder = user_path(named, "REPRISE_CACHE") if named else _project_root() / ".reprise"
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentNotReady(
            f"the cache folder cannot be made: {error.strerror}",
            given=culprit(error, folder),
            remedy="set REPRISE_CACHE to a folder that you can write to",
        ) from error
    return folder


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that, after a kill at any moment, the old content or the new one is there, whole.

    Raises `EnvironmentNotReady` when the disk is full or the folder may not be written to.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # a name of its own for each writer: two processes may build the same file at once
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp's 0600 would lock out a second user of a shared cache
        os.replace(temporary, path)
    except OSError as error:
        raise EnvironmentNotReady(
            f"{path.name} cannot be written: {error.strerror}",
            given=culprit(error, path.parent),
            remedy=way_out(error, "free some space, or set REPRISE_CACHE to another folder"),
        ) from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _project_root() -> Path:
    here = Path.cwd()
    return next((p for p in (here, *here.parents) if (p / "pyproject.toml").is_file()), here)
