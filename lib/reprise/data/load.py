"""One door to every collection: by the name "pydocs", an id of the catalogue, or a folder."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from reprise.data import msmarco
from reprise.data.catalogue import known_quirks
from reprise.data.collection import Collection
from reprise.data.formats import read_beir
from reprise.data.ir_datasets import read_ir_dataset
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
    have, and what the readers raise.
    """
    if name == "pydocs":
        return _call(pydocs, name, options)
    if name == msmarco.NAME:
        return _call(msmarco.msmarco_passages, name, options)
    options = {**_known_options(name), **options}
    folder = find_folder(name)
    if folder is not None:
        return _call(read_beir, name, options, folder)
    return _call(read_ir_dataset, name, options, name)


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


def _call(reader: Callable[..., Collection], name: str, options: dict[str, Any], *given: Any) -> Collection:
    known = [p for p in inspect.signature(reader).parameters][len(given) :]
    for option in options:
        if option not in known:
            near = get_close_matches(option, known, 1)
            raise ParameterError(
                f"the collection {name!r} has no option {option!r}",
                given=options,
                remedy=f"use {near[0]!r}" if near else f"use some of {', '.join(known)}",
            )
    return reader(*given, **options)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
