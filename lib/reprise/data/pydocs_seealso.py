"""See Also in docstrings: what it says of other objects, and the docstring without it.

Four forms are read: numpydoc's underlined section, Google's `See Also:` block, Sphinx' `.. seealso::`,
and "see also" inside running text. The first three may describe the objects they name; a description that
stands for several objects at once describes none of them. From running text only the names are taken.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Reference(NamedTuple):
    """One entry: the names as they are written, and what is said of them ("" when nothing is)."""

    names: tuple[str, ...]
    description: str


_ROLE = re.compile(r":[\w:+-]*:`([^`<>]*)(?:<([^`<>]*)>)?`")
_NAME = r"(?:(?::[\w:]+:)?`{1,2}~?[\w.~\-]+(?:\(\))?`{1,2}|~?\.?[A-Za-z_][\w.]*(?:\(\))?)"
_ENTRY = re.compile(rf"(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)\s*,?(?:\s*(?::|\s--?\s)\s*(?P<text>\S.*)?)?$")
_ROLE_ENTRY = re.compile(r"(?P<names>:[\w:]+:`[^`]+`)\s+(?P<text>\S.*)$")
_UNDERLINE = re.compile(r"\s*([-=~])\1{2,}\s*$")
_HEADER = re.compile(r"\s*(?:\*\*)?See [Aa]lso:?(?:\*\*)?\s*$")
_DIRECTIVE = re.compile(r"\s*\.\. (?:seealso|see also)::?\s*(.*)$", re.IGNORECASE)
_INLINE = re.compile(
    r"\([^()]*\bsee also\b[^()]*(?:\([^()]*\)[^()]*)*\)"
    r"|\bsee also\b.*?(?:[.!?](?=\s|$)|(?=\n\s*\n)|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def split_see_also(text: str) -> tuple[str, list[Reference]]:
    r"""The docstring without its See Also, and the references that stood there.

    >>> split_see_also("Add.\n\nSee Also\n--------\nsum : Add up\n    many numbers.\n\nNotes\n-----\nNo.")
    ('Add.\n\nNotes\n-----\nNo.', [Reference(names=('sum',), description='Add up many numbers.')])
    """
    lines = text.split("\n")
    kept: list[str] = []
    references: list[Reference] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _HEADER.match(line) and at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]):
            end = _next_section(lines, at + 2)
            references += _entries(lines[at + 2 : end])
        elif _HEADER.match(line):
            end = _indented(lines, at)
            references += _entries(lines[at + 1 : end])
        elif directive := _DIRECTIVE.match(line):
            end = _indented(lines, at)
            block = lines[at + 1 : end]
            references += _entries([" " * _depth(block) + directive[1], *block])
        else:
            kept.append(line)
            at += 1
            continue
        at = end
    rest = "\n".join(kept)
    for found in _INLINE.finditer(rest):
        references += [Reference((name,), "") for name in _names(found[0], marked_only=True)]
    return _INLINE.sub("", rest).strip(), references


def plain(text: str) -> str:
    """A description without markup: roles, back quotes and line ends.

    >>> plain("Like :func:`~scipy.linalg.svd`, but ``lazy``.")
    'Like svd, but lazy.'
    """
    text = _ROLE.sub(lambda m: m[1].rpartition(".")[2] if m[1].startswith("~") else m[1].strip(), text)
    text = re.sub(r"`([^`<>]*)<[^`<>]*>`_+", r"\1", text)
    text = re.sub(r"\[\w+\]_|[`*]+|\\ ", "", text)
    return " ".join(text.split())


def _entries(block: list[str]) -> list[Reference]:
    entries: list[Reference] = []
    indent = _depth(block)
    names: list[str] = []
    said: list[str] = []
    open_list = False  # a list of names that goes on on the next line

    def close() -> None:
        if names:
            text = re.sub(r"^(?:for|:|-+)\s+", "", plain(" ".join(said)))
            entries.append(Reference(tuple(names), text))
        names.clear()
        said.clear()

    for raw in block:
        line = raw.strip()
        if not line:
            continue
        outer = len(raw) - len(raw.lstrip()) <= indent
        line = re.sub(r"^[-*]\s+", "", line) if outer else line
        entry = _ENTRY.match(line) or _ROLE_ENTRY.match(line)
        if (outer or open_list) and entry:
            if not open_list:
                close()
            names += _names(entry["names"])
            said += [entry["text"]] if entry["text"] else []
            open_list = line.endswith(",") and not entry["text"]
        elif names and (not outer or (said and not said[-1].endswith("."))):  # a sentence that goes on
            said.append(line)
        else:  # prose between the entries
            close()
            entries += [Reference((name,), "") for name in _names(line, marked_only=True)]
    close()
    return entries


def _depth(block: list[str]) -> int:
    return min((len(line) - len(line.lstrip()) for line in block if line.strip()), default=0)


def _names(text: str, *, marked_only: bool = False) -> list[str]:
    marked = r":[\w:]+:`~?[^`]+`|`{1,2}~?[\w.]+(?:\(\))?`{1,2}"
    found = re.findall(marked if marked_only else _NAME, text)
    cleaned = [re.sub(r"^:[\w:]+:", "", name).strip("`~.").removesuffix("()") for name in found]
    cleaned = [re.sub(r".*<(.*)>", r"\1", name).strip("~. ") for name in cleaned]
    return [name for name in cleaned if re.fullmatch(r"[\w.]+", name)]


def _next_section(lines: list[str], start: int) -> int:
    for at in range(start, len(lines) - 1):
        if lines[at].strip() and _UNDERLINE.match(lines[at + 1]):
            return at
        if re.match(r"\.\. (?!seealso)\w+::", lines[at]):
            return at
    return len(lines)


def _indented(lines: list[str], header: int) -> int:
    depth = len(lines[header]) - len(lines[header].lstrip())
    for at in range(header + 1, len(lines)):
        line = lines[at]
        if line.strip() and len(line) - len(line.lstrip()) <= depth:
            return at
    return len(lines)
