"""What a claim is judged on: one source of cells, the other one beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reprise.claims.claim import TEST_CELLS
from reprise.evaluation.cells import Cells


@dataclass(frozen=True)
class Evidence:
    """One source of cells: `name` is "published" or "ours".

    `others` are the further lists of results.json by name (training or dev data, sizes); a paper has one
    list. `reference` is the other source: the paper's own effect, and what a value is compared with.
    """

    name: str
    cells: Cells
    reference: Cells
    others: Mapping[str, Cells] = field(default_factory=dict)

    @property
    def published(self) -> bool:
        """Whether these are the paper's own cells."""
        return self.name == "published"

    def list(self, name: str) -> Cells:
        """The cells of one list; none where the source has no such list."""
        return self.cells if self.published or name == TEST_CELLS else self.others.get(name, Cells([]))
