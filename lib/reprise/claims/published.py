"""Published numbers: a paper's tables as cells, each with its source, marks and printed digits.

A file (params/published/<study>.yaml) holds tables, a table rows, a row a system with its numbers by
dataset and measure. A number stands as printed, then its marks: `0.4345 ^b`. The digits are kept,
because equality with a printed number means equality at the digits that were printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reprise.claims.files import params_file
from reprise.data.yaml_files import read_yaml
from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells

MARKS = {"^": "vs_no_prf", "*": "vs_pre_or_post", "b": "bold", "s": "significant"}
"""Letters after a number and what they say; "s" is for papers with a single kind of significance mark."""

_NUMBER = re.compile(r"(-?\d*\.?\d+)(?: ([^\s]+))?")


def load_published(study: str, root: Path | str | None = None) -> Cells:
    """The published cells of a study; an empty set when the study has no such file.

    Raises `InputError`, naming the row, for what is not a number, an unknown mark or a repeated cell.
    """
    try:
        path = params_file("published", study, root)
    except InputError:
        return Cells([])
    return read_published(path)


def read_published(path: Path) -> Cells:
    """The cells of one file of published numbers."""
    body = read_yaml(path, keep_text=True)
    if not isinstance(body, Mapping) or not isinstance(body.get("tables"), list) or not body["tables"]:
        raise InputError(f"{path.name} has no tables")
    if body.get("study", path.stem) != path.stem:
        raise InputError(f"{path.name} holds the numbers of another study", given=body["study"])
    topics = _topics(body.get("topics", {}), path.name)
    cells: dict[tuple[object, ...], Cell] = {}
    for table in body["tables"]:
        if not isinstance(table, Mapping) or not table.get("source") or not table.get("rows"):
            raise InputError(f"{path.name}: a table needs a source and rows", given=table)
        for row in table["rows"]:
            for cell in _row(row, table["source"], topics, path.name):
                key = (cell.dataset, cell.measure, *sorted(cell.factors.items()))
                if key in cells:
                    raise InputError(f"{path.name}: a cell stands twice", given=key)
                cells[key] = cell
    return Cells(cells.values())


def _topics(given: Any, file: str) -> dict[str, int]:
    try:
        return {name: int(number) for name, number in given.items()}
    except (AttributeError, TypeError, ValueError):
        raise InputError(f"{file}: topics must map a dataset to their number", given=given) from None


def _row(row: Any, source: str, topics: Mapping[str, int], file: str) -> Iterator[Cell]:
    system = row.get("system") if isinstance(row, Mapping) else None
    if not isinstance(system, Mapping) or not system:
        raise InputError(f"{file}: a row has no system", given=row)
    for dataset, numbers in row.items():
        if dataset == "system":
            continue
        if not isinstance(numbers, Mapping):
            raise InputError(f"{file}: {system} on {dataset} has no measures", given=numbers)
        for measure, printed in numbers.items():
            where = f"{file}: {system} on {dataset}, {measure}"
            match = _NUMBER.fullmatch(str(printed))
            if not match:
                raise InputError(f"{where} is not a number with marks", given=printed)
            unknown = [letter for letter in match[2] or "" if letter not in MARKS]
            if unknown:
                raise InputError(
                    f"{where} has an unknown mark", given=unknown[0], remedy=f"known are {MARKS}"
                )
            yield Cell(
                dataset,
                measure,
                dict(system),
                float(match[1]),
                topics.get(dataset),
                source=source,
                marks=tuple(MARKS[letter] for letter in match[2] or ""),
                decimals=len(match[1].partition(".")[2]),
            )
