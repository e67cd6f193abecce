"""Docstrings of installed packages, read from their source with `ast` and never by importing them.

Besides docstrings proper, the texts are read that a package gives to its compiled objects by a call:
NumPy's and SciPy's `add_newdoc`, PyTorch's `add_docstr`. Left out: tests, vendored code, private names,
and generated twins of other files (see `SKIPPED_PARTS` and `Source.skipped`). What a decorator copies or
fills in when the package runs cannot be seen here; the placeholders it would fill are dropped.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reprise.errors import EnvironmentNotReady


@dataclass(frozen=True)
class Source:
    """A package whose docstrings are read; `distribution` is its name on the package index.

    `skipped` is matched against dotted module names from their start.
    """

    domain: str
    distribution: str
    package: str
    skipped: str = r"$."


SOURCES = (
    Source("numpy", "numpy", "numpy", r"numpy\.(distutils|f2py|core|matlib)\b"),
    Source("scipy", "scipy", "scipy"),
    Source("sklearn", "scikit-learn", "sklearn"),
    Source("pandas", "pandas", "pandas", r"pandas\.(io\.clipboard|util\.version|_testing)\b"),
    Source("matplotlib", "matplotlib", "matplotlib"),
    Source("networkx", "networkx", "networkx"),
    Source("sympy", "sympy", "sympy"),
    # the compiler's inner packages are large, and nothing that is documented for users is defined there
    Source(
        "torch",
        "torch",
        "torch",
        r"torch\.(include|fx\.experimental\.unification|utils\.hipify|_inductor"
        r"|_dynamo|_export|_subclasses|_refs|_prims|_prims_common|_decomp|_native)\b",
    ),
    # modular_* is what modeling_* is generated from; tf and flax files document the same classes once more
    Source(
        "transformers",
        "transformers",
        "transformers",
        r"transformers\.(models\.deprecated\b|testing_utils|utils\.dummy_|models\.\w+\.(modular_|convert_)"
        r"|([\w.]*[._])?(tf|flax)_)",
    ),
)
"""The domains, in the order in which they are read: of two near-duplicates, the earlier one stays."""

SKIPPED_PARTS = {
    "tests",
    "test",
    "testing",
    "conftest",
    "setup",
    "benchmarks",
    "externals",
    "_externals",
    "extern",
    "vendor",
    "_vendor",
    "vendored",
    "_vendored",
    "array_api_compat",
    "array_api_extra",
    "_antlr",
}
"""Folders and modules of tests and of vendored or generated code."""

DOCUMENTING_CALLS = {
    "add_newdoc": "",
    "add_docstr": "",
    "_add_docstr": "",
    "add_docstr_all": "torch.Tensor",
    "_array_method_doc": "numpy.ndarray",
}
"""Functions that give a compiled object its docstring, with the class whose methods they document."""


class Docstring(NamedTuple):
    """One documented object: where it is defined (dotted), and its text with the indentation removed."""

    name: str
    text: str
    domain: str


class Module(NamedTuple):
    """What one source file says: docstrings, imported names, `__all__` if it is literal, classes' bases.

    `imports` holds (name here, module it comes from, name there); the name "*" stands for all. `bases` holds
    (class, names of its bases), both without their modules.
    """

    name: str
    is_package: bool
    docstrings: tuple[Docstring, ...]
    imports: tuple[tuple[str, str, str], ...]
    exported: tuple[str, ...] | None
    bases: tuple[tuple[str, tuple[str, ...]], ...] = ()


@cache
def find_package(source: Source) -> Path:
    """The folder of an installed package, found without running any of it.

    Raises `EnvironmentNotReady` when it is not installed.

    >>> find_package(SOURCES[0]).name
    'numpy'
    """
    spec = importlib.util.find_spec(source.package)
    if spec is None or not spec.submodule_search_locations:
        raise EnvironmentNotReady(
            f"the package {source.distribution!r} is not installed",
            remedy="run `make` once, or install requirements.lock",
        )
    return Path(next(iter(spec.submodule_search_locations)))


def read_modules(source: Source, folder: Path) -> list[Module]:
    """Every module under `folder` that is not left out, in the order of their dotted names."""
    found = []
    for path in folder.rglob("*.py"):
        parts = (source.package, *path.relative_to(folder).with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        if SKIPPED_PARTS.isdisjoint(parts) and not re.match(source.skipped, name):
            found.append((name, is_package, path))
    return [
        read_module(source, name, is_package, path.read_text(encoding="utf-8", errors="replace"))
        for name, is_package, path in sorted(found)
    ]


def read_module(source: Source, name: str, is_package: bool, code: str) -> Module:
    r"""Read one file; a file of another syntax (a template, say) counts as empty.

    >>> code = 'def svd(a):\n    "Factorise a matrix."\n'
    >>> read_module(SOURCES[0], "numpy.linalg", True, code).docstrings[0].name
    'numpy.linalg.svd'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other people's stray backslashes
            tree = ast.parse(code)
    except SyntaxError:
        return Module(name, is_package, (), (), None)
    docstrings: dict[str, str] = {}
    for dotted, text in _documented(tree.body, name, source.package):
        docstrings.setdefault(dotted, text)  # the first of overloads and of a property's accessors
    imports, exported, bases = [], None, []
    for node in _statements(tree.body):
        if isinstance(node, ast.ImportFrom):
            origin = _absolute(node, name, is_package)
            imports += [(a.asname or a.name, origin, a.name) for a in node.names]
        elif isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
        ):
            exported = _strings(node.value)
        elif isinstance(node, ast.ClassDef) and node.bases:
            bases.append((node.name, tuple(ast.unparse(b).rpartition(".")[2] for b in node.bases)))
    return Module(
        name,
        is_package,
        tuple(Docstring(n, t, source.domain) for n, t in docstrings.items()),
        tuple(imports),
        exported,
        tuple(bases),
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    # what stands under `if TYPE_CHECKING`, `try`, `with` at the top of a module belongs to the module
    for node in body:
        yield node
        for inner in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _statements(getattr(node, inner, []))


def _documented(body: list[ast.stmt], prefix: str, package: str) -> Iterator[tuple[str, str]]:
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_"):
                continue
            dotted = f"{prefix}.{node.name}"
            text = ast.get_docstring(node, clean=True)
            if text:
                yield dotted, _without_placeholders(text)
            if isinstance(node, ast.ClassDef):
                yield from _documented(node.body, dotted, package)
        elif isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            found = _documented_by_call(node.value, target, prefix, package)
            if found and not found[0].rpartition(".")[2].startswith("_"):
                yield found


def _documented_by_call(
    call: ast.Call, target: ast.expr | None, module: str, package: str
) -> tuple[str, str] | None:
    called = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if called not in DOCUMENTING_CALLS or len(call.args) < 2:
        return None
    *named, last = call.args
    member = ""
    if isinstance(last, ast.Tuple) and len(last.elts) == 2:  # add_newdoc(module, class, (member, text))
        member, last = "." + str(getattr(last.elts[0], "value", "")), last.elts[1]
    text = _literal(last)
    if text is None:
        return None
    if isinstance(target, ast.Name):
        dotted = f"{module}.{target.id}"
    elif DOCUMENTING_CALLS[called]:
        dotted = f"{DOCUMENTING_CALLS[called]}.{getattr(named[0], 'value', '')}"
    elif all(isinstance(a, ast.Constant) for a in named):
        dotted = ".".join(str(a.value) for a in named)
        if any(str(a.value).startswith("_") for a in named[len(named) > 1 :]):  # a member of a private class
            return None
    else:
        dotted = ast.unparse(named[0])
    if not dotted.startswith(package + "."):
        dotted = f"{module}.{dotted}"
    return dotted + member, _without_placeholders(inspect.cleandoc(text))


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return left + right if left is not None and right is not None else left or right
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        text = _literal(node.func.value)
        # a placeholder's text is made when the package runs; doubled braces are single ones
        return text and re.sub(r"(?<!\{)\{\w*\}(?!\})", "", text).replace("{{", "{").replace("}}", "}")
    return None


def _without_placeholders(text: str) -> str:
    return re.sub(r"%\([\w:]+\)s", "", text)


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, node.module] if node.module else kept)


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.List | ast.Tuple) and all(isinstance(e, ast.Constant) for e in node.elts):
        return tuple(str(e.value) for e in node.elts)
    return None
