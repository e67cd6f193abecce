"""Everything that code can reach, and one hash of it that knows no files.

The hash of what is reached from a definition numbers the definitions in the order in which their names lead
to them, so that the same code gives the same hash wherever it stands, and a name that leads elsewhere another
one. Statements that act when a module is imported join wherever their module is imported by what is reached.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reprise.errors import ParameterError
from reprise.experiment.code.graph import NO_NUMBERS, Graph, Node
from reprise.experiment.code.names import import_paths
from reprise.experiment.code.sources import Sources, find_sources


@dataclass(frozen=True)
class Reach:
    """What some roots can reach: the hash of it all, that of each definition by its module and name, and the
    top names of the packages from outside that are used. A module that counts whole has the name WHOLE,
    statements that act have ACTING.
    """

    digest: str
    definitions: dict[str, dict[str, str]]
    outside: frozenset[str]


WHOLE, ACTING = "*", "(statements that act)"


class Code:
    """The code of some packages, for as long as their files stay as they are."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._from: dict[Node, tuple[str, tuple[Node, ...]]] = {}
        self._reaches: dict[frozenset[Node], Reach] = {}
        self._executed: dict[str, frozenset[str]] = {}

    def reach(self, roots: Iterable[Node]) -> Reach:
        """What these nodes reach, the statements that act on the way included."""
        given = frozenset(roots)
        if given not in self._reaches:
            self._reaches[given] = self._reach(given)
        return self._reaches[given]

    def function(self, function: Callable[..., Any]) -> Node:
        """The definition that a function of a module stands in.

        Raises `ParameterError` when its module has no source file (a notebook cell, an interactive session).
        """
        module, name = function.__module__, function.__qualname__.partition(".")[0]
        if module not in self.graph.sources:
            raise _no_source(module)
        bound = name in self.graph.module(module).binds
        return Node("definition", module, name) if bound else Node("module", module)

    def member(self, owner: type, name: str) -> list[Node]:
        """The member of that name of a class, or of the first of its bases that has one; read from files."""
        for base in owner.__mro__:
            module, at_the_top = base.__module__, "." not in base.__qualname__
            if name in vars(base) and module not in self.graph.sources:
                raise _no_source(module)
            if at_the_top and module in self.graph.sources:
                if name in self.graph.module(module).classes.get(base.__qualname__, ()):
                    return self.graph.member(module, base.__qualname__, name)
            elif name in vars(base):  # a class that a function made
                return [Node("module", module)]
        return []

    def imported_by(self, text: str) -> list[Node]:
        """What the imports of a text, wherever they stand in it, name of ours."""
        paths = [
            path
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for _, path, _ in import_paths(node, "")
        ]
        return [node for path in paths for node in self.graph.path(path) if node.kind != "outside"]

    def class_of(self, value: object) -> list[Node]:
        """The definition of the class of a value, when it is one of ours."""
        module, name = type(value).__module__, type(value).__qualname__.partition(".")[0]
        if module.partition(".")[0] not in self.graph.ours or module not in self.graph.sources:
            return []
        return self.graph.follow(module, name)

    def _reach(self, roots: frozenset[Node]) -> Reach:
        nodes: dict[Node, None] = {}
        executed: set[str] = set()
        digests: set[str] = set()
        waiting, done = list(roots), set(roots)
        while waiting:
            digest, found = self._follow(waiting.pop())
            digests.add(digest)
            for node in found:
                if node not in nodes:
                    nodes[node] = None
                    executed |= {m for p in self.graph.passed(node) for m in self._executes(p)}
            for module in executed:
                for node in self.graph.acting(module):
                    if node not in done:
                        done.add(node)
                        waiting.append(node)
        return Reach(_digest(sorted(digests)), self._describe(nodes), _outside(nodes))

    def _follow(self, root: Node) -> tuple[str, tuple[Node, ...]]:
        """The hash of what one node leads to, and the nodes in the order in which they are met."""
        if root not in self._from:
            numbers, waiting, lines = {root: 0}, deque([root]), []
            while waiting:
                node = waiting.popleft()
                line: list[Any] = [self.graph.digests(node)]
                for label, target in sorted(self.graph.edges(node).items()):
                    if target not in numbers:
                        numbers[target] = len(numbers)
                        waiting.append(target)
                    line += label, numbers[target]
                lines.append(line)
            self._from[root] = _digest(lines), tuple(numbers)
        return self._from[root]

    def _executes(self, module: str) -> frozenset[str]:
        """Every module that importing a module imports, directly or through others."""
        if module not in self._executed:
            found, waiting = set(), [module]
            while waiting:
                new = self.graph.executed_by(waiting.pop()) - found
                found |= new
                waiting += new
            self._executed[module] = frozenset(found)
        return self._executed[module]

    def _describe(self, nodes: Iterable[Node]) -> dict[str, dict[str, str]]:
        named: dict[str, dict[str, list[str]]] = {}
        for node in nodes:
            if node.kind not in ("outside", "package"):
                name = {"statement": ACTING, "module": WHOLE}.get(node.kind, node.name)
                digests = named.setdefault(node.module, {}).setdefault(name, [])
                digests.extend(self.graph.digests(node))
        return {
            module: {name: _digest(sorted(digests))[:8] for name, digests in sorted(inside.items())}
            for module, inside in sorted(named.items())
        }


def _no_source(module: str) -> ParameterError:
    return ParameterError(
        f"the code of {module!r} has no source file, so its results cannot be told apart",
        remedy="move it into a module",
    )


def _outside(nodes: Iterable[Node]) -> frozenset[str]:
    return frozenset(node.module.partition(".")[0] for node in nodes if node.kind == "outside")


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()[:32]


def read_code(modules: Iterable[str] = (), left_out: tuple[str, ...] = NO_NUMBERS) -> Code:
    """The code of the packages that these modules stand in, and of ours; read anew when a file has changed.

    Modules in `left_out` (patterns of their names) are not followed.
    """
    named = set(modules)
    ours = frozenset({"reprise", *(module.partition(".")[0] for module in named)})
    return _read_code(find_sources(ours, named), ours, left_out)


@lru_cache(maxsize=8)
def _read_code(sources: Sources, ours: frozenset[str], left_out: tuple[str, ...]) -> Code:
    return Code(Graph(sources, ours, left_out))
