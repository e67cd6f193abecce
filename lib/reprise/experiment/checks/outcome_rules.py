"""What a finished run left: results.json, its manifest, the executed notebook, tables and figures."""

from __future__ import annotations

import getpass
import html
import importlib.util
import json
import math
import re
import socket
from collections.abc import Iterator
from typing import Any

from reprise.claims.verdict import NOT_TESTABLE
from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.checks.file_rules import unknown_factors
from reprise.experiment.checks.notebook_rules import typed_numbers
from reprise.experiment.checks.outcome import Outcome
from reprise.experiment.notebook_clean import local_paths
from reprise.experiment.publish import read_manifest, tampered_files
from reprise.experiment.results import DECIMALS, Results

_LOCAL = re.compile(
    r"(?<![\w.:/<~-])(?<!<cache>)(?<!<environment>)(?<!<python>)"
    r"/(?:home|root|tmp|usr|var|opt|mnt|srv|Users|private)/[\w.-]"
)
_COMPARED = ("n", "test", "correction", "family", "p", "p_adjusted", "difference", "interval")


def check_cells(outcome: Outcome) -> list[str]:
    """Every cell is whole: known dataset, text factors, finite, rounded, n equal to the number of samples."""
    found, datasets = [], set(outcome.results.datasets)
    seen: set[tuple[object, ...]] = set()
    for cell in outcome.results.body.get("cells", []):
        where = f"{cell.get('dataset')}, {cell.get('measure')}, {cell.get('factors')}"
        if cell.get("dataset") not in datasets:
            found.append(f"{where}: the dataset is not described under datasets")
        if not all(isinstance(v, str) for v in cell["factors"].values()):
            found.append(f"{where}: a factor is no text")
        numbers = [cell["value"], *cell.get("samples", {}).values()]
        if not all(math.isfinite(v) and round(v, DECIMALS) == v for v in numbers):
            found.append(f"{where}: a value is not finite or not rounded")
        if cell.get("samples") and cell.get("n") != len(cell["samples"]):
            found.append(f"{where}: n is {cell.get('n')}, there are {len(cell['samples'])} samples")
        key = (cell["dataset"], cell["measure"], *sorted(cell["factors"].items()))
        found += [f"{where}: the cell stands twice"] if key in seen else []
        seen.add(key)
    return found if seen else ["there are no cells"]


def check_comparisons(outcome: Outcome) -> list[str]:
    """Every reported test says n, test, correction and family."""
    return [
        f"the comparison of {c.get('left')} and {c.get('right')} does not say {name}"
        for c in outcome.results.comparisons
        for name in _COMPARED
        if c.get(name) in (None, "")
    ]


def check_manifest(outcome: Outcome) -> list[str]:
    """The manifest vouches for results, notebook and report, and says what every unit was made from."""
    manifest = read_manifest(outcome.folder)
    if manifest is None:
        return ["there is no manifest"]
    found = [
        f"the part {part!r} is missing"
        for part in ("results", "notebook", "report")
        if part not in manifest["parts"]
    ]
    found += [f"{name} differs from the manifest" for name in tampered_files(outcome.folder, manifest)]
    wanted = (
        "platform",
        "research goal",
        "implementation",
        "method",
        "data",
        "units",
        "wall_seconds",
        "created",
    )
    found += [f"the manifest does not say {name!r}" for name in wanted if name not in manifest]
    for name, unit in manifest.get("units", {}).items():
        lacking = [
            k
            for k in ("key", "function", "code", "seed", "threads", "value", "wall_seconds")
            if k not in unit
        ]
        found += [f"unit {name}: the manifest does not say {', '.join(lacking)}"] if lacking else []
    return found


def check_nothing_private(outcome: Outcome) -> list[str]:
    """No absolute path, user name or host name in anything that is published."""
    private = {folder for folder, _ in local_paths(outcome.files.root)} | {socket.gethostname(), _user()}
    found = []
    for file in sorted(p for p in outcome.folder.rglob("*") if p.is_file()):
        text = file.read_bytes().decode("utf-8", errors="ignore")
        if file.suffix in (".png", ".pdf"):
            continue
        name = file.relative_to(outcome.folder).as_posix()
        found += [
            f"{name} names {p!r}"
            for p in private
            if len(p) > 3 and re.search(rf"(?<![\w.]){re.escape(p)}\b", text)
        ]
        found += [f"{name} has a path of this machine: {m[0]}" for m in [_LOCAL.search(text)] if m]
    return found


def check_notebook_was_executed(outcome: Outcome) -> list[str]:
    """Every code cell ran, in order, without an error and without a word on stderr."""
    code = [c for c in outcome.notebook["cells"] if c["cell_type"] == "code"]
    counts = [c.get("execution_count") for c in code if "".join(c["source"]).strip()]
    found = [] if counts == list(range(1, len(counts) + 1)) else [f"its cells were executed as {counts}"]
    for number, output in ((i, o) for i, c in enumerate(code, 1) for o in c.get("outputs", [])):
        if output["output_type"] == "error":
            found.append(f"code cell {number} ended with {output.get('ename')}")
        if output.get("name") == "stderr":
            found.append(f"code cell {number} wrote on stderr: {''.join(output['text'])[:100]!r}")
    return found


def check_every_claim_has_a_verdict(outcome: Outcome) -> list[str]:
    """On both sources, with a sentence; on smoke not meaningful; testable on one unless it says why not."""
    by_claim = {claim.id: [v for v in outcome.verdicts if v.id == claim.id] for claim in outcome.ledger}
    known = Cells([*outcome.published, *outcome.results.cells])
    found = []
    for claim in outcome.ledger:
        verdicts = by_claim[claim.id]
        if [v.judged_on for v in verdicts] != ["published", "ours"] or not all(v.text for v in verdicts):
            found.append(f"{claim.id}: there are not two verdicts with a sentence")
        found += [
            f"{claim.id}: its verdict on the smoke profile is not marked"
            for v in verdicts
            if v.judged_on == "ours" and v.profile == "smoke" and v.meaningful
        ]
        found += [f"{claim.id}: no cell has the factor {name!r}" for name in unknown_factors(claim, known)]
        limited = outcome.results.profile not in claim.profiles
        # what was found and is too little to be tested (three seeds, one timing) has its lines all the same
        nothing = not any(v.lines for v in verdicts) and all(v.verdict == NOT_TESTABLE for v in verdicts)
        if nothing and not limited and claim.contrast != "value":
            found.append(f"{claim.id}: can be judged neither on the paper's numbers nor on ours")
    return found


def check_claims_are_shown(outcome: Outcome) -> list[str]:
    """The executed notebook shows every claim, by its id or its words."""
    shown = html.unescape(
        json.dumps([c.get("outputs") for c in outcome.notebook["cells"]], ensure_ascii=False)
    )
    return [
        f"the notebook never shows {c.id}"
        for c in outcome.ledger
        if c.id not in shown and c.claim not in shown
    ]


def check_tables_and_figures(outcome: Outcome) -> list[str]:
    """Every row of every table picks its cells, one a column; the notebook shows all, and nothing else."""
    study, found = outcome.files.study, []
    tables, figures = study.tables(outcome.results), study.figures(outcome.results)
    for table in tables:
        found += [f"the table {table.name!r}: {problem}" for problem in _table_problems(outcome, table)]
    for figure in figures:
        if importlib.util.find_spec(f"reprise.report.plots.{figure.plot}") is None:
            found.append(f"the figure {figure.name!r} is of the unknown plot {figure.plot!r}")
        if not figure.caption:
            found.append(f"the figure {figure.name!r} has no caption")
    published = {table.name for table in study.tables(outcome.as_ours(outcome.published))}
    for kind, specs, others in (("table", tables, published), ("figure", figures, set())):
        known = {spec.name for spec in specs}
        named = {a[0] for method in (kind, f"published_{kind}") for a in outcome.files.calls(method) if a}
        unknown = named - known - others
        found += [f"the notebook shows a {kind} {name!r}, which the study does not have" for name in unknown]
        unseen = known - outcome.files.strings
        found += [f"the notebook never shows the {kind} {name!r}" for name in unseen]
        written = {file.stem for file in (outcome.folder / f"{kind}s").glob("*")}
        found += [f"the {kind} {name!r} was not written" for name in known - written]
    return sorted(found)


def check_prose_has_no_results(outcome: Outcome) -> list[str]:
    """No number stands typed in the notebook's prose that results.json or the published tables have."""
    values = [*_numbers(outcome.results), *(c.value for c in outcome.published)]
    return [
        f"{cell} has {number} typed, which is a number of the results"
        for cell in outcome.files.markdown
        for number in typed_numbers(cell)
        if _is_among(number, values)
    ]


OUTCOME_CHECKS = (
    check_cells,
    check_comparisons,
    check_manifest,
    check_nothing_private,
    check_notebook_was_executed,
    check_every_claim_has_a_verdict,
    check_claims_are_shown,
    check_tables_and_figures,
    check_prose_has_no_results,
)


def _table_problems(outcome: Outcome, table: Any) -> Iterator[str]:
    try:
        cells = outcome.results.cells_of(getattr(table, "cells", "cells"))
    except ParameterError as error:
        yield str(error)
        return
    if not table.caption:
        yield "it has no caption"
    if unknown := set(table.measures) - set(cells.values("measure")):
        yield f"there is no measure {', '.join(sorted(unknown))}"
    if not any(factors for _, factors in table.rows):
        yield "it has no rows"
    for label, factors in table.rows:
        picked = cells.select(**factors) if factors else ()
        if factors and not len(picked):
            yield f"the row {label!r} picks no cell"
        for dataset in cells.values("dataset"):
            for measure in table.measures:
                if factors and len(picked.select(dataset=dataset, measure=measure)) > 1:
                    yield f"the row {label!r} picks several cells on {dataset} by {measure}"


def _numbers(results: Results) -> Iterator[float]:
    """Numbers that a run found: of every key but the parameters, without values by topic."""

    def walk(value: Any) -> Iterator[float]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in ("samples", "topics", "parameters", "fingerprint"):
                    yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)

    yield from walk(dict(results.body))


def _is_among(typed: str, values: list[float]) -> bool:
    """Whether a typed number is one of the values at the digits that it has, or is it as a percentage."""
    digits = typed.rstrip("% ").replace(",", "")
    number, decimals = float(digits), len(digits.partition(".")[2])
    if decimals == 0 and "%" not in typed:
        return number in values
    scales = (1, 100) if "%" in typed else (1,)
    return any(abs(round(v * scale, decimals) - number) < 1e-9 for v in values for scale in scales)


def _user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        return ""
    return "" if name == "root" else name  # too plain a word to look for
