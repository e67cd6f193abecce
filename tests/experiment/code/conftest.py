"""A small package of texts, and what of it can be reached from one of its functions."""

import pytest

from reprise.experiment.code.graph import Graph, Node
from reprise.experiment.code.reach import Code
from reprise.experiment.code.sources import Sources


class Package:
    """The package `p`: `files` maps a module ("a" is p.a, "" is p) to its text."""

    def __init__(self, **files):
        self.files = {"": "", **files}

    def reach(self, start="a.f", **edits):
        """What a definition, written as module.name, reaches when some modules are edited."""
        texts = {f"p.{m}".rstrip("."): t.encode() for m, t in {**self.files, **edits}.items()}
        code = Code(Graph(Sources({}, texts=texts), frozenset({"p", "reprise"})))
        module, _, name = start.rpartition(".")
        return code.reach([Node("definition", f"p.{module}", name)])

    def definitions(self, start="a.f", **edits):
        reached = self.reach(start, **edits).definitions
        return {f"{module}.{name}" for module, inside in reached.items() for name in inside}

    def changes(self, start="a.f", **edits):
        """Whether these edits make another hash."""
        return self.reach(start).digest != self.reach(start, **edits).digest


@pytest.fixture
def package():
    """Makes a package of modules: `package(a="def f(): ...")`."""
    return Package
