"""`reprise lab` and `reprise clean`."""

from __future__ import annotations

from typing import Annotated

import typer


def lab(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to JupyterLab.")] = None,
) -> None:
    """Open JupyterLab on the notebooks."""
    import os
    import sys

    from reprise.experiment.project import find_root

    root = find_root()
    os.environ["REPRISE_ROOT"] = str(root)
    os.execv(
        sys.executable,
        [
            sys.executable,
            "-m",
            "jupyterlab",
            f"--ServerApp.root_dir={root / 'notebooks'}",
            *(arguments or []),
        ],
    )


def clean() -> None:
    """Forget the cached units, trials and smoke results; published results of other profiles stay."""
    import shutil

    from reprise.data.cache import cache_folder
    from reprise.experiment.locks import try_hold
    from reprise.experiment.project import find_root
    from reprise.experiment.store import Store

    root, cache = find_root(), cache_folder()
    store = Store(cache)
    for folder in store.building.glob("*"):
        with try_hold(store.locks, folder.name) as held:
            if not held:
                from reprise.errors import EnvironmentNotReady

                raise EnvironmentNotReady(
                    "a run is at work in the cache folder",
                    given=str(cache),
                    remedy="wait for it to end, or stop it",
                )
    made_by_runs = ("units", "building", "checkpoints", "failures", "progress", "notebooks", "trials")
    for folder in (*(cache / name for name in made_by_runs), root / "results" / "smoke"):
        if folder.exists():
            shutil.rmtree(folder)
            print(f"removed {folder}")
