"""Which definitions lead to which: the names of a definition, followed through imports to where they are
made.

A node is what can be reached: a definition (every statement of a module that binds a name), a module or a
package as a whole, a statement that acts, a member of a class, or something outside. Its edges carry the name
that leads there as it stands in the code, and no file: two graphs of the same shape are the same code,
wherever it stands.

What cannot be followed leads to a whole: a module that is used as a value, a name that its module does not
bind, a star import, a module that is named in a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from reprise.experiment.code.import_time import is_harmless
from reprise.experiment.code.members import Member, read_members
from reprise.experiment.code.module import Module, Piece, load_module, read_module
from reprise.experiment.code.names import EVERYTHING, HERE
from reprise.experiment.code.sources import Sources

NO_NUMBERS = ("reprise", "reprise.errors", "reprise.experiment", "reprise.experiment.*")
"""Modules that carry no numbers, and are not followed: the first is the package's own, not what is in it."""

_MAKING = {"__init__", "__new__", "__post_init__", "model_post_init", "__set_name__"}
_SUBCLASSING = {"__init_subclass__", "__pydantic_init_subclass__", "__mro_entries__", "__class_getitem__"}


class Node(NamedTuple):
    """`kind` is definition, statement, member, module, package or outside; `name` stands in `module`."""

    kind: str
    module: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


class Graph:
    """The definitions of the packages `ours` and what they lead to; read as far as it is asked for.

    Modules whose name fits a pattern of `left_out` are not followed.
    """

    def __init__(
        self, sources: Sources, ours: frozenset[str], left_out: tuple[str, ...] = NO_NUMBERS
    ) -> None:
        self.sources, self.ours, self._left_out = sources, ours, left_out
        self._modules: dict[str, Module] = {}
        self._edges: dict[Node, dict[str, Node]] = {}
        self._passed: dict[Node, set[str]] = {}
        self._acting: dict[str, list[Node]] = {}
        self._followed: dict[str, bool] = {}
        self._members: dict[tuple[str, str], dict[str, Member]] = {}

    def module(self, name: str) -> Module:
        """What stands in a module of ours."""
        if name not in self._modules:
            read = read_module if name in self.sources.texts else load_module  # what might be is not kept
            text, package = self.sources.text(name), self.sources.package_of(name)
            self._modules[name] = read(text, package, self.ours)
        return self._modules[name]

    def edited(self, texts: Mapping[str, bytes]) -> Graph:
        """The same graph if these modules had these texts; the other modules are not read again."""
        sources = replace(self.sources, texts={**self.sources.texts, **texts})
        graph = Graph(sources, self.ours, self._left_out)
        graph._modules = {name: module for name, module in self._modules.items() if name not in texts}
        return graph

    def digests(self, node: Node) -> list[str]:
        """The hashes of a node's own statements; of something outside its path, which is all there is."""
        if node.kind == "outside":
            return [node.module]
        return [piece.digest for piece in self._pieces(node)]

    def edges(self, node: Node) -> dict[str, Node]:
        """Where a node's names lead, by the name; a name that can mean several things has several edges."""
        if node not in self._edges:
            self._passed[node] = set()
            self._edges[node] = {
                label if number == 0 else f"{label} {number}": target
                for label, targets in self._find_edges(node).items()
                for number, target in enumerate(dict.fromkeys(targets))
            }
        return self._edges[node]

    def passed(self, node: Node) -> set[str]:
        """The modules that are imported on the way from a node to where its edges lead."""
        self.edges(node)
        return self._passed[node]

    def executed_by(self, module: str) -> set[str]:
        """The modules of ours that importing a module imports; itself and its packages are among them."""
        parts = module.split(".")
        above = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        found = {m for m in above if self._is_followed(m)}
        for path in self.module(module).executes if module in found else ():
            found |= self._modules_on(path)
        return found

    def acting(self, module: str) -> list[Node]:
        """The statements of a module that act when it is imported."""
        if module not in self._acting:
            self._acting[module] = [
                Node("statement", module, str(number))
                for number, piece in enumerate(self.module(module).pieces)
                if self._acts(module, piece)
            ]
        return self._acting[module]

    def follow(self, module: str, name: str) -> list[Node]:
        """Where a name that a module of ours uses leads; nowhere when it is none of the module's."""
        return self._follow(module, "", name, set()) if self._is_followed(module) else []

    def path(self, path: str) -> list[Node]:
        """Where an import of this path leads."""
        return self._path(path, "", set())

    # -- edges ------------------------------------------------------------------------------------

    def _pieces(self, node: Node) -> list[Piece]:
        if node.kind == "package":
            return []
        module = self.module(node.module)
        match node.kind:
            case "definition":
                return [module.pieces[i] for i in module.binds[node.name]]
            case "statement":
                return [module.pieces[int(node.name)]]
            case "member":
                return self._member(node).pieces
        return module.pieces

    def _find_edges(self, node: Node) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        if node.kind == "outside":
            return found
        if node.kind == "package":
            inside = self.sources.below(node.module)
            return {m.removeprefix(node.module): [Node("module", m)] for m in inside if self._is_followed(m)}
        passed = self._passed[node]
        passed.add(node.module)
        pieces = self._pieces(node)
        for number, piece in enumerate(pieces):
            before = f"{number}:" if len(pieces) > 1 else ""
            for label, (path, rest) in piece.reads.items():
                targets = self._follow(node.module, path, rest, passed)
                if targets and all(t.kind == "outside" for t in targets):  # the tree says what is taken of it
                    label = label.split(".")[0]
                if targets:
                    found.setdefault(before + label, []).extend(targets)
            for path in piece.executes:
                passed |= self._modules_on(path)
                if path.partition(".")[0] not in self.ours:
                    found.setdefault(f"{before}import {path}", []).append(Node("outside", path))
            for whole in piece.wholes:
                for target in self._whole(node.module, whole):
                    here = whole == HERE
                    found.setdefault(f"{before}whole {'' if here else whole}", []).append(target)
        if node.kind == "module":
            module = self.module(node.module)
            for name in module.imports:
                found[f"import {name}"] = self._follow(node.module, "", name, passed)
            for star in module.stars:
                found.setdefault("import *", []).extend(self._path(star, "", passed))
        if node.kind == "member":
            owner, member = node.name.partition(".")[0], self._member(node)
            for name in sorted(member.takes):
                found[f"self.{name}"] = self.member(node.module, owner, name)
            if member.whole:
                found["self"] = [Node("definition", node.module, owner)]
        return found

    def _whole(self, module: str, whole: str) -> list[Node]:
        if whole == HERE:  # what asks for the module's name or file depends on where it stands
            return [Node("module", module), Node("outside", module)]
        if whole == EVERYTHING:
            return [Node("package", package) for package in sorted(self.ours)]
        if whole.endswith("."):
            return [Node("package", whole[:-1])] if self.sources.below(whole[:-1]) else []
        parent, _, name = whole.rpartition(".")
        if self._is_followed(whole):
            return [Node("module", whole)]
        if self._is_followed(parent) and name in self.module(parent).binds:
            return [Node("definition", parent, name)]
        return []

    def _follow(self, module: str, path: str, rest: str, passed: set[str]) -> list[Node]:
        """Where a name leads: `rest` of the import of `path`, or a name of the module."""
        if path:
            return self._path(path, rest, passed)
        head, _, rest = rest.partition(".")
        return self._attribute(module, head, rest, passed, set(), missing=[])

    def _path(
        self, path: str, rest: str, passed: set[str], seen: set[tuple[str, str]] | None = None
    ) -> list[Node]:
        """Where `rest` of an imported path leads."""
        if path.partition(".")[0] not in self.ours or path.partition(".")[0] not in self.sources:
            return [Node("outside", path)]
        parts = [*path.split("."), *(rest.split(".") if rest else [])]
        module = parts[0]
        for number, name in enumerate(parts[1:], 1):
            inner = f"{module}.{name}"
            if not self._is_followed(module):
                if inner not in self.sources:
                    return [Node("outside", path)]
                module = inner
                continue
            passed.add(module)
            known = self.module(module)
            if name in known.binds or name in known.imports or inner not in self.sources:
                whole = [Node("module", module)]
                after = ".".join(parts[number + 1 :])
                return self._attribute(module, name, after, passed, set() if seen is None else seen, whole)
            module = inner
        if not self._is_followed(module):
            return [Node("outside", path)]
        passed.add(module)
        return [Node("module", module)]

    def _attribute(
        self,
        module: str,
        name: str,
        rest: str,
        passed: set[str],
        seen: set[tuple[str, str]],
        missing: list[Node],
    ) -> list[Node]:
        """Where a module's name leads; `missing` when the module does not bind it."""
        if (module, name) in seen:  # two modules that import from each other
            return []
        seen.add((module, name))
        known = self.module(module)
        found = [Node("definition", module, name)] if name in known.binds else []
        for path in known.imports.get(name, ()):
            if path == f"{module}.{name}" and path in self.sources:  # a package that imports its own module
                passed.add(path)
                inner, _, after = rest.partition(".")
                whole = [Node("module", path)]
                found += self._attribute(path, inner, after, passed, seen, whole) if inner else whole
            else:
                found += self._path(path, rest, passed, seen)
        if not found:
            for star in known.stars:
                found += self._path(star, name + (f".{rest}" if rest else ""), passed, seen)
        elif self._is_followed(inner := f"{module}.{name}"):  # a module of the same name may take its place
            found.append(Node("module", inner))
        return found or missing

    # -- members of classes -----------------------------------------------------------------------

    def member(self, module: str, owner: str, name: str) -> list[Node]:
        """The member of that name which a class has, or which it inherits from another one of ours."""
        if not self._is_followed(module):
            return []
        if name in self.module(module).classes.get(owner, ()):
            return [Node("member", module, f"{owner}.{name}")]
        bases = [
            target
            for piece in self._pieces(Node("definition", module, owner))
            for base in piece.bases
            for target in (self._follow(module, "", base, set()) if base else ())
            if target.kind == "definition"
        ]
        return [node for base in bases for node in self.member(base.module, base.name, name)]

    def _member(self, node: Node) -> Member:
        owner, _, name = node.name.partition(".")
        if (node.module, owner) not in self._members:
            text, package = self.sources.text(node.module), self.sources.package_of(node.module)
            self._members[node.module, owner] = read_members(text, owner, package, self.ours)
        return self._members[node.module, owner][name]

    # -- modules ----------------------------------------------------------------------------------

    def _is_followed(self, module: str) -> bool:
        if module not in self._followed:
            left_out = any(fnmatchcase(module, pattern) for pattern in self._left_out)
            self._followed[module] = module in self.sources and not left_out
        return self._followed[module]

    def _modules_on(self, path: str) -> set[str]:
        """The modules that importing this path, a module or a name in one, imports."""
        parts = path.split(".")
        return {m for n in range(1, len(parts) + 1) if self._is_followed(m := ".".join(parts[:n]))}

    # -- statements that act ----------------------------------------------------------------------

    def _acts(self, module: str, piece: Piece) -> bool:
        return (
            piece.acts
            or any(self._call_acts(module, name) for name in piece.called)
            or any(self._runs(module, base, _SUBCLASSING) for base in piece.bases)
        )

    def _call_acts(self, module: str, name: str) -> bool:
        last = name.rpartition(".")[2]
        targets = [] if not name or name.startswith(".") else self._follow(module, "", name, set())
        if all(target.kind == "outside" for target in targets):
            return not is_harmless(last)
        for target in targets:
            if target.kind != "definition":
                return True
            if target.name == last or "." not in name:
                if not self._is_class(target) or self._runs(module, name, _MAKING):
                    return True
            elif self._is_class(target) or not is_harmless(last):  # a method of ours, or of one of our values
                return True
        return False

    def _is_class(self, node: Node) -> bool:
        return node.name in self.module(node.module).classes

    def _runs(self, module: str, name: str, hooks: set[str], seen: frozenset[Node] = frozenset()) -> bool:
        """Whether a class of that name, or one that it is made from, has one of these methods or a
        metaclass."""
        for target in self._follow(module, "", name, set()) if name else ():
            if target.kind == "outside" or target in seen:
                continue
            if target.kind != "definition" or hooks.intersection(
                self.module(target.module).classes.get(target.name, ())
            ):
                return True
            for piece in self._pieces(target):
                if piece.acts or any(
                    self._runs(target.module, base, hooks, seen | {target}) for base in piece.bases
                ):
                    return True
        return False
