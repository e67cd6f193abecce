"""Outcomes of units, by content key: units/<key>/ holds the files, value.json and, written last,
manifest.json.

A unit is built in a folder of its own and renamed into place, so that what stands under its key is whole.
It is trusted when its manifest parses, value.json has its recorded sha256 and every file its recorded
size; a file that was changed after the manifest is hashed again. What cannot be trusted is thrown away
and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprise.data.disk import culprit, way_out
from reprise.errors import EnvironmentNotReady
from reprise.experiment.canonical import canonical_json
from reprise.experiment.locks import try_hold


@dataclass(frozen=True)
class Stored:
    """A unit that is in the store and can be trusted."""

    folder: Path
    manifest: Mapping[str, Any]

    def value(self) -> Any:
        """What the unit's function returned."""
        return json.loads((self.folder / "value.json").read_bytes())

    @property
    def fingerprint(self) -> str:
        """sha256 of what the unit's function returned."""
        return self.manifest["files"]["value.json"]["sha256"]

    @property
    def bytes(self) -> int:
        """Size of its files."""
        return sum(f["bytes"] for f in self.manifest["files"].values())


class Store:
    """The units under a cache folder."""

    def __init__(self, cache: Path) -> None:
        self.units = cache / "units"
        self.building = cache / "building"
        self.checkpoints = cache / "checkpoints"
        self.locks = cache / "locks"
        self.failures = cache / "failures"

    def find(self, key: str) -> Stored | None:
        """The unit of that key; None when it is not there or cannot be trusted."""
        folder = self.units / key
        try:
            raw = (folder / "manifest.json").read_bytes()
            manifest = json.loads(raw)
            if manifest["key"] != key or not self._whole(folder, manifest["files"]):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Stored(folder, manifest)

    def begin(self, key: str) -> Path:
        """An empty folder to build the unit in; the caller holds the unit's lock."""
        folder = self.building / key
        shutil.rmtree(folder, ignore_errors=True)  # left by an owner that died
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise _cannot_write(folder, error) from error
        return folder

    def publish(self, key: str, folder: Path, value: Any, manifest: Mapping[str, Any]) -> Stored:
        """Move a finished unit into its place; `folder` came from `begin`."""
        try:
            (folder / "value.json").write_bytes(canonical_json(value))
            files = {}
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                files[path.relative_to(folder).as_posix()] = {
                    "sha256": sha256_of(path, sync=True),
                    "bytes": path.stat().st_size,
                }
            content = {**manifest, "key": key, "files": files}
            with (folder / "manifest.json").open("wb") as file:
                file.write(canonical_json(content))
                file.flush()
                os.fsync(file.fileno())
            place = self.units / key
            shutil.rmtree(place, ignore_errors=True)  # one that could not be trusted
            place.parent.mkdir(parents=True, exist_ok=True)
            os.rename(folder, place)
            _sync_folder(self.units)
        except OSError as error:
            raise _cannot_write(self.units, error) from error
        shutil.rmtree(self.checkpoints / key, ignore_errors=True)
        (self.failures / f"{key}.json").unlink(missing_ok=True)
        return Stored(place, content)

    def note_failure(self, key: str, content: Mapping[str, Any]) -> Path:
        """Keep what went wrong, for `reprise status` and for whoever has to mend it."""
        file = self.failures / f"{key}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(canonical_json(dict(content)))
        return file

    def failure(self, key: str) -> dict[str, Any] | None:
        """What went wrong when the unit was last tried; None when nothing did."""
        try:
            return json.loads((self.failures / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def sweep(self) -> None:
        """Remove what killed processes left half built; what a living process is building stays."""
        for folder in self.building.glob("*"):
            with try_hold(self.locks, folder.name) as held:
                if held:
                    shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _whole(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> bool:
        sealed = (folder / "manifest.json").stat().st_mtime_ns
        for name, recorded in files.items():
            stat = (folder / name).stat()
            if stat.st_size != recorded["bytes"]:
                return False
            changed = name == "value.json" or stat.st_mtime_ns > sealed
            if changed and sha256_of(folder / name) != recorded["sha256"]:
                return False
        return "value.json" in files


def sha256_of(path: Path, sync: bool = False) -> str:
    """The sha256 of a file; with `sync` it is on the disk, not only in memory, when this returns."""
    with path.open("rb") as file:
        if sync:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(folder: Path, error: OSError) -> EnvironmentNotReady:
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    return EnvironmentNotReady(
        f"a unit's outcome cannot be written: {error.strerror} ({free / 1e9:.1f} GB free)",
        given=culprit(error, folder),
        remedy=way_out(error, "free some space, or set REPRISE_CACHE to a folder on another disk"),
    )
