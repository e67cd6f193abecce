"""`reprise lab` and `reprise clean`."""

from __future__ import annotations

from typing import Annotated

import typer


def lab(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to JupyterLab.")] = None,
) -> None:
    """Open JupyterLab on the notebooks; it says its address, and Ctrl-C ends it.

    Root may start it too, as in a container. It listens on this machine alone and asks for the token that is
    part of the address. From outside a container: `reprise lab -- --ip=0.0.0.0`, and pass on the port.
    """
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
            *_for_root(),
            *(arguments or []),
        ],
    )


def _for_root() -> list[str]:
    """Without the first JupyterLab refuses root; a browser it would look for in vain."""
    import os

    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    return ["--ServerApp.allow_root=True", "--ServerApp.open_browser=False"]


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
