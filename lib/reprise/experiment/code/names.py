"""What a statement reads of the world around it: names of its module, imports, and what cannot be followed.

A name counts when no function around it binds it, by Python's own rules of scope; `a.b.c` is read as a whole,
so that a name that stands for a module leads to one definition in it. A class does not hide names from its
methods, and what its own body binds is taken for either. Annotations are read, in quotes too: pydantic and
dataclasses do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from reprise.experiment.code.tree import bound_name

HERE = "."
"""Among the wholes: the module itself."""

EVERYTHING = "*"
"""Among the wholes: all packages of ours."""

_BY_NAME = {"globals", "locals", "eval", "exec", "compile"}  # functions that can read any name of the module
_IMPORTERS = {"import_module", "__import__", "run_module", "run_path", "exec_module", "resolve_name"}
_OF_THE_MODULE = {"__name__", "__file__", "__package__", "__spec__", "__path__", "__loader__"}
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(\.|:[A-Za-z_]\w*)?")

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Names:
    """What a statement reads.

    `reads` maps a label, as the name stands in the tree, to (path, rest): the path of an import and what is
    taken of it, or "" and a dotted name of the module. `executes` are the paths that its imports name.
    `wholes` are what counts whole: HERE, EVERYTHING, and names of modules that stand in strings (with a dot
    at the end: all below). `imports` numbers the imports for `tree_digest`.
    """

    reads: dict[str, tuple[str, str]] = field(default_factory=dict)
    executes: list[str] = field(default_factory=list)
    wholes: set[str] = field(default_factory=set)
    imports: dict[int, int] = field(default_factory=dict)


def read_names(statement: ast.AST, package: str, ours: frozenset[str]) -> Names:
    """The names that a statement of a module in `package` reads; `ours` are the top packages that are
    followed."""
    return _Reader(statement, package, ours).names


def import_paths(
    statement: ast.Import | ast.ImportFrom, package: str
) -> Iterator[tuple[ast.alias, str, str]]:
    """(name, the path that it is bound to, the path that is imported for it) of each name in an import."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias, alias.name if alias.asname else bound_name(alias), alias.name
        return
    parts = package.split(".")
    above = parts[: len(parts) - (statement.level - 1)] if statement.level else []
    base = ".".join([*above, *([statement.module] if statement.module else [])])
    for alias in statement.names:
        path = base if alias.name == "*" else f"{base}.{alias.name}"
        yield alias, path, path


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` when the expression is a name or attributes of one, else None."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def bound_in(body: list[ast.AST]) -> set[str]:
    """The names that these nodes bind in their own scope; those declared global or nonlocal are left out."""
    bound: set[str] = set()
    outer: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        inside = list(ast.iter_child_nodes(node))
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.add(node.name)
                inside = [*node.decorator_list, *_outside(node)]
            case ast.Lambda():
                inside = _outside(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # its own names stay within; := binds outside of it
                walrus = [n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
                inside = [node.generators[0].iter, *walrus]
            case ast.Import() | ast.ImportFrom():
                bound.update(bound_name(alias) for alias in node.names)
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                bound.update([node.name] if node.name else [])
            case ast.MatchMapping():
                bound.update([node.rest] if node.rest else [])
            case ast.Global() | ast.Nonlocal():
                outer.update(node.names)
        waiting += inside
    return bound - outer


def _outside(node: ast.AST) -> list[ast.AST]:
    """What of a function or class is evaluated around it: defaults, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.bases, *(k.value for k in node.keywords)]
    return [d for d in [*node.args.defaults, *node.args.kw_defaults] if d is not None]


class _Reader:
    def __init__(self, statement: ast.AST, package: str, ours: frozenset[str]) -> None:
        self.names, self._ours = Names(), ours
        self._imported: dict[str, list[tuple[int, str]]] = {}
        others = set(_imports_for_others(statement))
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias, path, executed in import_paths(node, package):
                    number = len(self.names.imports)
                    self.names.imports[id(alias)] = number
                    self._imported.setdefault(bound_name(alias), []).append((number, path))
                    self.names.executes.append(executed)
                    if id(alias) in others:
                        self.names.reads[f"@{number}"] = (path, "")
        self._read(statement, frozenset(), False)

    def _read(self, node: ast.AST, bound: frozenset[str], in_function: bool) -> None:
        match node:
            case ast.Name() | ast.Attribute() if (chain := dotted(node)) is not None:
                stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
                if in_function or not stored:
                    self._take(chain, bound)
                if "__subclasses__" in chain.split("."):
                    self.names.wholes.add(EVERYTHING)
            case ast.Attribute(attr="__subclasses__"):
                self.names.wholes.add(EVERYTHING)
                self._read(node.value, bound, in_function)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, bound, in_function)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, bound, in_function)
            case ast.AnnAssign():
                self._annotation(node.annotation, bound, in_function)
                for child in (node.target, node.value):
                    if child is not None:
                        self._read(child, bound, in_function)
            case ast.Constant(value=str() as text):
                self._string(text)
            case ast.Call():
                self._call(node)
                self._children(node, bound, in_function)
            case _:
                self._children(node, bound, in_function)

    def _children(self, node: ast.AST, bound: frozenset[str], in_function: bool) -> None:
        for child in ast.iter_child_nodes(node):
            self._read(child, bound, in_function)

    def _take(self, chain: str, bound: frozenset[str]) -> None:
        head, _, rest = chain.partition(".")
        for number, path in self._imported.get(head, ()):
            self.names.reads[f"@{number}.{rest}"] = (path, rest)
        if head not in bound:
            self.names.reads[chain] = ("", chain)
            if head in _BY_NAME or head in _OF_THE_MODULE:
                self.names.wholes.add(HERE)
            if chain.startswith("sys.modules"):
                self.names.wholes.add(EVERYTHING)

    def _function(self, node: _Function, bound: frozenset[str], in_function: bool) -> None:
        around = [*getattr(node, "decorator_list", []), *_outside(node)]
        for child in around:
            self._read(child, bound, in_function)
        a = node.args
        arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]
        for annotation in [x.annotation for x in arguments] + [getattr(node, "returns", None)]:
            if annotation is not None:
                self._annotation(annotation, bound, in_function)
        body = node.body if isinstance(node.body, list) else [node.body]
        types = getattr(node, "type_params", [])
        inner = bound | {x.arg for x in arguments} | {t.name for t in types} | bound_in(body)
        inner -= {name for n in _own_nodes(body) if isinstance(n, ast.Global) for name in n.names}
        for child in [*body, *types]:
            self._read(child, frozenset(inner), True)

    def _comprehension(self, node: _Comprehension, bound: frozenset[str], in_function: bool) -> None:
        inner = bound | bound_in([g.target for g in node.generators])
        self._read(node.generators[0].iter, bound, in_function)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        later = [g.iter for g in node.generators[1:]]
        targets = [g.target for g in node.generators]
        for child in [*targets, *results, *later, *(i for g in node.generators for i in g.ifs)]:
            self._read(child, inner, True)

    def _annotation(self, node: ast.AST, bound: frozenset[str], in_function: bool) -> None:
        self._read(node, bound, in_function)
        for quoted in ast.walk(node):
            if isinstance(quoted, ast.Constant) and isinstance(quoted.value, str):
                with suppress(SyntaxError):
                    self._read(ast.parse(quoted.value, mode="eval").body, bound, in_function)

    def _string(self, text: str) -> None:
        if text.partition(".")[0] in self._ours and _DOTTED.fullmatch(text):
            self.names.wholes.add(text.replace(":", "."))

    def _call(self, node: ast.Call) -> None:
        called = (dotted(node.func) or getattr(node.func, "attr", "")).rpartition(".")[2]
        given = node.args[0] if node.args else None
        if called in _IMPORTERS and not self._says_what(given):
            self.names.wholes.add(EVERYTHING)
        if called in _IMPORTERS | {"find_spec"} and isinstance(given, ast.Constant):
            self.names.executes.append(str(given.value))
        if called == "vars" and given is None:
            self.names.wholes.add(HERE)

    def _says_what(self, given: ast.AST | None) -> bool:
        """Whether a string names the module to import, or the package that it is in."""
        if isinstance(given, ast.JoinedStr) and given.values:
            given = given.values[0]
            return isinstance(given, ast.Constant) and str(given.value).count(".") > 1
        return isinstance(given, ast.Constant)


def _imports_for_others(
    node: ast.AST, in_function: bool = False, outer: frozenset[str] = frozenset()
) -> Iterator[int]:
    """The names (by the `id` of their node) that imports bind where other statements can take them: in
    branches, in bodies of classes, and in functions where they are declared global."""
    match node:
        case ast.Import() | ast.ImportFrom():
            yield from (id(a) for a in node.names if not in_function or bound_name(a) in outer)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            in_function = True
            declared = (n.names for n in _own_nodes(node.body) if isinstance(n, ast.Global))
            outer = frozenset(name for names in declared for name in names)
        case ast.ClassDef():
            in_function = False
    for child in ast.iter_child_nodes(node):
        yield from _imports_for_others(child, in_function, outer)


def _own_nodes(body: list[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions and classes within it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
