"""How a study's notebook is built: its sections, its cells, its prose. Nothing is executed for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

from reprise.experiment.checks.files import NotebookCell, StudyFiles

SECTIONS = (
    "Claims",
    "Parameters",
    "Setup",
    "Method",
    "Experiment",
    "Reproducibility measures",
    "Beyond the paper",
    "Deviations and threats",
    "Verdict",
    "Provenance",
)
"""The H2 titles in their order; "Experiment" stands for one or more "Experiment k: ..."."""

WITHOUT_A_PAPER = {"Claims", "Method", "Reproducibility measures", "Beyond the paper", "Verdict"}
"""Sections that a study may leave out when it re-runs no paper."""

SHOWN = ("card", "claims", "reproducibility", "verdicts", "provenance")
"""What every notebook of a paper shows; without a paper, the last of them."""

MAX_CELL, MEDIAN_CELL, MAX_LINE, MARKDOWN_SHARE = 12, 4, 88, 0.45

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FORBIDDEN = {
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.Lambda: "a function",
    ast.ClassDef: "a class",
    ast.Try: "a try",
    ast.TryStar: "a try",
}
_PLOTTING = {"matplotlib", "pylab", "seaborn", "plotly", "altair", "bokeh"}


def check_it_is_a_notebook(files: StudyFiles) -> list[str]:
    """notebooks/<study>.ipynb is there, valid, stored without outputs, for the kernel python3."""
    import nbformat

    if not files.notebook_file.is_file():
        return [f"there is no notebooks/{files.notebook_file.name}"]
    try:
        nbformat.validate(nbformat.from_dict(files.notebook))
    except nbformat.ValidationError as error:
        return [f"it is no valid notebook: {str(error).splitlines()[0]}"]
    found = [f"{c} is stored with outputs" for c in files.code if c.raw.get("outputs")]
    found += [f"{c} has an execution count" for c in files.code if c.raw.get("execution_count") is not None]
    kernel = files.notebook.get("metadata", {}).get("kernelspec", {}).get("name")
    return found + ([] if kernel == "python3" else [f"its kernel is {kernel!r}, not 'python3'"])


def check_sections(files: StudyFiles) -> list[str]:
    """One H1 title first, then the sections of the house in their order; experiments are numbered."""
    text = "\n".join(cell.text for cell in files.markdown)
    ones = re.findall(r"^# (.+)$", text, re.MULTILINE)
    found = [] if len(ones) == 1 else [f"it has {len(ones)} titles (H1), it needs one"]
    if files.cells and not files.cells[0].text.startswith("# "):
        found.append("its first cell is not the title")
    titles = [t.strip() for t in re.findall(r"^## (.+)$", text, re.MULTILINE)]
    numbers = [int(m[1]) for t in titles if (m := re.fullmatch(r"Experiment (\d+): .+", t))]
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"its experiments are numbered {numbers}")
    seen = [re.sub(r"^Experiment \d+: .+", "Experiment", title) for title in titles]
    unknown = [title for title in seen if title not in SECTIONS]
    found += [f"there is no section {title!r} in the order of the house" for title in unknown]
    # Experiments follow each other; any other title that comes twice is out of order.
    order = [t for i, t in enumerate(seen) if t in SECTIONS and not (t == "Experiment" and t in seen[:i])]
    ranks = [SECTIONS.index(title) for title in order]
    if any(b <= a for a, b in pairwise(ranks)):
        found.append(f"its sections are not in the order of the house: {', '.join(order)}")
    optional = set() if files.study.paper else WITHOUT_A_PAPER
    return found + [f"the section {t!r} is missing" for t in SECTIONS if t not in seen and t not in optional]


def check_nothing_is_defined(files: StudyFiles) -> list[str]:
    """No functions, classes, try or nested loops, and no plotting code."""
    found = []
    for cell in files.code:
        if cell.tree is None:
            found.append(f"{cell} is no Python")
            continue
        for node in ast.walk(cell.tree):
            found += [f"{cell} has {what}" for kind, what in _FORBIDDEN.items() if isinstance(node, kind)]
            if isinstance(node, _LOOPS) and _loops_inside(node):
                found.append(f"{cell} has a loop in a loop")
        plotting = {name.partition(".")[0] for name in _imports(cell.tree)} & _PLOTTING
        found += [f"{cell} plots by itself ({name})" for name in sorted(plotting)]
    return found


def check_cells_are_short(files: StudyFiles) -> list[str]:
    """Code cells of at most 12 lines, 4 in the median, none wider than 88 characters."""
    lengths = [len(cell.lines) for cell in files.code]
    found = [
        f"{cell} has {n} lines, at most {MAX_CELL} are allowed"
        for cell, n in zip(files.code, lengths, strict=True)
        if n > MAX_CELL
    ]
    found += [
        f"{cell} has a line of {len(line)} characters, at most {MAX_LINE} are allowed"
        for cell in files.code
        for line in cell.lines
        if len(line) > MAX_LINE
    ]
    if lengths and median(lengths) > MEDIAN_CELL:
        found.append(f"its code cells have {median(lengths):g} lines in the median, above {MEDIAN_CELL}")
    return found


def check_it_is_prose_as_much_as_code(files: StudyFiles) -> list[str]:
    """At least 45 % Markdown cells, and a sentence between any two code cells outside the setup."""
    share = len(files.markdown) / max(len(files.cells), 1)
    found = [] if share >= MARKDOWN_SHARE else [f"only {share:.0%} of its cells are Markdown"]
    return found + [
        f"{second} follows another code cell without a sentence between them"
        for first, second in pairwise(files.cells)
        if (first.kind, second.kind) == ("code", "code") and second.section != "Setup"
    ]


def check_it_shows_what_every_notebook_shows(files: StudyFiles) -> list[str]:
    """The card, the claims, the measures, the verdicts and the provenance."""
    wanted = SHOWN if files.study.paper else SHOWN[-1:]
    return [f"it never shows reading.{name}()" for name in wanted if not list(files.calls(name))]


def check_prose_counts_nothing(files: StudyFiles) -> list[str]:
    """No "10 of 12" in prose: counts of what holds are generated from the verdicts."""
    return [
        f"{cell} counts by hand: {counted}"
        for cell in files.markdown
        for counted in re.findall(r"\b\d+ (?:of|out of) (?:the )?\d+\b|\b\d+/\d+\b", prose(cell))
    ]


NOTEBOOK_CHECKS = (
    check_it_is_a_notebook,
    check_sections,
    check_nothing_is_defined,
    check_cells_are_short,
    check_it_is_prose_as_much_as_code,
    check_it_shows_what_every_notebook_shows,
    check_prose_counts_nothing,
)


def prose(cell: NotebookCell) -> str:
    """A Markdown cell without code, formulas, addresses and numbers of papers."""
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$", " ", cell.text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)|https?://\S+|\b\d{4}\.\d{4,5}(?:v\d+)?\b", " ", text)


def typed_numbers(cell: NotebookCell) -> Iterable[str]:
    """Numbers of three digits and more in the prose of a cell; shorter ones are no measurements."""
    for number in re.findall(r"(?<![\w.@])\d[\d,]*(?:\.\d+)?\s?%?", prose(cell)):
        if len(re.sub(r"\D", "", number).lstrip("0")) >= 3:
            yield number.strip()


def _loops_inside(node: ast.AST) -> bool:
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) and (
        len(node.generators) > 1
    ):
        return True
    return any(isinstance(below, _LOOPS) for below in ast.walk(node) if below is not node)


def _imports(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
