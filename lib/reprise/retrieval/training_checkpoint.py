"""The checkpoint of a training run: one file, replaced whole, that only the same run goes on from."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

from reprise.errors import EnvironmentNotReady, InputError

CHECKPOINT = "checkpoint.pt"


def write_checkpoint(folder: Path | str, state: dict) -> None:
    """Write beside the old checkpoint, then rename: a kill leaves the old or the new one, never a part."""
    import torch

    target = Path(folder) / CHECKPOINT
    scratch = target.with_name(f".{CHECKPOINT}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, target)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        raise EnvironmentNotReady(
            f"the checkpoint could not be written: {error}", remedy="make room, or make the folder writable"
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def read_checkpoint(folder: Path | str, identity: dict) -> dict | None:
    """The checkpoint in the folder, or None when there is none that can be read.

    Raises `InputError`, naming what differs, when a run of another `identity` wrote it.
    """
    import torch

    path = Path(folder) / CHECKPOINT
    for leftover in Path(folder).glob(f".{CHECKPOINT}.*.tmp"):  # of a process that was killed while it wrote
        leftover.unlink(missing_ok=True)
    if not path.exists():
        return None
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes torch raise nearly anything, KeyError included
        warnings.warn(f"{CHECKPOINT} cannot be read and training starts again: {error}", stacklevel=3)
        return None
    given = json.loads(json.dumps(identity))
    found = json.loads(saved["identity"])
    if found != given:
        differs = {
            k: (found.get(k), given.get(k))
            for k in sorted(found.keys() | given.keys())
            if found.get(k) != given.get(k)
        }
        raise InputError(
            "the checkpoint belongs to a training run with other settings (found, asked for)",
            given=differs,
            remedy="give each training run a checkpoint folder of its own",
        )
    return saved
