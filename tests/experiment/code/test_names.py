"""Which names a statement reads, by Python's rules of scope."""

import ast

import pytest

from reprise.experiment.code.names import EVERYTHING, HERE, read_names


def reads(text, package="p"):
    statement = ast.parse(text).body[0]
    return {
        rest for path, rest in read_names(statement, package, frozenset({"p"})).reads.values() if not path
    }


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("def f(x, *y, z=k, **w): return x, y, z, w", {"k"}),
        ("def f(): x = 1; return x", set()),
        ("def f(): return x; x = 1", set()),  # a local name, wherever it is bound
        ("def f():\n global x\n x = 1", {"x"}),
        ("def f():\n x = 1\n def g():\n  nonlocal x\n  x = x + y\n return g", {"y"}),
        ("def f(): return [run for run in runs], run", {"runs", "run"}),
        ("def f(): return [x for x in x]", {"x"}),
        ("def f(): return [(y := a) for a in b], y", {"b"}),
        ("def f(): return lambda a, b=c: a + b + d", {"c", "d"}),
        ("def f():\n for i, (j, *k) in n: print(i, j, k)", {"n", "print"}),
        ("def f():\n with a as b, c as (d, e): return b, d, e", {"a", "c"}),
        ("def f():\n try: a\n except B as e: return e", {"a", "B"}),
        ("def f(v):\n match v:\n  case {'k': C(x=y), **r} if q: return y, r", {"C", "q"}),
        ("class A(B, metaclass=M):\n x = y\n def f(self): return x", {"B", "M", "y", "x"}),
        ("@d(1)\ndef f(a: T) -> 'list[U]': return a", {"d", "T", "U", "list"}),
        ("x: 'V' = w", {"V", "w"}),
        ("def f(): return a.b.c + d().e", {"a.b.c", "d"}),
        ("x.y = 1", {"x.y"}),
        ("def f(): del x.y; x[0] = 1", {"x.y", "x"}),
        ("def f(): return f'{a!r:>{b}}'", {"a", "b"}),
        ("async def f():\n async for i in a: yield i", {"a"}),
    ],
)
def test_free_names(text, free):
    assert reads(text) == free


def test_imports_inside_are_paths():
    names = read_names(
        ast.parse("def f():\n import a.b, c.d as e\n from .g import h as i\n return a.b.x, e.y, i.z").body[0],
        "p.q",
        frozenset({"p"}),
    )
    assert {v for v in names.reads.values() if v[0]} == {("a", "b.x"), ("c.d", "y"), ("p.q.g.h", "z")}
    assert names.executes == ["a.b", "c.d", "p.q.g.h"]


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("def f(): return globals()", {HERE}),
        ("def f(): return __file__", {HERE}),
        ("def f(o): return vars(o)", set()),
        ("def f(m): return m.eval()", set()),
        ("def f(n): return import_module(n)", {EVERYTHING}),
        ("def f(n): return importlib.import_module('p.x')", {"p.x"}),
        ("def f(n): return importlib.import_module(f'p.plots.{n}')", {"p.plots."}),
        ("def f(): return Base.__subclasses__()", {EVERYTHING}),
        ("def f(): return sys.modules['q']", {EVERYTHING}),
        ("def f(): return 'p.x:main', 'q.x', 'p. x'", {"p.x.main"}),
    ],
)
def test_what_cannot_be_followed(text, wholes):
    assert read_names(ast.parse(text).body[0], "p", frozenset({"p"})).wholes == wholes
