"""The hash of a syntax tree, the same on every version of Python that parses it alike.

`ast.dump` is not: fields come and go with versions, and so does the way in which f-strings are cut. Left out
are positions, comments, docstrings, and where an import takes a name from: that is said beside the tree, by
the definition that the name leads to (`names`).
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

_LEFT_OUT = {"ctx", "kind", "type_comment"}  # the first follows from the place, the others mean nothing


def tree_digest(node: ast.AST, imports: Mapping[int, int] | None = None) -> str:
    """16 hexadecimal digits; `imports` numbers the names that are imported within, by the `id` of their node.

    >>> documented = ast.parse("def f():\\n  'It adds.'\\n  return 1+1  # two")
    >>> tree_digest(documented) == tree_digest(ast.parse("def f(): return 1 + 1"))
    True
    >>> tree_digest(ast.parse("K = 3")) == tree_digest(ast.parse("K = 4"))
    False
    """
    text = "".join(_tokens(node, imports or {}))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _tokens(value: Any, imports: Mapping[int, int]) -> Iterator[str]:
    if isinstance(value, ast.Constant):
        yield f"{type(value.value).__name__}:{value.value!a};"
    elif isinstance(value, ast.Import | ast.ImportFrom):
        yield "import"
        yield "".join(f"({bound_name(alias)!a}@{imports.get(id(alias), '')})" for alias in value.names)
    elif isinstance(value, ast.AST):
        yield f"{type(value).__name__}("
        for name in value._fields:
            content = getattr(value, name, None)
            if isinstance(value, ast.JoinedStr) and name == "values":
                content = _joined(content)
            if name not in _LEFT_OUT and content is not None and content != []:
                yield f"{name}="
                yield from _tokens(content, imports)
        yield ")"
    elif isinstance(value, list):
        yield "["
        for item in value:
            if not is_documentation(item):
                yield from _tokens(item, imports)
        yield "]"
    else:
        yield f"{value!a};"


def bound_name(alias: ast.alias) -> str:
    """The name that an import binds: `a` for `import a.b`, `c` for `import a.b as c`."""
    return alias.asname or alias.name.partition(".")[0]


def is_documentation(item: Any) -> bool:
    """Whether a statement is a string that nobody uses: a docstring, of an attribute too."""
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string with neighbouring texts as one, as some versions leave them in pieces."""
    merged: list[ast.expr] = []
    for part in parts:
        if isinstance(part, ast.Constant) and merged and isinstance(merged[-1], ast.Constant):
            merged[-1] = ast.Constant(merged[-1].value + part.value)
        else:
            merged.append(part)
    return [part for part in merged if not (isinstance(part, ast.Constant) and part.value == "")]
