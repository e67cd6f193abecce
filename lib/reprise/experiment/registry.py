"""The registry of files that may be downloaded: params/downloads.yaml.

Each entry has its mirrors, its exact size and sha256 and its licence; a file that differs is never used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprise.data.yaml_files import read_yaml
from reprise.errors import InputError

_FIELDS = {"urls", "bytes", "sha256", "licence", "unpack"}


@dataclass(frozen=True)
class Entry:
    """One file: `urls` are tried in order; `unpack` is "zip", "tar" or "" for a file used as it is."""

    name: str
    urls: tuple[str, ...]
    bytes: int
    sha256: str
    licence: str
    unpack: str = ""


def read_registry(root: Path) -> dict[str, Entry]:
    """The entries by name; `InputError` names an entry that is incomplete or malformed."""
    file = root / "params" / "downloads.yaml"
    if not file.is_file():
        return {}
    content = read_yaml(file) or {}
    if not isinstance(content, dict):
        raise InputError("params/downloads.yaml must map names to downloads", given=content)
    return {name: _entry(name, given) for name, given in content.items()}


def _entry(name: str, given: Any) -> Entry:
    if not isinstance(given, dict) or set(given) - _FIELDS or _FIELDS - {"unpack"} - set(given):
        raise InputError(
            f"the download {name!r} must have urls, bytes, sha256 and licence, and may have unpack",
            given=given,
        )
    urls = given["urls"]
    if not isinstance(urls, list) or not urls or not all(re.match(r"https?://", str(url)) for url in urls):
        raise InputError(f"the download {name!r} needs a list of http(s) addresses", given=urls)
    if not isinstance(given["bytes"], int) or given["bytes"] <= 0:
        raise InputError(f"the size of the download {name!r} is no number of bytes", given=given["bytes"])
    if not re.fullmatch(r"[0-9a-f]{64}", str(given["sha256"])):
        raise InputError(
            f"the sha256 of the download {name!r} is not 64 hexadecimal digits", given=given["sha256"]
        )
    if given.get("unpack", "") not in ("", "zip", "tar"):
        raise InputError(f"the download {name!r} can be unpacked as zip or tar", given=given["unpack"])
    return Entry(
        name, tuple(urls), given["bytes"], given["sha256"], str(given["licence"]), given.get("unpack", "")
    )
