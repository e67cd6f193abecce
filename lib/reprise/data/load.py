"""One door to every collection: by the name "pydocs", an id of the catalogue, or a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reprise.data import msmarco
from reprise.data.catalogue import known_quirks
from reprise.data.collection import Collection
from reprise.data.formats import read_beir, split_names
from reprise.data.ir_datasets import read_ir_dataset
from reprise.data.options import check_options
from reprise.data.pydocs import choose_sources, pydocs, source_versions
from reprise.data.versions import installed_version
from reprise.errors import ParameterError


def load_collection(name: str, **options: Any) -> Collection:
    """The collection that `name` stands for.

    "pydocs" (options: `domains`, `max_documents`, `max_topics`, `max_train`); "msmarco-v1-passage"
    (`splits`); a folder or zip in BEIR's layout, as a path or a name under `REPRISE_DATA`
    (`relevance_threshold`, `remove_query`); otherwise an id of ir-datasets.com, such as "beir/scifact"
    (`documents`, `relevance_threshold`, `remove_query`). Left out, `remove_query` is what the catalogue knows
    of a collection of this name. Raises `ParameterError` for an option that this kind of collection does not
    have or a wrong value of one, and what the readers raise.
    """
    reader, given = _reader(name)
    if reader in (read_beir, read_ir_dataset):
        options = {**_known_options(name), **options}
    return reader(*given, **check_options(reader, name, options, len(given)))


def check_request(name: str, options: Mapping[str, Any]) -> None:
    """Raise what `load_collection` would raise for these options, before anything is read."""
    reader, given = _reader(name)
    check_options(reader, name, options, len(given))


def known_splits(name: str, options: Mapping[str, Any]) -> list[str] | None:
    """The splits of a collection as far as they are known before it is read; None when they are not.

    Those of an id of the catalogue are not, nor those of a folder that is not here.
    """
    if name == "pydocs":
        return ["dev", "test", "train"]
    if name == msmarco.NAME:
        return list(options.get("splits", msmarco.DEFAULT))
    folder = find_folder(name)
    return None if folder is None or not folder.exists() else split_names(folder)


def input_fingerprints(name: str, **options: Any) -> dict[str, str]:
    """What a collection is made from outside the project, as {name: fingerprint}; nothing is built for it.

    Versions of the packages for pydocs, the sha256 of each file for a folder or zip, and the version of
    ir_datasets, whose ids stand for fixed files, for its ids; with what the catalogue knows of the name.
    """
    if name == "pydocs":
        return source_versions(choose_sources(options.get("domains")))
    known = {f"known: {option}": str(value) for option, value in _known_options(name).items()}
    folder = find_folder(name)
    if folder is None:
        return {"ir_datasets": installed_version("ir_datasets"), **known}
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    return known | {p.relative_to(folder.parent).as_posix(): _sha256(p) for p in files if p.is_file()}


LONGEST_PART = 255
"""Characters between two slashes of a name: as many as a file's name may have."""


def find_folder(name: str) -> Path | None:
    """The folder or zip of that name, as a path or under `REPRISE_DATA`; None when `name` is no path.

    A name that can only be a path (it begins with ".", "/" or "~", or ends in ".zip") is given back even when
    nothing is there, so that the reader names it. Raises `ParameterError` for what is no name.
    """
    longest = max(map(len, name.split("/")))
    if not name.strip() or longest > LONGEST_PART or "\0" in name:
        raise ParameterError(
            f"a collection needs a name of parts of at most {LONGEST_PART} characters, without a NUL",
            given=name,
            remedy="give a name, an id or a path",
        )
    try:
        path = Path(name).expanduser()
    except RuntimeError as error:
        raise ParameterError(f"{name!r} is no path: {error}", remedy="write the path out") from None
    data = os.environ.get("REPRISE_DATA", "").strip()
    if path.exists():
        return path
    if data and (Path(data) / name).exists():
        return Path(data) / name
    return path if name.startswith((".", "/", "~")) or name.endswith(".zip") else None


def _known_options(name: str) -> dict[str, bool]:
    """What the catalogue knows of a collection that a reader has to be told."""
    return {"remove_query": True} if "remove_query" in known_quirks(name) else {}


def _reader(name: str) -> tuple[Callable[..., Collection], list[Any]]:
    """What reads the collection, and what it is given before any options."""
    if name == "pydocs":
        return pydocs, []
    if name == msmarco.NAME:
        return msmarco.msmarco_passages, []
    folder = find_folder(name)
    return (read_ir_dataset, [name]) if folder is None else (read_beir, [folder])


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _sha256_of(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=10_000)
def _sha256_of(path: Path, mtime_ns: int, size: int) -> str:
    """Read once in a process, and again when the file has changed: a plan asks hundreds of times."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
