"""A study's files as the checks see them: its notebook cell by cell, and where the rest lies."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reprise.experiment.study import Study


@dataclass(frozen=True)
class NotebookCell:
    """One cell: `kind` is "markdown" or "code", `section` the title of the section that it stands in."""

    number: int
    kind: str
    text: str
    section: str
    raw: dict[str, Any]

    @property
    def tags(self) -> list[str]:
        return self.raw.get("metadata", {}).get("tags", [])

    @property
    def lines(self) -> list[str]:
        """Its lines that are not blank."""
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def tree(self) -> ast.Module | None:
        """Its syntax tree; None when it is no Python."""
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return None

    def __str__(self) -> str:
        first = self.lines[0].strip() if self.lines else ""
        return f"cell {self.number} ({first[:40]})"


@dataclass(frozen=True)
class StudyFiles:
    """A study in a project."""

    study: Study
    root: Path

    @property
    def name(self) -> str:
        return self.study.name

    def params(self, kind: str) -> Path:
        """params/<kind>/<study>.yaml."""
        return self.root / "params" / kind / f"{self.name}.yaml"

    @property
    def notebook_file(self) -> Path:
        return self.root / "notebooks" / f"{self.name}.ipynb"

    @cached_property
    def notebook(self) -> dict[str, Any]:
        """The notebook as it is stored; without cells when there is none that can be read."""
        try:
            return json.loads(self.notebook_file.read_bytes())
        except (OSError, ValueError):
            return {"cells": []}

    @cached_property
    def cells(self) -> list[NotebookCell]:
        """Its cells, each with its section."""
        found, section = [], ""
        for number, raw in enumerate(self.notebook["cells"]):
            text = raw["source"] if isinstance(raw["source"], str) else "".join(raw["source"])
            if raw["cell_type"] == "markdown" and (titles := re.findall(r"^## (.+)$", text, re.MULTILINE)):
                section = titles[-1].strip()
            found.append(NotebookCell(number, raw["cell_type"], text, section, raw))
        return found

    @property
    def code(self) -> list[NotebookCell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def markdown(self) -> list[NotebookCell]:
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @cached_property
    def strings(self) -> set[str]:
        """Every text that stands in the notebook's code."""
        nodes = (node for cell in self.code for node in ast.walk(cell.tree or ast.Module([], [])))
        return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}

    def calls(self, method: str) -> Iterator[list[Any]]:
        """The plain arguments of every call `reading.<method>(...)` in the notebook, in order."""
        for cell in self.code:
            for node in ast.walk(cell.tree or ast.Module([], [])):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == method
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "reading"
                ):
                    yield [a.value for a in node.args if isinstance(a, ast.Constant)]
