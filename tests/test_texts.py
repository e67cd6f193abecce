"""A list of texts is a list of texts: what else Python would take for one is refused by name, everywhere."""

import ast
from pathlib import Path

import numpy as np
import pytest

from reprise.compression.jpq import corpus_fingerprint
from reprise.errors import InputError
from reprise.evaluation.measures import evaluate
from reprise.evaluation.rankings import kendall_tau_union, rank_biased_overlap
from reprise.retrieval.ance_prf_input import PrfForm, build_inputs
from reprise.retrieval.bm25 import BM25Index
from reprise.retrieval.cross_encoder import CrossEncoder
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.encoders import TransformerEncoder, refuse_empty
from reprise.retrieval.hard_negatives import mine_hard_negatives
from reprise.retrieval.impact import ImpactIndex
from reprise.retrieval.late_interaction import LateInteraction
from reprise.retrieval.paper_encoders import PaperEncoder
from reprise.retrieval.query_generation import ExtractiveGenerator, Seq2SeqGenerator
from reprise.retrieval.residual_map import KeyedVectors
from reprise.retrieval.run import Run
from reprise.retrieval.store_states import store_states
from reprise.retrieval.stored_states import StoredStates
from reprise.retrieval.unicoil import UniCoil, weigh_queries_released
from reprise.retrieval.vocabulary import count_outside
from reprise.texts import check_ids, check_texts

LIB = Path(__file__).parents[1] / "lib" / "reprise"
TWO = np.eye(2, dtype=np.float32)
RUN = Run.from_dict("run", {"ab": {"d": 1.0}})

TAKERS = {
    # what must be refused before a model, an index or Java is asked for anything: `self` can be None
    "corpus_fingerprint doc_ids": lambda text: corpus_fingerprint(text, ["x", "y"]),
    "corpus_fingerprint texts": lambda text: corpus_fingerprint(["x", "y"], text),
    "evaluate topics": lambda text: evaluate({"a": {"d": 1.0}}, {"a": {"d": 1}}, text, ["MAP"]),
    "evaluate measures": lambda text: evaluate({"a": {"d": 1.0}}, {"a": {"d": 1}}, ["a"], text),
    "kendall_tau_union original": lambda text: kendall_tau_union(text, ["a"]),
    "kendall_tau_union ours": lambda text: kendall_tau_union(["a"], text),
    "rank_biased_overlap original": lambda text: rank_biased_overlap(text, ["a"]),
    "rank_biased_overlap ours": lambda text: rank_biased_overlap(["a"], text),
    "build_inputs queries": lambda text: build_inputs(None, text, [["x"], ["y"]], PrfForm()),
    "build_inputs passages": lambda text: build_inputs(None, ["x"], [text], PrfForm()),
    "BM25Index.build doc_ids": lambda text: BM25Index.build(text, ["x", "y"], "nowhere"),
    "BM25Index.build texts": lambda text: BM25Index.build(["x", "y"], text, "nowhere"),
    "BM25Index.search query_ids": lambda text: BM25Index.search(None, text, ["x", "y"]),
    "BM25Index.search queries": lambda text: BM25Index.search(None, ["x", "y"], text),
    "CrossEncoder.score pairs": lambda text: CrossEncoder(None, None).score([text]),
    "DenseIndex.__init__ doc_ids": lambda text: DenseIndex(text, None),
    "DenseIndex.from_vectors doc_ids": lambda text: DenseIndex.from_vectors(text, TWO),
    "DenseIndex.search query_ids": lambda text: DenseIndex.search(None, text, TWO),
    "DenseIndex.vectors doc_ids": lambda text: DenseIndex.vectors(None, text),
    "TransformerEncoder.encode_queries texts": lambda text: TransformerEncoder(None, None).encode_queries(
        text
    ),
    "TransformerEncoder.encode_documents texts": lambda text: TransformerEncoder.encode_documents(None, text),
    "refuse_empty texts": lambda text: refuse_empty(text, "query"),
    "mine_hard_negatives all_documents": lambda text: mine_hard_negatives(
        RUN, {"ab": ["d"]}, 1, generator=np.random.default_rng(1), all_documents=text
    ),
    "ImpactIndex.build doc_ids": lambda text: ImpactIndex.build(text, [{}, {}], "nowhere"),
    "ImpactIndex.search query_ids": lambda text: ImpactIndex.search(None, text, [{}, {}]),
    "LateInteraction.score_pairs queries": lambda text: LateInteraction.score_pairs(None, text, ["x", "y"]),
    "LateInteraction.score_pairs documents": lambda text: LateInteraction.score_pairs(None, ["x", "y"], text),
    "LateInteraction.score_all queries": lambda text: LateInteraction.score_all(None, text, ["x"]),
    "LateInteraction.score_all documents": lambda text: LateInteraction.score_all(None, ["x"], text),
    "PaperEncoder.encode_queries texts": lambda text: PaperEncoder("ance", "x").encode_queries(text),
    "PaperEncoder.encode_documents texts": lambda text: PaperEncoder("ance", "x").encode_documents(text),
    "ExtractiveGenerator.generate texts": lambda text: ExtractiveGenerator(None).generate(text, 1, 0),
    "Seq2SeqGenerator.generate texts": lambda text: Seq2SeqGenerator(None, None).generate(text, 1, 0),
    "Run.from_arrays query_ids": lambda text: Run.from_arrays(
        "r", text, ["x"], np.zeros((2, 1), int), TWO[:, :1]
    ),
    "Run.from_arrays doc_ids": lambda text: Run.from_arrays("r", ["q"], text, np.array([[0, 1]]), TWO[:1]),
    "Run.from_lists query_ids": lambda text: Run.from_lists("r", text, [["x"], ["y"]], [[1.0], [1.0]]),
    "Run.from_lists documents": lambda text: Run.from_lists("r", ["q"], [text], [[1.0, 2.0]]),
    "Run.select query_ids": lambda text: RUN.select(text),
    "KeyedVectors.places keys": lambda text: KeyedVectors.places(None, text),
    "StoredStates.places texts": lambda text: StoredStates.places(None, text),
    "count_outside texts": lambda text: count_outside(None, text),
    "store_states texts": lambda text: store_states(None, None, text, 1, "nowhere", max_tokens=8),
    "UniCoil.weigh_documents texts": lambda text: UniCoil(None, None).weigh_documents(text),
    "UniCoil.weigh_queries texts": lambda text: UniCoil(None, None).weigh_queries(text),
    "weigh_queries_released texts": lambda text: weigh_queries_released("x", text),
}

INNER = {
    # handed lists that one of the above has looked at
    "LuceneIndex.search",
    "PrfEncoder.embed",
    "PrfEncoder.encode",
    "StoredStates.read",
    "StoredStates.token_rows",
    "TransformerEncoder.encode_read",
    "compact",
    "encode_feedback",
    "encode_stored",
    "encoding_order",
    "fetch_vectors",
    "label_tuples",
    "refuse_infinite",
    "search_stage",
    "tokenise",
    "train_token_head",
    "weigh_stored",
}


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("bare", ["ab", ["a", 7]], ids=["one text", "a number"])
def test_one_text_in_place_of_a_list_and_what_is_no_text(taker, bare):
    with pytest.raises(InputError, match=r"a list of|not a (text|query)|document ids and as many"):
        TAKERS[taker](bare)


def test_no_taker_of_lists_is_forgotten():
    found = {
        f"{function} {argument}"
        for floor in ("retrieval", "compression", "evaluation")
        for path in (LIB / floor).glob("*.py")
        for function, argument in takers(ast.parse(path.read_text()).body)
        if function not in INNER and not function.startswith("check_")
    }
    assert found - set(TAKERS) == set()


def takers(body, inside=""):
    """(function, argument) of public functions and methods that take a list of texts."""
    for node in body:
        if getattr(node, "name", "_") != "__init__" and getattr(node, "name", "_").startswith("_"):
            continue
        if isinstance(node, ast.ClassDef) and not any(ast.unparse(base) == "Protocol" for base in node.bases):
            yield from takers(node.body, f"{node.name}.")
        if isinstance(node, ast.FunctionDef):
            for argument in [*node.args.args, *node.args.kwonlyargs]:
                if argument.annotation and "Sequence[str]" in ast.unparse(argument.annotation):
                    yield inside + node.name, argument.arg


class TestTexts:
    def test_half_a_surrogate_pair_is_named(self):
        with pytest.raises(InputError, match=r"document 1 has half of a surrogate pair.*x"):
            check_texts(["fine \U0001f600", "x \ud83d y"], "document")

    def test_bytes_are_no_text(self):
        with pytest.raises(InputError, match="query 0 is not a text"):
            check_texts([b"hello"], "query")

    def test_an_id_that_numpy_would_shorten_is_refused_and_others_are_kept_apart(self):
        with pytest.raises(InputError, match=r"document id 'a\\x00' ends in a NUL"):
            Run.from_dict("r", {"q": {"a": 2.0, "a\0": 1.0}})
        assert Run.from_dict("r", {"q": {"a": 2.0, "a\0b": 1.0}}).top(2) == [["a", "a\0b"]]

    def test_arrays_of_text_are_lists(self):
        check_ids(np.array(["a", "b"]), "topic id")
        check_texts(np.array(["a", "b"]), "topic")
