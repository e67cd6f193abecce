"""What a run shows while it works: bars on a terminal, a line a unit elsewhere; all of it on stderr."""

from __future__ import annotations

import sys
import time
from typing import Any

from reprise.experiment.work import Outcome


class Display:
    """Shows nothing; the base of the others."""

    def start(self, study: str, total: int, missing: int) -> None: ...
    def unit_started(self, name: str) -> None: ...
    def unit_progress(self, name: str, label: str, done: int, total: int | None) -> None: ...
    def unit_done(self, outcome: Outcome) -> None: ...
    def note(self, text: str) -> None: ...
    def stop(self) -> None: ...


class Lines(Display):
    """One line for each unit that ran: for logs, CI and pipes."""

    def start(self, study: str, total: int, missing: int) -> None:
        self._study, self._missing, self._done = study, missing, 0
        _say(f"{study}: {total} units, {total - missing} found, {missing} to run")

    def unit_done(self, outcome: Outcome) -> None:
        self._done += 1
        done = f"{self._study} [{self._done}/{self._missing}]"
        _say(f"{done} {outcome.name}: {outcome.state}, {outcome.seconds:.1f} s")

    def note(self, text: str) -> None:
        _say(text)


class Bars(Display):
    """A bar for the study and one for each unit that is running."""

    def start(self, study: str, total: int, missing: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=sys.stderr),
        )
        self._tasks: dict[str, Any] = {}
        self._bars.start()
        self._study = self._bars.add_task(f"[bold]{study}", total=total, completed=total - missing)

    def unit_started(self, name: str) -> None:
        self._tasks[name] = self._bars.add_task(f"  {name}", total=None)

    def unit_progress(self, name: str, label: str, done: int, total: int | None) -> None:
        if name in self._tasks:
            self._bars.update(self._tasks[name], completed=done, total=total, description=f"  {name} {label}")

    def unit_done(self, outcome: Outcome) -> None:
        if outcome.name in self._tasks:
            self._bars.remove_task(self._tasks.pop(outcome.name))
        self._bars.advance(self._study)

    def note(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)

    def stop(self) -> None:
        self._bars.stop()


def make_display(progress: bool) -> Display:
    """The display that fits: none, bars on a terminal, lines elsewhere."""
    if not progress:
        return Display()
    return Bars() if sys.stderr.isatty() else Lines()


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
