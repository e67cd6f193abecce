"""The files of a collection in a folder or a zip, and their lines; gzipped or not."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from reprise.errors import InputError

Files = Mapping[str, Path | tuple[Path, str]]
"""Name inside the collection -> where it is: a path, or a zip and a member of it."""


def find_files(folder: Path) -> Files:
    """The files in a folder or zip, by their names inside it.

    Raises `InputError` when there is no such folder, or a zip that is not whole.
    """
    if folder.is_dir():
        return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    if not folder.is_file():
        raise InputError(
            "there is no such folder or zip",
            given=str(folder),
            remedy="name a folder with corpus.jsonl, queries.jsonl and qrels/",
        )
    try:
        with zipfile.ZipFile(folder) as archive:
            broken = archive.testzip()
            members = [m for m in archive.namelist() if not m.endswith("/")]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"{folder.name} is not a whole zip file", given=str(folder), remedy="fetch it again"
        ) from error
    if broken:
        raise InputError(f"{folder.name}: {broken} is damaged", given=str(folder), remedy="fetch it again")
    top = {m.split("/")[0] for m in members}
    inner = f"{top.pop()}/" if len(top) == 1 and not any("/" not in m for m in members) else ""
    return {m.removeprefix(inner): (folder, m) for m in members}


def judgement_names(folder: Path) -> list[str]:
    """The names of the files under qrels/ in a folder or zip; no file is read and a zip not checked."""
    if folder.is_dir():
        return [f"qrels/{path.name}" for path in (folder / "qrels").glob("*") if path.is_file()]
    try:
        with zipfile.ZipFile(folder) as archive:
            members = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        raise InputError(f"{folder.name} is no zip file", given=str(folder)) from None
    return [f"qrels/{m.rpartition('/')[2]}" for m in members if re.search(r"(^|/)qrels/[^/]+$", m)]


def read_lines(files: Files, name: str) -> Iterator[tuple[str, str]]:
    """(where, line) of every line that is not empty, of `name` or of `name`.gz.

    Dropped in silence, since nothing is lost: a byte order mark and Windows line ends. Raises `InputError`
    when there is neither file, when both are there and differ, and for one that is damaged or not UTF-8.
    """
    there = [n for n in (name, f"{name}.gz") if n in files]
    if not there:
        raise InputError(
            f"{name} is missing, gzipped or not",
            given=sorted(files)[:10],
            remedy="a collection has corpus.jsonl, queries.jsonl and qrels/<split>.tsv",
        )
    if len(there) == 2 and any(a != b for a, b in zip_longest(*(_lines(files, n) for n in there))):
        raise InputError(f"{there[0]} and {there[1]} are both there and differ", remedy="remove one of them")
    for number, line in _lines(files, there[0]):
        if line.strip():
            yield f"{there[0]}, line {number}", line


def _lines(files: Files, name: str) -> Iterator[tuple[int, str]]:
    at = files[name]
    try:
        if isinstance(at, tuple):
            with zipfile.ZipFile(at[0]) as archive:
                raw: io.IOBase = io.BytesIO(archive.read(at[1]))
        else:
            raw = at.open("rb")
        with raw, gzip.open(raw) if name.endswith(".gz") else raw as stream:  # type: ignore[arg-type]
            # utf-8-sig drops a byte order mark; universal newlines drop Windows line ends
            for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8-sig"), start=1):
                yield number, line.rstrip("\n")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{name} is not a whole gzip file", remedy="fetch it again") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", remedy="convert it") from error
