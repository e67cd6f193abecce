"""Whether a statement acts when its module is imported: registers something, patches something, sets
something.

What only binds a name to a function, a class or a value does not. Statements that nothing can excuse act at
once; calls and decorators are named, so that the graph can see where they lead: to a constructor without code
of its own, to a function that is known to leave the world as it is, or to something else, which then counts
as acting.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from reprise.experiment.code.names import dotted
from reprise.experiment.code.tree import is_documentation

_BUILTINS = """abs all any bool bytes chr classmethod complex dict divmod enumerate filter float
format frozenset getattr hasattr int isinstance len list map max min object ord pow
property range repr reversed round set slice sorted staticmethod str sum super tuple
type zip"""

_OF_LIBRARIES = """arange array asarray astype compile copy dtype empty endswith escape eye field finfo format
from_iterable full get getLogger getenv iinfo items join joinpath keys linspace log
lower namedtuple ones partial partition removeprefix removesuffix replace resolve
rpartition reshape split splitlines sqrt startswith strip unpackbits upper values with_name
with_suffix zeros int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64"""

_DECORATORS = """abstractmethod asynccontextmanager cache cached_property computed_field
contextmanager dataclass deleter field_serializer field_validator final getter
lru_cache model_serializer model_validator overload override runtime_checkable
setter total_ordering wraps"""

HARMLESS = frozenset(f"{_BUILTINS} {_OF_LIBRARIES} {_DECORATORS}".split())
"""Last names of functions that change nothing outside of what they give back."""


@dataclass
class ImportTime:
    """`acts` whatever the names mean; otherwise it depends on what is `called`, and on the `bases` of
    classes."""

    acts: bool = False
    called: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)


def read_import_time(statement: ast.stmt) -> ImportTime:
    """What happens when this statement of a module (or of a class's body) is executed."""
    found = ImportTime()
    _statement(statement, found)
    return found


def is_harmless(name: str) -> bool:
    """Whether a function of this last name, not of ours, is known to leave the world as it is.

    Constructors are: what is written with a capital binds a value.

    >>> is_harmless("compile"), is_harmless("TypeVar"), is_harmless("set_num_threads")
    (True, True, False)
    """
    return name in HARMLESS or name.lstrip("_")[:1].isupper()


def _statement(node: ast.stmt, found: ImportTime) -> None:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            pass
        case ast.Expr() if is_documentation(node) or isinstance(node.value, ast.Constant):
            pass
        case ast.Assign(targets=targets, value=value) if all(map(_binds_names, targets)):
            _calls(value, found)
        case ast.AnnAssign(target=ast.Name(), value=value):
            _calls(value, found)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            for given in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
                _calls(given, found)
            _decorators(node.decorator_list, found)
        case ast.ClassDef():
            found.acts |= bool(node.keywords)  # a metaclass, or what __init_subclass__ is given
            found.bases.update(
                dotted(base) or "" for base in node.bases if not isinstance(base, ast.Subscript)
            )
            found.bases.update(dotted(b.value) or "" for b in node.bases if isinstance(b, ast.Subscript))
            for given in node.decorator_list:
                _calls(given, found)
            _decorators(node.decorator_list, found)
            for inner in node.body:
                _statement(inner, found)
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]), orelse=[]):
            pass  # not when it is imported
        case _ if type(node).__name__ == "TypeAlias":  # Python 3.12
            pass
        case _:
            found.acts = True


def _binds_names(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_binds_names, target.elts))
    return isinstance(target, ast.Name) or (isinstance(target, ast.Starred) and _binds_names(target.value))


def _decorators(given: list[ast.expr], found: ImportTime) -> None:
    """Decorators that are no calls; those that are have been read as such."""
    found.called.update(_name_of(d) for d in given if not isinstance(d, ast.Call))


def _calls(value: ast.AST | None, found: ImportTime) -> None:
    """Every call outside of functions that are only made here."""
    waiting = [value] if value is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Lambda):
            waiting += [d for d in [*node.args.defaults, *node.args.kw_defaults] if d is not None]
            continue
        if isinstance(node, ast.Call):
            found.called.add(_name_of(node.func))
            for function in _handed_on(node):
                found.called.update([] if isinstance(function, ast.Lambda) else [_name_of(function)])
                waiting += [function.body] if isinstance(function, ast.Lambda) else []
        if isinstance(node, ast.Await | ast.Yield | ast.NamedExpr):
            found.acts = True
        waiting += ast.iter_child_nodes(node)


def _handed_on(call: ast.Call) -> list[ast.expr]:
    """The functions that a function known to be harmless calls in its turn."""
    mapped = call.args[:1] if _name_of(call.func) in ("map", "filter") else []
    return [*mapped, *(k.value for k in call.keywords if k.arg == "key")]


def _name_of(function: ast.expr) -> str:
    """`a.b`; of a method of some value ".b"; "" for what is neither."""
    if isinstance(function, ast.Call):  # a decorator that is made by a call, or a call of what a call gives
        return ""
    return dotted(function) or ("." + function.attr if isinstance(function, ast.Attribute) else "")
