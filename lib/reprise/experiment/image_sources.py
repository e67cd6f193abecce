"""Image sets whose files stand in params/downloads.yaml, fetched to where the studies look for them."""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import Any

from reprise.experiment.registry import Entry


def image_source(name: str, part: str = "") -> dict[str, Any]:
    """`size` and `fetch` of a requirement for the images "mnist" or "fashion-mnist".

    `part` "t10k" means the test images alone. Of images that are not in the registry neither is known.
    """
    if not (entries := _entries(name, part)):
        return {}
    return {"size": sum(entry.bytes for entry in entries), "fetch": partial(fetch_images, name, part)}


def fetch_images(name: str, part: str = "") -> None:
    """Download what is missing and put it under REPRISE_DATA/images; raises `EnvironmentNotReady` as
    `download` does."""
    from reprise.data.images import images_folder
    from reprise.experiment.download import download_with_bar

    folder = images_folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    for entry in _entries(name, part):
        target = folder / entry.name.rpartition("/")[2]
        if target.is_file():
            continue
        beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            shutil.copyfile(download_with_bar(entry), beside)
            os.replace(beside, target)
        finally:
            beside.unlink(missing_ok=True)


def _entries(name: str, part: str) -> list[Entry]:
    from reprise.experiment.project import find_root
    from reprise.experiment.registry import read_registry

    return [e for e in read_registry(find_root()).values() if e.name.startswith(f"{name}/{part}")]
