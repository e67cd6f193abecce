"""Where a study's ledger and published numbers lie: params/claims and params/published of the project."""

from __future__ import annotations

from pathlib import Path

from reprise.errors import InputError


def params_file(kind: str, study: str, root: Path | str | None = None) -> Path:
    """The file params/<kind>/<study>.yaml under `root`, or else of the project around the working folder.

    Without either, the project that this package was installed from is tried. `InputError` if there is none.
    """
    here = Path.cwd()
    roots = [Path(root)] if root else [here, *here.parents, Path(__file__).resolve().parents[3]]
    for candidate in roots:
        path = candidate / "params" / kind / f"{study}.yaml"
        if path.exists():  # a folder too: whoever reads it says so
            return path
    raise InputError(
        f"there is no params/{kind}/{study}.yaml",
        given=str(root or here),
        remedy="run this inside the project, or name its root",
    )
