"""Where a study's ledger and published numbers lie: params/claims and params/published of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from reprise.errors import InputError


def params_file(kind: str, study: str, root: Path | str | None = None) -> Path:
    """The file params/<kind>/<study>.yaml under `root`, or else of the project around the working folder.

    Without either, the project that this package was installed from is tried. `InputError` if there is none.
    """
    here = Path.cwd()
    roots = [Path(root)] if root else [here, *here.parents, Path(__file__).resolve().parents[3]]
    for candidate in roots:
        path = candidate / "params" / kind / f"{study}.yaml"
        if path.is_file():
            return path
    raise InputError(
        f"there is no params/{kind}/{study}.yaml",
        given=str(root or here),
        remedy="run this inside the project, or name its root",
    )


def read_yaml(path: Path, *, keep_text: bool = False) -> Any:
    """The content of a YAML file; with `keep_text` every number stays the text that it is printed as.

    Raises `InputError`, with the place in the file, for one that is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader if keep_text else yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InputError(f"{path.name} is not YAML: {error}") from error
