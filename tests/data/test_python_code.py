import pytest

from reprise.data import python_code
from reprise.data.pydocs_source import Source
from reprise.data.python_code import Function, functions_in, read_functions

CODE = '''
"""A module."""

@decorated
def one(x):
    """What it does.

    More.
    """
    y = x

    return y


class C:
    def method(self):
        return 1


def two():
    "Only a docstring."


async def three():
    return "\\d"
'''


def test_functions_at_the_top_without_docstrings_and_empty_lines():
    assert functions_in("m", CODE) == [
        Function("m.one", ("def one(x):", "    y = x", "    return y")),
        Function("m.two", ("def two():",)),
    ]


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "tests" / "b.py").write_text(CODE)
    monkeypatch.setattr(python_code, "find_package", lambda source: tmp_path)
    return Source("toy", "toy", "toy")


def test_tests_are_no_code_and_short_functions_can_be_left_out(package):
    assert [f.name for f in read_functions(package)] == ["toy.a.one", "toy.a.two"]
    assert [f.name for f in read_functions(package, least=2)] == ["toy.a.one"]
