"""What a study found, as it stands on disk: results.json and the manifest that vouches for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.evaluation.cells import Cell, Cells, Sampling
from reprise.experiment.publish import read_manifest, tampered_files
from reprise.experiment.samples import unpack_samples

SCHEMA = "reprise/results/2"
DECIMALS = 6


@dataclass(frozen=True)
class Results:
    """Results of one study on one profile: `body` is results.json, samples by name; `folder` is its place.

    `sampling` is the study's word on what the samples of a cell are, where it is asked for.
    """

    folder: Path
    body: Mapping[str, Any]
    manifest: Mapping[str, Any]
    sampling: Callable[[Cell], Sampling] | None = None

    @classmethod
    def load(cls, folder: Path | str) -> Results:
        """The results in a folder.

        Raises `EnvironmentNotReady` when there are none, and `InputError`, naming the files, when one was
        changed after it was published.
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        if manifest is None:
            raise EnvironmentNotReady(
                f"there are no results in {folder.parent.name}/{folder.name}",
                remedy=f"reprise run {folder.name} --profile {folder.parent.name}",
            )
        changed = tampered_files(folder, manifest)
        if changed:
            raise InputError(
                f"the results of {folder.parent.name}/{folder.name} were changed after they were published",
                given=changed,
                remedy=f"reprise run {folder.name} --profile {folder.parent.name}, or restore the files",
            )
        return cls.read(folder)

    @classmethod
    def read(cls, folder: Path | str) -> Results:
        """The results in a folder whose files have been checked already."""
        folder = Path(folder)
        body = unpack_samples(json.loads((folder / "results.json").read_bytes()))
        return cls(folder, body, read_manifest(folder) or {})

    @property
    def study(self) -> str:
        return self.body["study"]

    @property
    def profile(self) -> str:
        return self.body["profile"]

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.body["parameters"]

    @property
    def datasets(self) -> Mapping[str, Any]:
        return self.body.get("datasets", {})

    @property
    def comparisons(self) -> list[dict[str, Any]]:
        return list(self.body.get("comparisons", []))

    @cached_property
    def cells(self) -> Cells:
        """Every number of the main list, as cells."""
        return self._cells(self.body.get("cells", []))

    def cells_of(self, key: str = "cells") -> Cells:
        """The cells under a key of results.json; `ParameterError` when there is no such list."""
        if key == "cells":
            return self.cells
        if not isinstance(self.body.get(key), list):
            raise ParameterError(
                f"the results of {self.study!r} hold no cells under {key!r}",
                given=sorted(k for k, v in self.body.items() if isinstance(v, list)),
            )
        return self._cells(self.body[key])

    def _cells(self, records: Iterable[Mapping[str, Any]]) -> Cells:
        cells = (
            Cell(c["dataset"], c["measure"], c["factors"], c["value"], c.get("n"), c.get("samples", {}))
            for c in records
        )
        return Cells(replace(c, sampling=self.sampling(c)) if self.sampling else c for c in cells)
