"""A fingerprint of the code that a unit's outcome can depend on, read from source and never by importing.

It covers the module of the unit's function and every module of the same package that it imports, directly or
through others, also inside functions. Sources are compared as syntax trees without docstrings, so comments,
layout and documentation change nothing. Left out: `reprise.errors` and `reprise.experiment`, which carry no
numbers, and modules that are imported under a computed name.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from reprise.errors import ParameterError

_NO_NUMBERS = ("reprise.errors", "reprise.experiment")


def code_hashes(module: str) -> dict[str, str]:
    """The hash of each source module behind `module`, by name, sorted.

    Raises `ParameterError` when `module` has no source file (a notebook cell, an interactive session).
    """
    if _file_of(module) is None:
        raise ParameterError(
            f"the code of {module!r} has no source file, so its results cannot be told apart",
            remedy="move the unit's function into a module",
        )
    roots = {"reprise", module.partition(".")[0]}
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name == "reprise" or _carries_no_numbers(name):
            continue
        file = _file_of(name)
        if file is None:
            continue
        stat = file.stat()
        digest, imports = _parse(file, name, stat.st_mtime_ns, stat.st_size)
        found[name] = digest
        waiting += [i for i in imports if i.partition(".")[0] in roots]
        if "." in name:  # importing a module runs its package's __init__ too
            waiting.append(name.rpartition(".")[0])
    return dict(sorted(found.items()))


def package_hashes(*packages: str) -> dict[str, str]:
    """The hash of every source module behind whole packages, by name, sorted."""
    found: dict[str, str] = {}
    for package in packages:
        above = _file_of(package)
        if above is not None:
            for file in above.parent.rglob("*.py"):
                inside = file.relative_to(above.parent).with_suffix("").parts
                found |= code_hashes(".".join([package, *(p for p in inside if p != "__init__")]))
    return dict(sorted(found.items()))


def normalised(source: str) -> str:
    """The source's syntax tree as text, without docstrings, comments and positions.

    >>> normalised("def f():\\n    'It adds.'\\n    return 1 + 1  # two") == normalised("def f(): return 1+1")
    True
    >>> normalised("K = 3") == normalised("K = 4")
    False
    """
    return ast.dump(_without_docstrings(ast.parse(source)))


def _carries_no_numbers(name: str) -> bool:
    return any(name == n or name.startswith(n + ".") for n in _NO_NUMBERS)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # a string anywhere in a body is documentation (attribute docstrings too) and has no effect
            node.body = [
                s
                for s in node.body
                if not (
                    isinstance(s, ast.Expr)
                    and isinstance(s.value, ast.Constant)
                    and isinstance(s.value.value, str)
                )
            ]
    return tree


@lru_cache(maxsize=4096)
def _parse(file: Path, name: str, mtime_ns: int, size: int) -> tuple[str, tuple[str, ...]]:
    """Hash and imports of one file; its time and size are arguments so that an edit is seen."""
    tree = ast.parse(file.read_bytes(), filename=str(file))
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    imports = tuple(sorted(set(_imports(tree, package))))
    digest = hashlib.sha256(ast.dump(_without_docstrings(tree)).encode()).hexdigest()[:16]
    return digest, imports


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - (node.level - 1)] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            # `from package import name` may name a module; what is none is dropped when no file is found
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _file_of(module: str) -> Path | None:
    """The source file of a module; a submodule is looked up beside its package, without importing it."""
    loaded = getattr(sys.modules.get(module), "__file__", None)
    if loaded:
        return Path(loaded) if loaded.endswith(".py") and Path(loaded).is_file() else None
    parent, _, last = module.rpartition(".")
    if parent:
        above = _file_of(parent)
        if above is None or above.name != "__init__.py":
            return None
        candidates = (above.parent / f"{last}.py", above.parent / last / "__init__.py")
        return next((c for c in candidates if c.is_file()), None)
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
