"""What a unit's function is handed: its folders, its seed, its threads, and the outcomes it asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from reprise.errors import ParameterError

T = TypeVar("T")
Report = Callable[[str, int, int | None], None]
"""Told (label, done, total) now and then while a unit works."""


class Context:
    """The only way in which a unit touches anything outside its arguments.

    `folder` is empty and kept when the function returns; `checkpoints` survives a kill and is removed when
    the unit is done; `device` is "cuda:<i>" for a unit that asked for a GPU and got one, else "cpu".
    """

    def __init__(
        self,
        folder: Path,
        checkpoints: Path,
        needs: Mapping[str, Path],
        seed: int = 0,
        threads: int = 1,
        device: str = "cpu",
        report: Report | None = None,
    ) -> None:
        self.folder, self.seed, self.threads, self.device = folder, seed, threads, device
        self._checkpoints, self._needs, self._report = checkpoints, dict(needs), report

    @property
    def checkpoints(self) -> Path:
        """A folder for what lets the unit go on after a kill."""
        self._checkpoints.mkdir(parents=True, exist_ok=True)
        return self._checkpoints

    def has(self, role: str) -> bool:
        """Whether a unit was given for this role."""
        return role in self._needs

    def folder_of(self, role: str) -> Path:
        """The folder of the unit in that role; `ParameterError` when the unit did not ask for it."""
        if role not in self._needs:
            raise ParameterError(
                f"this unit needs nothing in the role {role!r}",
                given=sorted(self._needs),
                remedy="name the role in the unit's `needs`",
            )
        return self._needs[role]

    def value(self, role: str) -> Any:
        """What the unit in that role returned."""
        return json.loads((self.folder_of(role) / "value.json").read_bytes())

    def progress(self, items: Iterable[T], total: int | None = None, label: str = "") -> Iterator[T]:
        """The items one by one, telling whoever watches how far it is (at most four times a second)."""
        if total is None and hasattr(items, "__len__"):
            total = len(items)
        last = 0.0
        for done, item in enumerate(items, 1):
            yield item
            now = time.monotonic()
            if self._report and (now - last > 0.25 or done == total):
                last = now
                self._report(label, done, total)
