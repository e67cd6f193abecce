"""`reprise doctor`: what a profile needs, and what of it is there."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "default",
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
) -> None:
    """Say what a profile needs and what of it is there; the exit code is 0 only if it can run."""
    from rich.console import Console
    from rich.table import Table

    from reprise.cli.choose import choose_studies
    from reprise.errors import EnvironmentNotReady
    from reprise.experiment.doctor import examine, ready
    from reprise.experiment.project import find_root

    root = find_root()
    checks = examine(choose_studies(studies or [], profile, root), profile, root)
    table = Table("what", "", "found", "what to do", box=None)
    for check in checks:
        table.add_row(check.what, check.state, check.found, check.remedy)
    Console(width=None if Console().is_terminal else 200).print(table)
    if not ready(checks):
        missing = [check.what for check in checks if check.state == "missing"]
        raise EnvironmentNotReady(f"the profile {profile!r} cannot run here; missing: {', '.join(missing)}")
    print(f"the profile {profile!r} can run here")
