"""One module: its statements, what each binds, reads and does, and what it imports; known from its text
alone.

Reading a module takes some milliseconds and all of them together a second, so what was found is kept in the
cache folder under the hash of the text (and of the code that reads it).
"""

from __future__ import annotations

import ast
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder, write_atomically
from reprise.errors import EnvironmentNotReady
from reprise.experiment.code.import_time import read_import_time
from reprise.experiment.code.names import bound_in, dotted, import_paths, read_names
from reprise.experiment.code.tree import bound_name, is_documentation, tree_digest


@dataclass(frozen=True)
class Piece:
    """A statement at the top of a module: the hash of its tree, and see `names.Names` and
    `import_time.ImportTime`."""

    digest: str
    reads: dict[str, tuple[str, str]]
    executes: list[str]
    wholes: list[str]
    acts: bool
    called: list[str]
    bases: list[str]


@dataclass(frozen=True)
class Module:
    """`binds` maps a name to the numbers of the pieces that bind it, `imports` to the paths it is imported
    from.

    `executes` are the paths that importing the module imports, `stars` those it takes every name from;
    `classes` maps a class to the names that its body binds.
    """

    pieces: list[Piece] = field(default_factory=list)
    binds: dict[str, list[int]] = field(default_factory=dict)
    imports: dict[str, list[str]] = field(default_factory=dict)
    executes: list[str] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    classes: dict[str, list[str]] = field(default_factory=dict)


def read_module(text: bytes, package: str, ours: frozenset[str]) -> Module:
    """The module of this text, whose relative imports start from `package`; see `names.read_names` for
    `ours`.

    Raises `SyntaxError` when it is no Python.
    """
    module = Module()
    for statement in _statements(ast.parse(text).body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _take_import(module, statement, package)
        elif not is_documentation(statement):
            for name in sorted(bound_in([statement])):
                module.binds.setdefault(name, []).append(len(module.pieces))
            module.pieces.append(read_piece(statement, package, ours))
            module.executes.extend(_executed(statement, package))
            if isinstance(statement, ast.ClassDef):
                module.classes.setdefault(statement.name, []).extend(sorted(bound_in(statement.body)))
    return module


def read_piece(statement: ast.stmt, package: str, ours: frozenset[str]) -> Piece:
    """What one statement is, reads and does."""
    names, doing = read_names(statement, package, ours), read_import_time(statement)
    return Piece(
        tree_digest(statement, names.imports),
        dict(sorted(names.reads.items())),
        names.executes,
        sorted(names.wholes),
        doing.acts,
        sorted(doing.called),
        sorted(doing.bases),
    )


def load_module(text: bytes, package: str, ours: frozenset[str]) -> Module:
    """The same as `read_module`, remembered in the cache folder."""
    known = hashlib.sha256("\0".join([_reader(), package, *sorted(ours), ""]).encode() + text).hexdigest()
    file = cache_folder() / "code" / f"{known[:32]}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _from_json(json.loads(file.read_bytes()))
    module = read_module(text, package, ours)
    with suppress(EnvironmentNotReady):  # where nothing can be written, it is read again the next time
        write_atomically(file, json.dumps(asdict(module), separators=(",", ":")).encode())
    return module


def _from_json(content: dict[str, Any]) -> Module:
    pieces = [Piece(**piece) for piece in content.pop("pieces")]
    return Module(pieces, **content)


@cache
def _reader() -> str:
    """The hash of the code that reads modules: what another version of it found is not taken."""
    here = Path(__file__).parent
    texts = [(here / f"{name}.py").read_bytes() for name in ("tree", "names", "import_time", "module")]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements as they are at run time: what is for type checkers only is left out."""
    found = []
    for statement in body:
        if isinstance(statement, ast.If) and (dotted(statement.test) or "").endswith("TYPE_CHECKING"):
            found += _statements(statement.orelse)
        elif not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
            found.append(statement)
    return found


def _take_import(module: Module, statement: ast.Import | ast.ImportFrom, package: str) -> None:
    for alias, path, executed in import_paths(statement, package):
        module.executes.append(executed)
        if alias.name == "*":
            module.stars.append(path)
        else:
            module.imports.setdefault(bound_name(alias), []).append(path)


def _executed(statement: ast.stmt, package: str) -> list[str]:
    """The paths that a statement imports when it is executed: in branches and classes, not in functions."""
    found, waiting = [], [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [executed for _, _, executed in import_paths(node, package)]
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found
