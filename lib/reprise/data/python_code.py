"""Source text of functions of installed packages, without their docstrings: code as people wrote it.

The packages are those of pydocs, found and read in the same way: from their source, never by importing them.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from reprise.data.pydocs_source import SKIPPED_PARTS, Source, find_package


class Function(NamedTuple):
    """A function at the top of a module: its dotted name, and its lines from `def` on, without the
    docstring."""

    name: str
    lines: tuple[str, ...]


def read_functions(source: Source, least: int = 1) -> Iterator[Function]:
    """The functions of a package that have at least so many lines, in the order of their modules.

    Raises `EnvironmentNotReady` when the package is not installed.
    """
    folder = find_package(source)
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if SKIPPED_PARTS & set(parts):
            continue
        module = ".".join([source.package, *parts])
        for function in functions_in(module, path.read_text(encoding="utf-8", errors="replace")):
            if len(function.lines) >= least:
                yield function


def functions_in(module: str, code: str) -> list[Function]:
    """The functions at the top of a module's source text.

    >>> functions_in("m", 'def f(x):\\n    "Doc."\\n    return x\\n')
    [Function(name='m.f', lines=('def f(x):', '    return x'))]
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # an odd escape in somebody's string
        tree = ast.parse(code)
    lines, found = code.splitlines(), []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.body:
            first = node.body[0]
            documented = ast.get_docstring(node, clean=False) is not None
            left_out = range(first.lineno, first.end_lineno + 1) if documented else range(0)
            kept = [lines[n - 1] for n in range(node.lineno, node.end_lineno + 1) if n not in left_out]
            found.append(Function(f"{module}.{node.name}", tuple(line for line in kept if line.strip())))
    return found
