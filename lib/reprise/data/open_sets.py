"""Open data of every kind but collections and images, as it lies under `REPRISE_DATA`: <kind>/<name>/, with a
README.

What is there is read, from no list: a folder with data files is a set, each data file a part of it
("test.jsonl.gz" is "test"), and its licence is what its README says after "Licence". An odd line never stops
a study: it is left out and counted; where more than a tenth is odd, the file is another one than it should
be, and refused.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from reprise.data.load import input_fingerprints
from reprise.data.oddities import Oddities
from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady, InputError, ParameterError

Kind = Literal["text", "questions", "segments", "interactions"]
SUFFIXES = (".jsonl", ".tokens", ".txt")
MOSTLY_ODD = 0.1
"""The share of odd lines above which a file is not what it is taken for."""


@dataclass(frozen=True)
class OpenSet:
    """One set: where it lies and what is in it."""

    kind: Kind
    name: str
    folder: Path

    @property
    def files(self) -> dict[str, Path]:
        """Its parts by name, each with its file."""
        return {_part(path): path for path in sorted(self.folder.iterdir()) if _part(path)}

    @property
    def licence(self) -> str:
        """What its README says about the licence; "not stated" when it says nothing."""
        readme = self.folder / "README.md"
        text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
        said = re.search(r"^.*?\bLicence(?: of the set)?: *(.+?)\.?$", text, re.MULTILINE)
        return said[1] if said else "not stated"

    @property
    def fingerprints(self) -> dict[str, str]:
        """The sha256 of each of its files."""
        return input_fingerprints(str(self.folder))

    def file(self, part: str) -> Path:
        """The file of a part; `ParameterError` lists the parts when there is none of that name."""
        if part not in self.files:
            raise ParameterError(
                f"{self.kind}/{self.name} has no part {part!r}", remedy=f"choose from {', '.join(self.files)}"
            )
        return self.files[part]


def open_sets(kind: Kind) -> list[OpenSet]:
    """The sets of a kind that are here, by name; none where `REPRISE_DATA` is not set."""
    folder = _home() / kind if _home() else None
    if folder is None or not folder.is_dir():
        return []
    sets = [OpenSet(kind, path.name, path) for path in sorted(folder.iterdir()) if path.is_dir()]
    return [found for found in sets if found.files]


def find_open_set(kind: Kind, name: str) -> OpenSet:
    """The set of that name; `EnvironmentNotReady` says what is here when it is not."""
    there = {found.name: found for found in open_sets(kind)}
    if name not in there:
        near = get_close_matches(name, there, 1)
        raise EnvironmentNotReady(
            f"there is no {kind}/{name} here" + ("" if _home() else ": REPRISE_DATA is not set"),
            given=sorted(there),
            remedy=f"did you mean {near[0]!r}?" if near else f"put it under REPRISE_DATA/{kind}",
        )
    return there[name]


def read_lines(file: Path, odd: Oddities) -> Iterator[tuple[str, str]]:
    """(where, line) of every line that is not empty; one that is no UTF-8 is left out and counted under
    "lines".

    Raises `InputError` for a gzip file that is not whole, and, at its end, for a file without lines or with
    more than a tenth of them odd, in the eyes of whoever read them too.
    """
    before, lines = odd.of("lines"), 0
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                where = f"{file.name}, line {number}"
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    lines += 1
                    odd.add("lines", "lines that are not UTF-8, left out", where)
                    continue
                if line.strip():
                    lines += 1
                    yield where, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{file.name} is not a whole gzip file", remedy="get it again") from error
    odd.totals["lines"] = odd.totals.get("lines", 0) + lines
    if not lines:
        raise InputError(f"{file.name} is empty", remedy="get it again")
    if (count := odd.of("lines") - before) > MOSTLY_ODD * lines:
        raise InputError(
            f"{file.name} is not what it is taken for: more than a tenth of its lines are odd",
            given=f"{count:,} of {lines:,}",
            remedy="look at it, or get it again",
        )


def read_objects(file: Path, odd: Oddities) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, object) of every line of JSON; one that is no JSON object is left out and counted.

    Raises as `read_lines`.
    """
    for where, line in read_lines(file, odd):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield where, row
        else:
            odd.add("lines", "lines that are no JSON object, left out", where)


def _home() -> Path | None:
    named = os.environ.get("REPRISE_DATA", "").strip()
    return user_path(named, "REPRISE_DATA") if named else None


def _part(path: Path) -> str:
    """The name of the part that a file holds, "" for a file that holds none."""
    name = path.name.removesuffix(".gz")
    suffix = next((s for s in SUFFIXES if name.endswith(s)), "")
    return name.removesuffix(suffix) if suffix and path.is_file() else ""
