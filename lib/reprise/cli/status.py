"""`reprise status` and `reprise explain`."""

from __future__ import annotations

from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reprise.experiment.status import Status

INDENT = "    "


def status(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="One profile; all when left out.")] = None,
) -> None:
    """Which results are fresh, stale (and because of what), incomplete, failed or missing."""
    import shutil

    from reprise.experiment.project import find_root

    rows = _rows(studies or [], profile, find_root())
    for line in _lines(rows, shutil.get_terminal_size().columns):
        print(line)


def explain(
    study: Annotated[str, typer.Argument(help="The study.")],
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "default",
) -> None:
    """Why a study's results are in the state that they are in, and what a run would do."""
    from reprise import studies
    from reprise.experiment.project import find_root
    from reprise.experiment.status import study_status

    row = study_status(studies.load_study(study), profile, find_root())
    print(f"{row.study} on {row.profile}: {row.state}" + (f" ({row.reason})" if row.reason else ""))
    by_text: dict[str, list[str]] = {}
    for cause in row.causes:
        by_text.setdefault(str(cause), []).append(cause.unit)
    for text, units in by_text.items():
        named = [unit for unit in units if unit]
        print(f"  changed  {text}" + (f"  [{_some(named)}]" if named else ""))
    for unit, message in row.failures:
        print(f"  failed   {unit}: {message}")
    if row.missing:
        print(f"  a run would do {len(row.missing)} of {row.units} units: {_some(list(row.missing))}")


def _rows(names: list[str], profile: str | None, root: Path) -> list[Status]:
    from reprise import studies
    from reprise.cli.choose import choose_studies
    from reprise.errors import RepriseError
    from reprise.experiment.parameters import profile_file, profiles_of
    from reprise.experiment.status import Status, study_status

    rows = []
    if profile:
        choose_studies(names, profile, root)
    for name in names or studies.names():
        study = studies.load_study(name)
        if profile and names:
            profile_file(name, profile, root)
        for one in [p for p in profiles_of(name, root) if profile in (None, p)]:
            try:
                rows.append(study_status(study, one, root))
            except RepriseError as error:  # one study that cannot be read must not hide the others
                rows.append(Status(name, one, "unknown", str(error)))
    return rows


def _lines(rows: list[Status], width: int) -> list[str]:
    """A line a row that fits into 80 columns, and under it, indented, the reason for its state."""
    cells = [("study", "profile", "state", "units", "age", "run time", "size")]
    cells += [
        (
            *(row.study, row.profile, row.state, f"{row.present}/{row.units}"),
            *(_time(row.age), _time(row.wall_seconds), _size(row.size)),
        )
        for row in rows
    ]
    wrap = TextWrapper(
        max(width, 40), initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False
    ).wrap
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for cell, reason in zip(cells, ["", *(row.reason for row in rows)], strict=True):
        lines.append("  ".join(text.ljust(size) for text, size in zip(cell, widths, strict=True)).rstrip())
        lines += wrap(reason)
    return lines


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
