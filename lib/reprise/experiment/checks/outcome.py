"""What a run left for the checks to look at, and what of two runs must be equal."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from reprise.claims.judge import judge
from reprise.claims.ledger import Ledger, load_ledger
from reprise.claims.published import load_published
from reprise.claims.verdict import Verdict
from reprise.evaluation.cells import Cells
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.results import Results
from reprise.experiment.sampled_cells import sampled_cells


@dataclass(frozen=True)
class Outcome:
    """A study's files and the folder that a run published."""

    files: StudyFiles
    folder: Path

    @cached_property
    def results(self) -> Results:
        return Results.load(self.folder)

    @cached_property
    def published(self) -> Cells:
        return load_published(self.files.name, self.files.root)

    @cached_property
    def ledger(self) -> Ledger:
        path = self.files.params("claims")
        return load_ledger(path) if path.is_file() else Ledger([])

    @cached_property
    def notebook(self) -> dict[str, Any]:
        return json.loads((self.folder / "notebook.ipynb").read_bytes())

    @cached_property
    def verdicts(self) -> list[Verdict]:
        r = self.results
        mine = sampled_cells(self.files.study, r)
        return judge(self.ledger, mine.cells, self.published, r.profile, mine.others)

    def as_ours(self, cells: Cells) -> Results:
        """Results with other cells: a study lays out tables for the paper's systems as it does for ours."""
        made = [
            {"dataset": c.dataset, "measure": c.measure, "factors": dict(c.factors), "value": c.value}
            for c in cells
        ]
        return replace(self.results, body={**self.results.body, "cells": made, "comparisons": []})


def without_timings(body: Any, timings: tuple[str, ...]) -> Any:
    """Results without what a study declares as timings: records of such a measure, entries of such a name.

    >>> body = {"cells": [{"measure": "ms", "value": 3}, {"measure": "MAP", "value": 1}], "peak": [9, 8]}
    >>> without_timings(body, ("ms", "peak"))
    {'cells': [{'measure': 'MAP', 'value': 1}]}
    """
    if isinstance(body, dict):
        # a topic may be called like a timing
        return {
            k: v if k == "samples" else without_timings(v, timings)
            for k, v in body.items()
            if k not in timings
        }
    if isinstance(body, list):
        kept = (v for v in body if not (isinstance(v, dict) and v.get("measure") in timings))
        return [without_timings(v, timings) for v in kept]
    return body
