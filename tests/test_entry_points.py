"""The names that the packages offer: all there, shown by dir(), cheap to import, not used by the library."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import reprise

LIB = Path(reprise.__file__).parent
PACKAGES = [
    "reprise",
    "reprise.claims",
    "reprise.data",
    "reprise.evaluation",
    "reprise.language",
    "reprise.retrieval",
]
HEAVY = ("torch", "transformers", "faiss", "jnius", "pandas", "sklearn", "scipy", "ir_measures")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_there_and_shown(package):
    module = importlib.import_module(package)
    offered = dir(module)
    assert len(offered) > 3
    for name in offered:
        found = getattr(module, name)
        assert (getattr(found, "__doc__", "") or "").strip(), f"{package}.{name} says nothing about itself"


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_no_name_is_hidden_by_a_module_of_the_package(package):
    """`from reprise.claims import judge` would give the module as soon as anything had imported it."""
    folder = Path(importlib.import_module(package).__file__).parent
    assert {path.stem for path in folder.glob("*.py")} & set(dir(importlib.import_module(package))) == set()


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(ImportError, match="cannot import name 'load_colection'"):
        from reprise.data import load_colection  # noqa: F401
    with pytest.raises(AttributeError, match="'reprise' has no attribute 'dat'"):
        _ = reprise.dat


def test_a_star_imports_what_is_offered():
    names = {}
    exec("from reprise.data import *", names)
    assert set(dir(reprise.data)) == set(names) - {"__builtins__"}


def test_importing_the_packages_imports_nothing_heavy():
    code = "import sys; import {}; print(*[m for m in {} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code.format(", ".join(PACKAGES), HEAVY)],
        env={"PYTHONPATH": str(LIB.parent)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_the_library_imports_from_modules_and_not_through_the_packages():
    """What a result depends on is read from imports, and a package's table leads everywhere."""

    def through(tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in PACKAGES:
                folder = LIB.joinpath(*node.module.split(".")[1:])
                for alias in node.names:
                    below = folder / alias.name
                    if not (
                        below.is_dir() or below.with_suffix(".py").is_file() or alias.name == "__version__"
                    ):
                        yield f"{node.module}.{alias.name}"

    assert list(through(ast.parse("from reprise.data import load_collection, load"))) == [
        "reprise.data.load_collection"
    ]
    found = {
        f"{path.relative_to(LIB)}: {name}"
        for path in LIB.rglob("*.py")
        for name in through(ast.parse(path.read_text()))
    }
    assert found == set()
