"""Which code a unit's key covers, and which edits of it count."""

import sys

import pytest

from reprise.errors import ParameterError
from reprise.experiment.source_hash import code_hashes, normalised, package_hashes


@pytest.fixture
def package(tmp_path, monkeypatch):
    """pack: a imports b; b imports pack.inner.c inside a function; lonely is imported by none."""
    root = tmp_path / "hashed_pack"
    (root / "inner").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "inner" / "__init__.py").write_text("")
    (root / "a.py").write_text(
        "import json\nfrom hashed_pack import b\nfrom reprise.errors import InputError\n"
    )
    (root / "b.py").write_text("def f():\n    from .inner.c import K\n    return K\n")
    (root / "inner" / "c.py").write_text("K = 1\n")
    (root / "lonely.py").write_text("K = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield root
    for name in [n for n in sys.modules if n.startswith("hashed_pack")]:
        del sys.modules[name]


def test_imports_are_followed_also_inside_functions_and_relative(package):
    assert list(code_hashes("hashed_pack.a")) == [
        "hashed_pack",
        "hashed_pack.a",
        "hashed_pack.b",
        "hashed_pack.inner",
        "hashed_pack.inner.c",
    ]


def test_nothing_is_imported_to_read_the_code(package):
    (package / "b.py").write_text("raise RuntimeError('imported')\n")
    assert "hashed_pack.b" in code_hashes("hashed_pack.a")
    assert "hashed_pack.a" not in sys.modules


@pytest.mark.parametrize(
    ("file", "text", "counts"),
    [
        ("inner/c.py", "K = 2\n", True),
        ("inner/c.py", '"""What K is."""\nK = 1  # one\n', False),
        ("b.py", "def f():\n    'Doc.'\n\n    from .inner.c import K\n    return (K)\n", False),
        ("lonely.py", "K = 2\n", False),
    ],
)
def test_what_counts_as_a_change(package, file, text, counts):
    before = code_hashes("hashed_pack.a")
    (package / file).write_text(text)
    assert (code_hashes("hashed_pack.a") != before) is counts


def test_errors_and_the_machinery_itself_carry_no_numbers():
    names = code_hashes("reprise.data.cache")
    assert "reprise.data.cache" in names
    assert not [name for name in names if name.startswith(("reprise.errors", "reprise.experiment"))]


def test_a_whole_package(package):
    assert {"hashed_pack.lonely", "hashed_pack.inner.c"} <= set(package_hashes("hashed_pack"))


def test_code_without_a_file_is_refused():
    with pytest.raises(ParameterError, match="no source file"):
        code_hashes("__nowhere__")


def test_an_attribute_docstring_is_documentation_and_a_used_string_is_not():
    assert normalised('A = 1\n"""What A is."""') == normalised("A = 1")
    assert normalised('A = "x"') != normalised('A = "y"')
