"""Judgement files: BEIR's three columns (query, document, grade) or TREC's four (query, 0, document, grade).

Columns are parted by tabs, or by blanks where a line has no tab. A first line without any number is a header.
A grade is a whole number, "1.0" too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reprise.data.assemble import Judgement
from reprise.data.collection_files import Files, read_lines
from reprise.errors import InputError

SUFFIXES = (".tsv", ".txt", ".qrels")
"""Endings of a split's file, which may be gzipped."""

_GRADE = re.compile(r"([+-]?[0-9]{1,9})(?:\.0*)?")
FORM = "query id, document id and grade, or TREC's four columns, with tabs between them"


def split_files(files: Files) -> dict[str, str]:
    """Split -> its file under `qrels`, without .gz; `InputError` when a split has two."""
    found: dict[str, str] = {}
    for path in sorted(files):
        name = path.removesuffix(".gz")
        if not path.startswith("qrels/") or not name.endswith(SUFFIXES):
            continue
        split = name.removeprefix("qrels/").rpartition(".")[0]
        if found.setdefault(split, name) != name:
            raise InputError(
                f"{found[split]} and {name} are both judgements of the split {split!r}",
                remedy="remove one of them",
            )
    return found


def read_judgements(files: Files, name: str) -> Iterator[Judgement]:
    """The judgements in a file; `InputError`, with the line, for one that is not of this form."""
    width = 0
    for where, line in read_lines(files, name):
        columns = [c.strip() for c in (line.split("\t") if "\t" in line else line.split())]
        if len(columns) not in (3, 4) or (width and len(columns) != width):
            raise InputError(f"{where} has {len(columns)} columns", given=line, remedy=f"give {FORM}")
        if not width:
            width = len(columns)
            if not any(map(_is_number, columns)):  # a header; columns in another order are none
                _check_order(columns, where)
                continue
        if not (grade := _GRADE.fullmatch(columns[-1])):
            raise InputError(
                f"{where}: the grade is not a whole number of at most nine digits",
                given=columns,
                remedy=f"give {FORM}, in this order",
            )
        if not columns[0] or not columns[-2]:
            raise InputError(f"{where}: an id is empty", given=columns, remedy=f"give {FORM}")
        yield Judgement(where, columns[0], columns[-2], int(grade[1]))


def _is_number(column: str) -> bool:
    try:
        float(column)
    except ValueError:
        return False
    return True


def _check_order(header: list[str], where: str) -> None:
    if header[0].lower().startswith(("corpus", "doc")):
        raise InputError(
            f"{where}: the columns are in the wrong order",
            given=header,
            remedy="query id, document id, grade",
        )
