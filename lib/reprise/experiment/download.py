"""Get a file of the registry: to a temporary name, checked by size and sha256, then renamed.

pooch does the checking and renaming; what it lacks is here: going on by range after a dropped connection,
a look at the disk and at what the server announces before the transfer, and mirrors. At its final name a
file is right.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder
from reprise.data.disk import culprit, way_out
from reprise.errors import EnvironmentNotReady
from reprise.experiment.locks import hold
from reprise.experiment.registry import Entry
from reprise.experiment.requirement import Requirement

TRIES = 4
"""Connections to one mirror; each goes on where the last one broke when the server can."""

Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes in all)."""


def downloads_folder() -> Path:
    """Where downloads are kept."""
    return cache_folder() / "downloads"


def is_downloaded(entry: Entry) -> bool:
    """Whether the file (or the folder it was unpacked to) is there; it was checked before it got its name."""
    path = downloads_folder() / entry.name
    return path.is_dir() if entry.unpack else path.is_file() and path.stat().st_size == entry.bytes


def as_requirement(entry: Entry) -> Requirement:
    """The entry as something that a study needs; fetching it shows a bar on a terminal."""
    return Requirement(
        "file",
        entry.name,
        partial(is_downloaded, entry),
        "reprise fetch",
        partial(download_with_bar, entry),
        entry.bytes,
        entry.licence,
    )


def download_with_bar(entry: Entry) -> Path:
    """As `download`, with a bar on a terminal."""
    from tqdm import tqdm

    with tqdm(total=entry.bytes, unit="B", unit_scale=True, desc=entry.name, disable=None) as bar:
        return download(entry, progress=lambda done, total: bar.update(done - bar.n))


def download(entry: Entry, *, timeout: float = 30.0, progress: Progress | None = None) -> Path:
    """The path of the file or unpacked folder, fetched when it is not there.

    `timeout` is how long a server may be silent, in seconds. Raises `EnvironmentNotReady` with the reason of
    each mirror, or when the disk is too small.
    """
    folder = downloads_folder()
    target = folder / entry.name
    with hold(folder, f".{entry.name.replace('/', '-')}"):
        if is_downloaded(entry):
            return target
        free, needed = shutil.disk_usage(folder).free, entry.bytes * (3 if entry.unpack else 1)
        if free < needed:
            raise EnvironmentNotReady(
                f"{entry.name} needs {needed / 1e9:.1f} GB of disk, {free / 1e9:.1f} GB are free",
                given=str(folder),
                remedy="free some space, or set REPRISE_CACHE",
            )
        reasons = []
        for url in entry.urls:
            try:
                return _from_mirror(entry, url, target, timeout, progress)
            except _Refused as refused:
                reasons.append(f"{url}: {refused}")
    raise EnvironmentNotReady(
        f"{entry.name} could not be downloaded; " + "; ".join(reasons),
        remedy=f"try again later, or put the file with sha256 {entry.sha256[:12]}... at {target}",
    )


class _Refused(Exception):
    """Why a mirror did not give the file."""


def _from_mirror(entry: Entry, url: str, target: Path, timeout: float, progress: Progress | None) -> Path:
    import pooch
    import requests

    # a name of its own: the entry's lock is held, so what stands there was left by a process that was killed
    scratch = target.with_name(f".part-{target.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir(parents=True)
        pooch.utils.LOGGER.setLevel("ERROR")
        file = pooch.retrieve(
            url,
            known_hash=f"sha256:{entry.sha256}",
            fname="file",
            path=scratch,
            downloader=_Resuming(entry, timeout, progress),
        )
        finished = _unpack(Path(file), entry.unpack, scratch) if entry.unpack else Path(file)
        finished.replace(target)
    except requests.HTTPError as error:
        raise _Refused(f"the server answered {error.response.status_code}") from None
    except requests.RequestException as error:
        raise _Refused(f"{type(error).__name__}") from None
    except ValueError:
        raise _Refused("what came has another sha256 than the registry says") from None
    except OSError as error:
        raise EnvironmentNotReady(
            f"{entry.name} cannot be written: {error.strerror or error}",
            given=culprit(error, target.parent),
            remedy=way_out(error, "free some space, or set REPRISE_CACHE"),
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


class _Resuming:
    """A downloader for pooch that goes on after a break."""

    def __init__(self, entry: Entry, timeout: float, progress: Progress | None) -> None:
        self.entry, self.timeout, self.progress = entry, timeout, progress

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests

        for attempt in range(1, TRIES + 1):
            try:
                self._attempt(url, Path(output_file))
                return
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                if attempt == TRIES:
                    raise

    def _attempt(self, url: str, file: Path) -> None:
        import requests

        have = file.stat().st_size if file.exists() else 0
        headers = (
            {"Range": f"bytes={have}-", "Accept-Encoding": "identity"}
            if have
            else {"Accept-Encoding": "identity"}
        )
        with requests.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
            answer.raise_for_status()
            resumed = answer.status_code == 206
            announced = answer.headers.get("Content-Length")
            whole = int(announced) + (have if resumed else 0) if announced else None
            if whole is not None and whole != self.entry.bytes:
                kind = answer.headers.get("Content-Type", "").partition(";")[0]
                page = " (a web page: does it want a login?)" if kind == "text/html" else ""
                raise _Refused(f"the server offers {whole} bytes instead of {self.entry.bytes}{page}")
            with file.open("ab" if resumed else "wb") as out:
                for block in answer.iter_content(1 << 20):
                    out.write(block)
                    if self.progress:
                        self.progress(out.tell(), self.entry.bytes)
                    if out.tell() > self.entry.bytes:
                        raise _Refused(f"the server sends more than {self.entry.bytes} bytes")
            if file.stat().st_size < self.entry.bytes:
                raise requests.ConnectionError("the connection broke off")


def _unpack(file: Path, kind: str, scratch: Path) -> Path:
    """Unpack into a folder beside the file; nothing may point outside it."""
    import tarfile
    import zipfile

    folder = scratch / "unpacked"
    try:
        if kind == "tar":
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        else:
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)
    except (tarfile.TarError, zipfile.BadZipFile) as error:
        raise _Refused(f"it cannot be unpacked: {error}") from None
    return folder
