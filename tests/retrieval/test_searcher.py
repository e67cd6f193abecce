"""One order of arguments for every searcher, and what is said when it is turned round."""

import ast
from pathlib import Path

import numpy as np
import pytest

import reprise
from reprise.errors import InputError
from reprise.retrieval.bm25 import BM25Index
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.impact import ImpactIndex
from reprise.retrieval.searcher import check_pairs

IDS, TEXTS = ["q1", "q2"], ["sparse matrix", "dense"]
WEIGHTS, VECTORS = [{"sparse": 1.0}, {"dense": 2.0}], np.eye(2, dtype=np.float32)
SEARCH = {
    "bm25": (BM25Index.search, TEXTS),
    "impact": (ImpactIndex.search, WEIGHTS),
    "dense": (DenseIndex.search, VECTORS),
}
BUILD = {
    "bm25": (BM25Index.build, TEXTS),
    "impact": (ImpactIndex.build, WEIGHTS),
    "dense": (lambda ids, items, folder: DenseIndex.from_vectors(ids, items), VECTORS),
}


def methods(name):
    """The parameters of each method of this name in the library, by module and class."""
    for path in sorted(Path(reprise.__file__).parent.rglob("*.py")):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for made in one.body if isinstance(one, ast.ClassDef) else []:
                if isinstance(made, ast.FunctionDef) and made.name == name:
                    yield f"{path.stem}.{one.name}", [argument.arg for argument in made.args.args]


def test_every_search_takes_ids_then_queries_then_the_depth():
    found = dict(methods("search"))
    assert found.keys() >= {"bm25.BM25Index", "dense.DenseIndex", "impact.ImpactIndex", "searcher.Searcher"}
    assert set(map(tuple, found.values())) == {("self", "query_ids", "queries", "depth")}


def test_what_knows_no_ids_takes_queries_and_the_depth_under_another_name():
    found = dict(methods("nearest"))
    assert found.keys() >= {"index.CompressedIndex", "binary.BinaryIndex", "jpq.JpqIndex"}
    assert set(map(tuple, found.values())) == {("self", "queries", "depth")}


@pytest.mark.parametrize("kind", SEARCH)
def test_a_swapped_search_is_refused_by_name(kind):
    search, queries = SEARCH[kind]
    with pytest.raises(InputError, match=r"each query stands where its id belongs.*give the ids first"):
        search(None, queries, IDS)


@pytest.mark.parametrize("kind", BUILD)
def test_a_swapped_index_is_refused_by_name(kind, tmp_path):
    build, documents = BUILD[kind]
    with pytest.raises(InputError, match=r"each document stands where its id belongs"):
        build(documents, IDS, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("ids", "queries"),
    [
        (["q1"], ["matria"]),
        (["topic 1"], ["two words"]),
        (["301"], [""]),
        ([], []),
        (np.array(["a", "b"]), VECTORS),
    ],
    ids=["one word", "an id with a blank", "no text", "none", "an array of ids"],
)
def test_what_may_be_right_is_let_through(ids, queries):
    check_pairs(ids, queries, "query")
