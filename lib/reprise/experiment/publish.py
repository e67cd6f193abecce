"""Files under results/: published together, vouched for by manifest.json, which is written last.

The manifest holds the sha256 of every published file and, for each part (results, notebook, report), the
key of what it was made from. A part whose key and files are unchanged is not written again. While files
are being replaced, the new manifest waits beside the old one as manifest.json.next; when it is still
there, publishing was cut short and is to be done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder
from reprise.data.disk import culprit, way_out
from reprise.errors import EnvironmentNotReady
from reprise.experiment.canonical import canonical_json
from reprise.experiment.locks import hold
from reprise.experiment.store import Store, sha256_of

MANIFEST = "manifest.json"


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a results folder; None when there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) and "files" in manifest and "parts" in manifest else None


def tampered_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Published files that are missing or differ from their sha256 in the manifest."""
    return [
        name
        for name, sha in sorted(manifest["files"].items())
        if not (folder / name).is_file() or sha256_of(folder / name) != sha
    ]


def is_current(folder: Path, part: str, key: str) -> bool:
    """Whether this part was made from what `key` stands for, and its files are as they were published."""
    manifest = read_manifest(folder)
    if manifest is None or manifest["parts"].get(part, {}).get("key") != key or _cut_short(folder):
        return False
    files = {name: manifest["files"][name] for name in manifest["parts"][part]["files"]}
    return not tampered_files(folder, {"files": files})


def publish(
    folder: Path, part: str, key: str, files: Mapping[str, bytes], about: Mapping[str, Any] | None = None
) -> bool:
    """Put the files of a part in place and vouch for them; whether anything was written.

    `about` replaces the rest of the manifest; publishing other results.json bytes than before makes the other
    parts void. Two runs that publish into one folder take turns. Raises `EnvironmentNotReady` when a file
    cannot be written; the old results are then whole.
    """
    name = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:32]
    with hold(Store(cache_folder()).locks, f"publish-{name}"):
        return _publish(folder, part, key, files, about)


def _publish(
    folder: Path, part: str, key: str, files: Mapping[str, bytes], about: Mapping[str, Any] | None
) -> bool:
    same = is_current(folder, part, key) and all(
        _same(folder / name, content) for name, content in files.items()
    )
    if same and about is None:
        return False
    old = read_manifest(folder) or {"parts": {}, "files": {}}
    shas = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    parts = dict(old["parts"])
    if about is not None and any(old["files"].get(name) != sha for name, sha in shas.items()):
        parts = {}
    dropped = set(old["parts"].get(part, {}).get("files", ())) - set(files)
    parts[part] = {"key": key, "files": sorted(files)}
    vouched = {
        name: sha
        for p in parts.values()
        for name in p["files"]
        if (sha := shas.get(name) or old["files"].get(name))
    }
    manifest = {**(about if about is not None else old), "parts": parts, "files": vouched}
    written: dict[str, Path] = {}
    try:
        changed = {n: c for n, c in files.items() if not _same(folder / n, c)}
        _write_beside(folder, {**changed, f"{MANIFEST}.next": canonical_json(manifest)}, written)
        os.replace(written[f"{MANIFEST}.next"], folder / f"{MANIFEST}.next")
        for name in changed:
            os.replace(written[name], folder / name)
        for name in dropped:
            (folder / name).unlink(missing_ok=True)
        os.replace(folder / f"{MANIFEST}.next", folder / MANIFEST)
        _sync(folder)
    except OSError as error:
        raise EnvironmentNotReady(
            f"results cannot be published: {error.strerror}",
            given=culprit(error, folder),
            remedy=way_out(error, "free some space and see that you may write there")
            + "; finished units are kept, so run again",
        ) from error
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)
    return True


def _write_beside(folder: Path, files: Mapping[str, bytes], written: dict[str, Path]) -> None:
    """Write every file under a temporary name in its own folder; `written` is filled with these names."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        written[name] = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        with written[name].open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _cut_short(folder: Path) -> bool:
    return (folder / f"{MANIFEST}.next").exists()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
