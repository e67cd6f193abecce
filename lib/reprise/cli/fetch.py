"""`reprise fetch` and `reprise downloads`: the only commands that use the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reprise.experiment.requirement import Requirement


def fetch(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "default",
) -> None:
    """Download what a profile needs and this machine does not have."""
    from reprise.errors import EnvironmentNotReady, RepriseError
    from reprise.experiment.project import find_root

    missing = [r for r in _requirements(studies or [], profile, find_root()) if not r.present()]
    if not missing:
        print(f"everything that the profile {profile!r} needs is here")
        return
    failed = []
    for requirement in missing:
        name = f"{requirement.kind} {requirement.name}"
        if requirement.fetch is None:
            failed.append(f"{name}: {requirement.how}")
            continue
        print(f"{name}: fetching{_size(requirement)}", flush=True)
        try:
            requirement.fetch()
        except RepriseError as error:
            failed.append(f"{name}: {error}")
    if failed:
        raise EnvironmentNotReady(
            f"{len(failed)} of {len(missing)} could not be fetched: " + "; ".join(failed)
        )


def downloads(
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "paper",
) -> None:
    """List what can be downloaded, to fetch it elsewhere: size, licence, sha256 and address."""
    from reprise.experiment.download import downloads_folder
    from reprise.experiment.project import find_root
    from reprise.experiment.registry import read_registry

    root = find_root()
    for entry in read_registry(root).values():
        print(f"{entry.name}  {entry.bytes / 1e6:.1f} MB  {entry.licence}  sha256 {entry.sha256}")
        print("\n".join(f"    {url}" for url in entry.urls))
    print(f"files go to {downloads_folder()}")
    for requirement in _requirements([], profile, root):
        state = "here" if requirement.present() else "missing"
        about = "; ".join([requirement.how, *requirement.terms])
        print(f"{requirement.kind} {requirement.name}: {state}{_size(requirement)}; {about}")


def _requirements(names: list[str], profile: str, root: Path) -> list[Requirement]:
    from reprise.cli.choose import choose_studies, validate_all

    chosen = choose_studies(names, profile, root)
    parameters = validate_all(chosen, profile, root, {})
    found = {(r.kind, r.name): r for study in chosen for r in study.requirements(parameters[study.name])}
    return list(found.values())


def _size(requirement: Requirement) -> str:
    from reprise.experiment.requirement import size_text

    return "" if requirement.size is None else f" ({size_text(requirement.size)})"
