"""What can be reached, what is no part of it, and what counts whole because it cannot be followed."""

import pytest

from reprise.experiment.code.graph import Graph, Node
from reprise.experiment.code.reach import Code
from reprise.experiment.code.sources import Sources

TWO = {
    "a": "from p.b import g\nfrom p import c\ndef f():\n    return g() + c.K\n",
    "b": "def g():\n    return h()\ndef h():\n    return 1\ndef unused():\n    return 2\n",
    "c": "K = 1\nL = 2\n",
}


def test_names_are_followed_through_imports_to_definitions(package):
    assert package(**TWO).definitions() == {"p.a.f", "p.b.g", "p.b.h", "p.c.K"}


@pytest.mark.parametrize(
    "edits",
    [
        {"b": TWO["b"].replace("return 2", "return 3")},
        {"b": TWO["b"] + "def added():\n    return g()\n"},
        {"c": "import json\n" + TWO["c"] + "M = json\n"},
        {"c": "L = 3\nK = 1\n"},
        {"d": "from p.b import g\ndef f():\n    return 7\n"},
        {"": "from p.d import x\n__version__ = '2'\n", "d": "x = 1\n"},
        {"a": '"""What it is."""\n' + TWO["a"].replace("():", "():\n    'Documented.'\n    # why", 1)},
    ],
    ids=["unused", "added", "added import", "order", "added module", "the package's own module", "words"],
)
def test_what_is_not_reached_changes_nothing(package, edits):
    assert not package(**TWO).changes(**edits)


@pytest.mark.parametrize(
    "edits",
    [
        {"b": TWO["b"].replace("return 1", "return 3")},
        {"c": "K = 2\n"},
        {"c": "K = 1\nK = K + 1\n"},
        {"c": TWO["c"] + "K += 1\n"},
        {"c": TWO["c"] + "if L:\n    K = 3\n"},
        {"a": TWO["a"].replace("p.b import g", "p.b import unused as g")},
        {"a": TWO["a"].replace("g() +", "g() -")},
        {"a": TWO["a"].replace("c.K", "c.L")},
    ],
    ids=[
        "callee",
        "constant",
        "bound twice",
        "augmented",
        "in a branch",
        "other import",
        "operator",
        "other",
    ],
)
def test_what_is_reached_counts(package, edits):
    assert package(**TWO).changes(**edits)


@pytest.mark.parametrize("name", ["g", "h"])
def test_a_definition_may_move_with_its_imports(package, name):
    body = {"g": "def g():\n    return h()\n", "h": "def h():\n    return 1\n"}[name]
    rest = TWO["b"].replace(body, "")
    here = "" if name == "h" else "from p.b import h\n"
    moved = {"b": f"from p.new.place import {name}\n{rest}", "new": "", "new.place": here + body}
    assert not package(**TWO).changes(**moved)


def test_names_that_change_places_are_seen_though_the_texts_are_the_same(package):
    twins = {
        "a": "from p import b, c\ndef f():\n    return b.twin() - c.twin()\n",
        "b": "from p.d import x as g\ndef twin():\n    return g()\n",
        "c": "from p.d import y as g\ndef twin():\n    return g()\n",
        "d": "def x():\n    return 1\ndef y():\n    return 2\n",
    }
    swapped = {
        "b": twins["b"].replace("import x", "import y"),
        "c": twins["c"].replace("import y", "import x"),
    }
    assert package(**twins).changes(**swapped)


def test_definitions_that_call_each_other_have_an_end(package):
    circle = {
        "a": "from p.b import g\ndef f(n):\n    return g(n - 1)\n",
        "b": "def g(n):\n    from p.a import f\n    return f(n) if n else 0\n",
    }
    assert package(**circle).definitions() == {"p.a.f", "p.b.g"}
    assert package(**circle).changes(b=circle["b"].replace("else 0", "else 1"))


@pytest.mark.parametrize(
    ("using", "whole"),
    [
        ("from p import c\ndef f():\n    return vars(c)", True),
        ("from p import c\ndef f(name):\n    return getattr(c, name)", True),
        ("from p import c\ndef f():\n    return c.made_when_it_runs", True),
        ("try:\n    from p.c import K\nexcept ImportError:\n    K = 0\ndef f():\n    return K", False),
        ("try:\n    from p import c\nfinally:\n    pass\ndef f():\n    return c.K", True),
        ("try:\n    from p.c import *\nfinally:\n    pass\ndef f():\n    return K", True),
        ("class A:\n    from p.c import K\ndef f():\n    return A.K", False),
        ("def f():\n    class A:\n        from p.c import K\n    return A.K", False),
        ("K = 0\ndef f():\n    g()\n    return K\ndef g():\n    global K\n    from p.c import K", False),
        (
            "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from p.c import K\n"
            "def f():\n    return K",
            False,
        ),
        ("from p.c import *\ndef f():\n    return K", False),
        ("import p.c\ndef f():\n    return p.c.K", False),
        ("import p.c as m\ndef f():\n    return m.K", False),
        ("import importlib\ndef f():\n    return importlib.import_module('p.c').K", True),
        ("import importlib\ndef f(n):\n    return importlib.import_module(f'p.{n}').K", True),
        ("import importlib\ndef f(n):\n    return importlib.import_module(n).K", True),
        ("import sys\ndef f():\n    return sys.modules['p.c'].K", True),
        ("import subprocess\ndef f():\n    subprocess.run(['python', '-m', 'p.c'])", True),
        ("def f():\n    from p import c\n    return c.K", False),
        ("def f():\n    from .c import K\n    return K", False),
    ],
)
def test_what_cannot_be_followed_counts_whole(package, using, whole):
    made = package(a=using + "\n", c="K = 1\nL = 2\n")
    assert made.changes(c="K = 2\nL = 2\n")
    assert made.changes(c="K = 1\nL = 3\n") is whole


def test_a_function_that_can_read_any_name_takes_its_module_whole(package):
    for way in ("globals()['K']", "eval('K')", "__name__"):
        made = package(a=f"K = 1\ndef f():\n    return {way}\n")
        assert made.changes(a=made.files["a"].replace("K = 1", "K = 2"))


def test_a_class_counts_whole_with_its_bases_decorators_defaults_and_fields(package):
    made = package(
        a="from p.c import Child\ndef f():\n    return Child().run()\n",
        b="class Base:\n    def helper(self):\n        return 1\n",
        c=(
            "from dataclasses import dataclass\nfrom p.b import Base\nfrom p.d import Field, DEFAULT\n"
            "@dataclass\nclass Child(Base):\n    field: Field = DEFAULT\n"
            "    def other(self):\n        return 2\n"
        ),
        d="class Field:\n    size = 1\nDEFAULT = Field()\n",
    )
    assert made.definitions() == {"p.a.f", "p.b.Base", "p.c.Child", "p.d.Field", "p.d.DEFAULT"}
    for module, old, new in [
        ("b", "return 1", "return 2"),
        ("c", "return 2", "return 3"),
        ("d", "size = 1", "size = 2"),
    ]:
        assert made.changes(**{module: made.files[module].replace(old, new)})


@pytest.mark.parametrize(
    ("acting", "counts"),
    [
        ("from p.b import REGISTRY\nREGISTRY['x'] = 1\n", True),
        ("from p import b\nb.g = lambda: 7\n", True),
        ("from p.b import register\n@register\ndef x():\n    return 1\n", True),
        ("from p.b import register\nx = register(3)\n", True),
        ("from p.b import Plugin\nclass X(Plugin):\n    pass\n", True),
        ("import numpy\nnumpy.seterr(all='raise')\n", True),
        ("import numpy\nold = numpy.seterr(all='raise')\n", True),
        ("for x in range(3):\n    print(x)\n", True),
        ("from p.b import register\nx = list(map(register, 'ab'))\n", True),
        ("from p.b import register\nx = sorted('ab', key=lambda n: register(n))\n", True),
        ("from p.b import Plain\nx = Plain.get(3)\n", True),
        ("if __name__ != '__main__':\n    print(1)\n", True),
        ("if __name__ == '__main__':\n    pass\nelse:\n    print(1)\n", True),
        ("x = sorted(map(str, range(3)), key=lambda n: n)\n", False),
        ("import re\nWORDS = re.compile('x')\nNAMES = tuple(sorted({'a': 1}))\n", False),
        ("from functools import lru_cache\n@lru_cache(maxsize=1)\ndef x():\n    return 1\n", False),
        ("from p.b import Plain\nP = Plain(3)\n", False),
        ("if __name__ == '__main__':\n    print(1)\n", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import p.b\n", False),
    ],
)
def test_statements_that_act_count_where_their_module_is_imported(package, acting, counts):
    b = (
        "from dataclasses import dataclass\nREGISTRY = {}\ndef register(x):\n    REGISTRY[x] = x\n"
        "class Plugin:\n    def __init_subclass__(cls):\n        register(cls)\n"
        "@dataclass\nclass Plain:\n    size: int\n"
        "    @classmethod\n    def get(cls, x):\n        register(x)\n"
        "def g():\n    return sorted(REGISTRY)\n"
    )
    made = package(a="from p import d\nfrom p.b import g\ndef f():\n    return g()\n", b=b, d="", e="")
    assert made.changes(d=acting) is counts
    assert made.changes(d="from p import e\n", e=acting) is counts  # imported by what is imported
    assert not made.changes(e=acting)  # imported by nothing


def test_what_an_acting_statement_uses_counts_with_it(package):
    made = package(
        a="from p import d\ndef f():\n    return 1\n",
        d="from p.e import x\nx()\n",
        e="def x():\n    return 1\n",
    )
    assert made.changes(e="def x():\n    return 2\n")


def test_errors_and_the_machinery_carry_no_numbers_and_are_not_followed(package):
    made = package(
        a="from reprise.errors import InputError\nimport numpy as np\ndef f():\n    raise InputError(np.pi)"
    )
    reach = made.reach()
    assert set(reach.definitions["p.a"]) == {"f"}
    assert reach.outside == {"reprise", "numpy"}


def test_the_package_s_own_module_is_not_followed_and_those_in_it_are(package):
    made = package(
        a="import reprise\nfrom reprise import b\ndef f():\n    return b.g() + reprise.b.K\n",
        **{"": "", "b": ""},
    )
    texts = {"reprise": b"x()\n", "reprise.b": b"K = 1\ndef g():\n    return 1\n"}
    texts |= {f"p.{m}".rstrip("."): t.encode() for m, t in made.files.items()}
    code = Code(Graph(Sources({}, texts=texts), frozenset({"p", "reprise"})))
    definitions = code.reach([Node("definition", "p.a", "f")]).definitions
    assert {m: set(inside) for m, inside in definitions.items()} == {"p.a": {"f"}, "reprise.b": {"K", "g"}}


def test_only_libraries_that_are_reached_are_named(package):
    made = package(
        a="import faiss\nimport numpy as np\nfrom scipy import stats\ndef f():\n    return np.pi\n"
    )
    assert made.reach().outside == {"numpy"}
    assert made.changes(a=made.files["a"].replace("import numpy as np", "import torch as np"))


def test_branches_that_import_one_name_from_two_places_are_told_apart(package):
    made = package(
        a="def f(n):\n if n:\n  from p.b import x\n else:\n  from p.c import x\n return x\n",
        b="x = 1\n",
        c="x = 2\n",
    )
    assert made.changes(b="x = 2\n", c="x = 1\n")
    assert made.changes(a=made.files["a"].replace("p.b", "p.q").replace("p.c", "p.b").replace("p.q", "p.c"))
