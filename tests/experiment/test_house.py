"""House rules that a reader of the code relies on: floors, lazy imports, no global random state."""

import ast
from functools import cache
from pathlib import Path

LIB = Path(__file__).parents[2] / "lib" / "reprise"
MODULES = sorted(LIB.rglob("*.py"))

FLOORS = [
    {"errors", "jvm"},
    {"texts", "entry_points"},
    {"data"},
    {"evaluation"},
    {"language"},  # stands on no retriever; retrieval by a language model will stand on it
    {"retrieval", "multitask", "sparsity"},
    {"compression"},  # of a dense retriever: learned codes are trained with its encoder
    {"claims"},
    {"experiment"},
    {"studies"},
    {"report"},
    {"site"},
    {"bench"},
    {"cli"},
]
"""From the ground up; an import only ever runs down, or stays on its floor inside one package."""

HEAVY = {
    "torch",
    "transformers",
    "faiss",
    "pandas",
    "sklearn",
    "matplotlib",
    "pyserini",
    "ir_measures",
    "papermill",
    "sympy",
    "networkx",
    "sentence_transformers",
    "numba",
    "jnius",
    "nbformat",
    "nbclient",
    "distributed",
    "dask",
}

NEW_STYLE = {"default_rng", "Generator", "SeedSequence", "PCG64", "BitGenerator"}


def floor_of(name):
    return next((i for i, floor in enumerate(FLOORS) if name in floor), None)


def name_of(path):
    return ".".join(path.relative_to(LIB).with_suffix("").parts)


def imported(tree):
    """(module, at the top?) of every import in a file."""
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top


def random_calls(tree):
    """Uses of the global random state: np.random.<fn> and random.<fn>."""
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "random"
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        below = node.value
        if (
            isinstance(below, ast.Attribute)
            and below.attr == "random"
            and isinstance(below.value, ast.Name)
            and below.value.id in ("np", "numpy")
            and node.attr not in NEW_STYLE
        ):
            yield f"line {node.lineno}: np.random.{node.attr}"
        if (
            isinstance(below, ast.Name)
            and below.id in modules
            and node.attr not in ("Random", "SystemRandom")
        ):
            yield f"line {node.lineno}: random.{node.attr}"


def test_the_rule_finds_what_it_forbids():
    """The lint itself can fail."""
    assert list(random_calls(ast.parse("import numpy as np\nnp.random.seed(1)\nnp.random.default_rng(1)")))
    assert list(random_calls(ast.parse("import random as r\nr.choice([1])\nr.Random(1)"))) == [
        "line 2: random.choice"
    ]
    assert floor_of("cli") > floor_of("experiment") > floor_of("data")


def test_no_global_random_state():
    assert failures(lambda path, tree: list(random_calls(tree))) == {}


def test_imports_only_run_down():
    def wrong(path, tree):
        here = name_of(path).split(".")[0]
        mine = floor_of(here)
        others = [m.split(".")[1] for m, _ in imported(tree) if m.startswith("reprise.")]
        return (
            []
            if mine is None
            else [
                other
                for other in others
                if other != here and floor_of(other) is not None and floor_of(other) >= mine
            ]
        )

    assert failures(wrong) == {}
    assert {name_of(path).split(".")[0] for path in MODULES} - {"__init__"} <= set().union(*FLOORS)


def test_heavy_libraries_are_imported_inside_functions():
    assert (
        failures(lambda path, tree: [m for m, top in imported(tree) if top and m.split(".")[0] in HEAVY])
        == {}
    )


def test_yaml_is_read_by_the_reader_that_refuses_a_key_said_twice():
    """PyYAML's own loaders keep the last value without a word."""

    def loaders(path, tree):
        if name_of(path) == "data.yaml_files":
            return []
        called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        return [
            ast.unparse(function)
            for function in called
            if isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id == "yaml"
            and "load" in function.attr
        ]

    assert failures(loaders) == {}
    assert loaders(LIB / "x.py", ast.parse("import yaml\nyaml.safe_load(t)")) == ["yaml.safe_load"]


def test_a_module_says_what_it_is_and_has_no_name_for_everything():
    assert failures(lambda path, tree: [] if ast.get_docstring(tree) else ["no docstring"]) == {}
    assert not [path for path in MODULES if path.stem in ("utils", "helpers", "common")]


@cache
def parsed(path):
    """The syntax tree of a module, read once for all rules."""
    return ast.parse(path.read_bytes())


def failures(check):
    """What the check finds, by module."""
    found = {name_of(path): check(path, parsed(path)) for path in MODULES}
    return {name: wrong for name, wrong in found.items() if wrong}
