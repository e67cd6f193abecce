"""What `reprise run` prints at its end: units, failures, and where the results are."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from reprise.errors import RepriseError
from reprise.experiment.results import Results
from reprise.experiment.run import RunLog


def print_units(study: str, log: RunLog) -> None:
    """One row a unit when any ran; one line when all were found."""
    if not log.outcomes:
        return
    if all(outcome.state == "reused" for outcome in log.outcomes):
        print(f"{study}: fresh, {len(log.outcomes)} units reused")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("unit", "", "seconds", title=study, title_justify="left", box=None)
    table.columns[2].justify = "right"
    for outcome in log.outcomes:
        table.add_row(
            outcome.name, outcome.state, "" if outcome.state == "reused" else f"{outcome.seconds:.1f}"
        )
    total = sum(outcome.seconds for outcome in log.outcomes if outcome.state != "reused")
    table.add_row("all", f"{sum(o.state == 'ran' for o in log.outcomes)} ran", f"{total:.1f}")
    Console().print(table)


def print_where(finished: Sequence[Results], root: Path) -> None:
    """The folders with the results, relative to the project, and the site when they are on it."""
    published = [results for results in finished if results.folder.is_relative_to(root / "results")]
    for results in finished:
        trial = "" if results in published else " (a trial: the site shows the profile's own results only)"
        print(f"{results.study}: {shown(results.folder, root)}{trial}")
    if published and (root / "results" / "index.html").is_file():
        print(f"site: {shown(root / 'results' / 'index.html', root)}")


def print_failures(failures: Mapping[str, RepriseError]) -> None:
    """One line a study that failed, on stderr."""
    for name, error in failures.items():
        text = str(error)
        print(
            f"reprise: {text if text.startswith((f'{name}:', f'{name} ')) else f'{name}: {text}'}",
            file=sys.stderr,
        )


def end_with(failures: Mapping[str, RepriseError]) -> None:
    """Say what failed and end the command with the exit code of the first; nothing without failures."""
    if failures:
        print_failures(failures)
        raise typer.Exit(next(iter(failures.values())).exit_code)


def shown(path: Path, root: Path) -> str:
    """The path relative to the project when it is inside."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
