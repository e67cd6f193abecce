"""Which definitions of ours really run while a unit does: what a key must know at the very least.

Code that a unit runs is seen by Python's own profiler, call by call, and the constants that it reads are told
from its instructions. What runs because a module is imported is left out: it is the same for every unit.
"""

import ast
import dis
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import reprise
from reprise.experiment.code.graph import NO_NUMBERS

FOLDER = Path(reprise.__file__).parent


@contextmanager
def watched():
    """The code objects that run in the body, those of ours only."""
    seen, calls = set(), {}

    def note(frame, event, argument):
        if event == "call":
            calls[id(frame.f_code)] = frame.f_code

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        seen.update(code for code in calls.values() if Path(code.co_filename).is_relative_to(FOLDER))


def definitions_in(codes, graph):
    """The definitions at the top of modules that these code objects stand in or read, as (module, name)."""
    found = set()
    for code in codes:
        module = _module_of(code)
        top = _definition_of(code, module, graph)
        if top is None or module.startswith("reprise.experiment") or module in NO_NUMBERS:
            continue
        found.add((module, top))
        for name in {
            i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        }:
            found |= {(n.module, n.name) for n in graph.follow(module, name) if n.kind == "definition"}
    return found


def _module_of(code):
    parts = Path(code.co_filename).relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _definition_of(code, module, graph):
    """The name of the top definition; None for code that runs when the module is imported."""
    node, first = ast.parse(graph.sources.text(module)), None
    for part in code.co_qualname.split("."):
        if part == "<locals>":
            continue
        inside = {n.name: n for n in ast.iter_child_nodes(node) if isinstance(n, _NAMED)}
        if part not in inside:  # a lambda or a comprehension
            return None if isinstance(node, ast.ClassDef | ast.Module) else first
        node, first = inside[part], first or part
    return None if isinstance(node, ast.ClassDef) else first


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
