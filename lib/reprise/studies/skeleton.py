"""The files of a study to be written: a small study that runs, to be changed piece by piece into a paper's.

What it measures is made up (two systems on random topics); everything around it is as a study has it, so the
checks that every study passes are green from the start and tell what a change breaks.
"""

from __future__ import annotations

import json
import keyword
import re
from pathlib import Path
from string import Template

from reprise.errors import ParameterError

_TAKEN = ("skeleton", "claims", "published")


def create(name: str, root: Path) -> list[Path]:
    """Write the files of a new study under `root`; their paths relative to it.

    Raises `ParameterError`, before anything is written, for a name that is no lower-case module name or is
    taken, and when one of the files is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name) or keyword.iskeyword(name) or name in _TAKEN:
        raise ParameterError(
            "a study's name is a module name in lower case", given=name, remedy="such as ance_prf"
        )
    words = {"name": name, "title": name.replace("_", " ").title(), "Class": _class_name(name)}
    files = {
        Template(path).substitute(words): Template(text).substitute(words) for path, text in _FILES.items()
    }
    files[f"notebooks/{name}.ipynb"] = _notebook(words)
    there = [path for path in [*files, f"lib/reprise/studies/{name}"] if (root / path).exists()]
    if there:
        raise ParameterError(f"there is a study {name!r} already", given=there, remedy="choose another name")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return [Path(path) for path in sorted(files)]


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


_STUDY = '''"""$title: what the paper asks, in one sentence (arXiv 0000.00000).

Deviations: what the paper leaves open, and what was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from reprise.experiment.study import Paper, Parameters, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.experiment.values import Count
from reprise.studies.${name}_units.systems import compare_systems, measure_system

SYSTEMS = {"baseline": 0.0, "method": 0.1}
"""Names of the systems, and what each adds to the score of a topic."""


class ${Class}Parameters(Parameters):
    """The settings of the paper are the defaults; a comment says where each stands."""

    topics: Annotated[Count, Field(ge=2)] = 50


class ${Class}(Study):
    """The study; see the module's docstring."""

    name = "$name"
    paper = Paper(
        title="$title",
        authors="Authors",
        venue="Venue",
        arxiv="0000.00000",
        question="Is the method better than the baseline?",
    )
    Parameters = ${Class}Parameters

    def units(self, parameters: ${Class}Parameters) -> list[Unit]:
        measured = [
            Unit(
                f"measure/{system}",
                measure_system,
                {"system": system, "gain": gain, "topics": parameters.topics},
                seed=seed_for(self.name, system, "made-up"),
            )
            for system, gain in SYSTEMS.items()
        ]
        needs = {system: f"measure/{system}" for system in SYSTEMS}
        return [*measured, Unit("compare", compare_systems, {"systems": list(SYSTEMS)}, needs)]

    def collect(self, parameters: ${Class}Parameters, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "datasets": {"made-up": {"topics": {}}},
            "cells": [values[f"measure/{system}"] for system in SYSTEMS],
            "comparisons": values["compare"],
        }

    def tables(self, results: Any) -> list[TableSpec]:
        return [
            TableSpec(
                "table1",
                "Score of each system",
                [(system, {"system": system}) for system in results.cells.values("system")],
                ["score"],
                paper_table="Table 1",
                baseline={"system": "baseline"},
            )
        ]


STUDY = ${Class}()
'''

_UNITS = '''"""Units that measure one system each, and compare them."""

from __future__ import annotations

from typing import Any


def measure_system(context: Any, *, system: str, gain: float, topics: int) -> dict[str, Any]:
    """The cell of one system: a score by topic. Replace this by what the paper does."""
    import numpy as np

    scores = (gain + np.random.default_rng(context.seed).random(topics) * 0.8).round(6)
    return {
        "dataset": "made-up",
        "measure": "score",
        "factors": {"system": system},
        "value": float(scores.mean()),
        "n": topics,
        "samples": {f"t{i}": float(score) for i, score in enumerate(scores)},
    }


def compare_systems(context: Any, *, systems: list[str]) -> list[dict[str, Any]]:
    """Paired t-tests of every system against the first, Holm over all of them."""
    from reprise.evaluation.cells import Cell
    from reprise.evaluation.significance import compare_family

    first, *others = [Cell(**context.value(system)) for system in systems]
    compared = compare_family([(other, first) for other in others], family="systems against the baseline")
    return [comparison.to_dict() for comparison in compared]
'''

_CLAIMS = """# What the paper claims, a row a claim; the form of a row is in reprise.claims.claim.
study: $name
paper: {arxiv: "0000.00000", version: v1}

claims:
  - id: method-above-baseline
    claim: The method scores higher than the baseline.
    source: Table 1
    system: {system: method}
    than: {system: baseline}
    region: {above: 0}
    for_every: {dataset: all}
    refuted_by: a gain that is clearly below half of what the paper prints
"""

_PUBLISHED = """# Published numbers as they are printed; the format is in reprise.claims.published.
study: $name
topics: {made-up: 50}
tables:
  - source: "arXiv 0000.00000, Table 1"
    rows:
      - system: {system: baseline}
        made-up: {score: 0.4000}
      - system: {system: method}
        made-up: {score: 0.5000}
"""

_TEST = '''"""The units of $title, on sizes that can be worked out by hand."""

from reprise.studies.$name import STUDY


def test_every_system_is_measured_and_compared():
    units = STUDY.units(STUDY.Parameters(topics=2))
    assert [unit.name for unit in units] == ["measure/baseline", "measure/method", "compare"]
'''

_FILES = {
    "lib/reprise/studies/$name.py": _STUDY,
    "lib/reprise/studies/${name}_units/__init__.py": '"""Units of work of $title."""\n',
    "lib/reprise/studies/${name}_units/systems.py": _UNITS,
    "params/default/$name.yaml": "# The study's own defaults: the paper's settings.\n{}\n",
    "params/smoke/$name.yaml": "# Small enough for a minute on any machine.\ntopics: 5\n",
    "params/claims/$name.yaml": _CLAIMS,
    "params/published/$name.yaml": _PUBLISHED,
    "tests/studies/test_$name.py": _TEST,
}

_CELLS = [
    ("markdown", "# $title\n\nWhat the paper asks, and what is re-run here."),
    ("markdown", "## Claims\n\nWhat the paper says, in our words, claim by claim."),
    ("markdown", "## Parameters\n\nWhat can be changed; `None` leaves what the profile says."),
    ("parameters", 'profile = "default"\ntopics = None\nsettings = {}'),
    ("markdown", "## Setup\n\nMissing units are run here; what is there is reused."),
    (
        "code",
        "from reprise.report.reading import open_reading\n\n"
        'reading = open_reading("$name", profile, {"topics": topics}, settings)\nreading.card()',
    ),
    ("markdown", "The ledger: every claim, where it stands, and what the paper's own numbers show."),
    ("code", "reading.claims()"),
    ("markdown", "## Method\n\nThe method, with the formulas that the code follows."),
    ("markdown", "## Experiment 1: the method against the baseline\n\nWhat is compared, and how."),
    ("code", 'reading.table("table1")'),
    ("markdown", "What this says about the claim:"),
    ("code", 'reading.say("method-above-baseline")'),
    ("markdown", "## Reproducibility measures\n\nHow close ours come to the original."),
    ("code", "reading.reproducibility()"),
    ("markdown", "## Beyond the paper\n\nWhat the paper did not ask."),
    (
        "markdown",
        "## Deviations and threats\n\nWhat was done otherwise than in the paper, and what it may change.",
    ),
    ("markdown", "## Verdict\n\nClaim by claim."),
    ("code", "reading.verdicts()"),
    ("markdown", "## Provenance\n\nWhat the results were made from."),
    ("code", "reading.provenance()"),
]


def _notebook(words: dict[str, str]) -> str:
    cells = []
    for number, (kind, text) in enumerate(_CELLS):
        cell = {
            "cell_type": "markdown" if kind == "markdown" else "code",
            "id": f"{words['name'].replace('_', '-')}-{number}",
            "metadata": {"tags": ["parameters"]} if kind == "parameters" else {},
            "source": Template(text).substitute(words).splitlines(keepends=True),
        }
        cells.append(cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []})
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
