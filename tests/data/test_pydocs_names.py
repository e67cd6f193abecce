"""Public names and references, worked out from import statements."""

import pytest

from reprise.data.pydocs_names import PublicNames
from reprise.data.pydocs_source import Source, read_module

TOY = Source("toy", "toy", "toy")

CODE = {
    "toy": "from .linalg import *\nfrom ._c import compiled\n",
    "toy.linalg": "from ._impl import svd, Solver\n__all__ = ['svd']\n",
    "toy.linalg._impl": """
def svd(): "Doc."
def hidden(): "Doc."
class Base:
    "Doc."
    def fit(self): "Doc."
class Solver(Base):
    "Doc."
    def solve(self): "Doc."
""",
    "toy.sparse": "def svd(): 'Doc.'\ndef other(): 'Doc.'\n",
    "toy.stats": "def mean(): 'Doc.'\n",
}


@pytest.fixture(scope="module")
def toy():
    packages = {"toy", "toy.linalg"}
    return PublicNames([read_module(TOY, n, n in packages, code) for n, code in CODE.items()])


def test_public_are_open_paths_and_what_packages_import(toy):
    assert toy.paths["toy.linalg._impl.svd"] == ("toy.svd", "toy.linalg.svd")
    assert toy.paths["toy.linalg._impl.Solver.solve"] == ("toy.linalg.Solver.solve",)
    assert toy.paths["toy.sparse.svd"] == ("toy.sparse.svd",)
    assert "toy.linalg._impl.hidden" not in toy.paths


@pytest.mark.parametrize(
    ("reference", "source", "target"),
    [
        ("toy.svd", "toy.stats.mean", "toy.linalg._impl.svd"),  # a full public name
        ("~toy.sparse.svd", "toy.stats.mean", "toy.sparse.svd"),
        ("svd", "toy.sparse.other", "toy.sparse.svd"),  # the module's own comes first
        ("svd", "toy.stats.mean", "toy.linalg._impl.svd"),  # then what the package offers
        ("linalg.svd", "toy.sparse.other", "toy.linalg._impl.svd"),
        ("solve", "toy.linalg._impl.Solver", "toy.linalg._impl.Solver.solve"),
        ("Base.fit", "toy.stats.mean", None),  # Base is not public
        ("mean", "toy.sparse.other", "toy.stats.mean"),  # the only one of that name
        ("compiled", "toy.stats.mean", None),  # offered, but without a docstring
        ("toy.compiled", "toy.stats.mean", None),
        ("nothing", "toy.stats.mean", None),
        ("...", "toy.stats.mean", None),
    ],
)
def test_references(toy, reference, source, target):
    assert toy.resolve(reference, source) == target


def test_members_are_found_in_base_classes():
    code = "class A:\n    'D.'\n    def fit(self): 'D.'\nclass B(A): 'D.'\nclass C(B): 'D.'\ndef f(): 'D.'\n"
    names = PublicNames([read_module(TOY, "toy.core", False, code)])
    assert names.resolve("C.fit", "toy.core.f") == "toy.core.A.fit"


def test_of_equally_near_objects_none_is_taken():
    away = [read_module(TOY, f"toy.{m}", False, "def fit(): 'D.'\n") for m in "bc"]
    here = read_module(TOY, "toy.a", False, "def g(): 'D.'\n")
    assert PublicNames([*away, here]).resolve("fit", "toy.a.g") is None
    assert PublicNames([away[0], here]).resolve("fit", "toy.a.g") == "toy.b.fit"
