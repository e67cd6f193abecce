"""Docstrings read from source text without running it."""

import pytest

from reprise.data.pydocs_source import SOURCES, Source, find_package, read_module, read_modules
from reprise.errors import EnvironmentNotReady

TOY = Source("toy", "toy", "toy", r"toy\.(old)\b")


def names(code, module="toy.core", is_package=False):
    return {d.name: d.text for d in read_module(TOY, module, is_package, code).docstrings}


def test_functions_classes_and_members_but_no_private_names():
    code = '''
class Matrix:
    "A matrix."
    def rank(self):
        """The rank.

            Indented.
        Not.
        """
    def _hidden(self):
        "No."
    def __len__(self):
        "No."
def _private():
    "No."
if True:
    async def load():
        "Under a condition."
'''
    assert names(code) == {
        "toy.core.Matrix": "A matrix.",
        "toy.core.Matrix.rank": "The rank.\n\n    Indented.\nNot.",
        "toy.core.load": "Under a condition.",
    }


def test_the_first_of_several_definitions_counts():
    assert names("def f():\n    'One.'\ndef f():\n    'Two.'\n") == {"toy.core.f": "One."}


@pytest.mark.parametrize(
    ("code", "name", "text"),
    [
        ("add_newdoc('toy._c', 'dot', 'Doc.')", "toy._c.dot", "Doc."),
        ("add_newdoc('toy._c', 'Array', ('T', 'Doc.'))", "toy._c.Array.T", "Doc."),
        ("add_newdoc('erf', 'Doc.')", "toy.core.erf", "Doc."),
        ("add_docstr(toy.abs, 'Doc ' + '{input} {{x}}'.format(**c))", "toy.abs", "Doc  {x}"),
        ("svd = _add_docstr(_c.toy_svd, 'Doc.')", "toy.core.svd", "Doc."),
        ("add_docstr_all('abs', 'Doc.')", "toy.core.torch.Tensor.abs", "Doc."),
    ],
)
def test_documenting_calls(code, name, text):
    assert names(code) == {name: text}


def test_members_of_private_classes_and_made_up_texts_are_left_out():
    assert names("add_newdoc('toy._c', '_converter', ('scalar', 'Doc.'))\nadd_docstr(toy.abs, text)\n") == {}


def test_placeholders_are_dropped():
    assert names("def f():\n    'Plot. %(Figure:kwdoc)s end'\n") == {"toy.core.f": "Plot.  end"}


def test_imports_become_absolute_and_all_is_read():
    module = read_module(
        TOY,
        "toy.linalg",
        True,
        "from ._core import svd as s\nfrom .. import base\nfrom toy.x import *\n__all__ = ['s']\n",
    )
    assert module.imports == (("s", "toy.linalg._core", "svd"), ("base", "toy", "base"), ("*", "toy.x", "*"))
    assert module.exported == ("s",)


def test_tests_vendored_code_and_skipped_modules_are_left_out(tmp_path):
    for name in (
        "a.py",
        "tests/b.py",
        "_vendor/c.py",
        "old/d.py",
        "externals/e.py",
        "conftest.py",
        "older.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("def f():\n    'Doc.'\n")
    assert [m.name for m in read_modules(TOY, tmp_path)] == ["toy.a", "toy.older"]


def test_what_is_no_python_counts_as_empty():
    assert names("{% template %}") == {}


def test_a_missing_package_is_named():
    with pytest.raises(EnvironmentNotReady, match="'no-such-thing'"):
        find_package(Source("x", "no-such-thing", "no_such_thing"))


def test_every_source_is_found_and_none_is_run():
    import subprocess
    import sys

    code = (
        "import sys; from reprise.data.pydocs_source import *\n"
        "[find_package(s) for s in SOURCES]\n"
        "print(sorted({s.package for s in SOURCES} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert len(SOURCES) == 9
