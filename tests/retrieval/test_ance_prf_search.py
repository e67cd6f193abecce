"""Inference: the vectors are pyserini's, stages compose, passages come from a store, bad input is named."""

import numpy as np
import pytest

from reprise.bench.ance_prf import make_ance_checkpoint
from reprise.errors import InputError, ParameterError
from reprise.retrieval.ance_prf_load import load_prf_encoder
from reprise.retrieval.ance_prf_passages import PassagesInLucene, PassagesInMemory, feedback_texts
from reprise.retrieval.ance_prf_search import encode_feedback, search_trained
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.fusion import interpolate
from reprise.retrieval.lucene import build_index
from reprise.retrieval.run import Run

TEXTS = {
    "d1": "sparse MATRIX factorisation " * 3,
    "d2": "The singular value decomposition",
    "d3": "sorting an array in place",
    "d4": "a tree of depth two",
}


@pytest.fixture(scope="module")
def lucene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lucene")
    build_index(
        ({"id": i, "contents": text} for i, text in TEXTS.items()), folder, "JsonCollection", "-storeRaw"
    )
    return folder


@pytest.fixture(scope="module")
def ance(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stand-in")
    make_ance_checkpoint(folder, size=16, layers=2)
    return folder


@pytest.fixture(scope="module")
def index():
    generator = np.random.default_rng(0)
    return DenseIndex.from_vectors(list(TEXTS), generator.normal(size=(4, 768)).astype(np.float32))


FIRST = Run.from_dict("first", {"q1": {"d1": 2.0, "d3": 1.0}, "q2": {"d2": 3.0, "d4": 1.0}})


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("max_tokens", [512, 40])
def test_vectors_equal_pyserinis_class(k, max_tokens, lucene, ance):
    """Text is lower-cased here, by the tokeniser there: both must come out alike."""
    from pyserini.encode import AnceQueryEncoder
    from pyserini.search.faiss import DenseVectorAncePrf, PrfDenseSearchResult
    from pyserini.search.lucene import LuceneSearcher

    encoder = load_prf_encoder(
        "ance", checkpoint=ance, keep_end=False, max_tokens=max_tokens, max_query_tokens=16
    )
    ours = encode_feedback(encoder, ["SVD of A", "sort"], FIRST, PassagesInLucene(lucene), k)
    theirs = AnceQueryEncoder(str(ance))
    whole = theirs.tokenizer.__call__
    if max_tokens < 512:  # pyserini's limit is fixed, so it is cut short here where it calls its tokeniser

        class Short:
            cls_token, sep_token = theirs.tokenizer.cls_token, theirs.tokenizer.sep_token

            def __call__(self, texts, **options):
                return whole(texts, **{**options, "max_length": max_tokens})

        theirs.tokenizer = Short()
    peer = DenseVectorAncePrf(theirs, LuceneSearcher(str(lucene)))
    for row, query in enumerate(["SVD of A", "sort"]):
        candidates = [PrfDenseSearchResult(d, 0.0, None) for d in FIRST.top(k)[row]]
        assert np.abs(peer.get_prf_q_emb(query, candidates)[0] - ours[row]).max() < 1e-4


def test_stages_compose_with_trained_feedback(ance, index):
    encoder = load_prf_encoder("ance", checkpoint=ance)
    queries, ids = ["svd of a", "sort"], ["q1", "q2"]
    vectors = np.random.default_rng(1).normal(size=(2, 768)).astype(np.float32)
    sparse = Run.from_dict("sparse", {"q1": {"d4": 2.0, "d1": 1.0}, "q2": {"d3": 1.0, "d2": 0.5}})
    store, seen = PassagesInMemory(TEXTS), []

    def read(first):
        seen.append(first.top(1))
        return encode_feedback(encoder, queries, first, store, 1)

    def search(stage):
        return search_trained(
            stage, read, query_vectors=vectors, query_ids=ids, index=index, sparse=sparse, depth=4
        )

    dense = index.search(ids, vectors, 4)
    fused = interpolate(sparse, dense, depth=4)
    after = index.search(ids, encode_feedback(encoder, queries, dense, store, 1), 4)
    before = index.search(ids, encode_feedback(encoder, queries, fused, store, 1), 4)
    assert search("vprf").to_dict() == after.to_dict()
    assert search("pre-prf").to_dict() == before.to_dict()
    assert search("post-prf").to_dict() == interpolate(sparse, after, depth=4).to_dict()
    assert search("both-prf").to_dict() == interpolate(sparse, before, depth=4).to_dict()
    assert seen == [dense.top(1), fused.top(1), dense.top(1), fused.top(1)]
    with pytest.raises(ParameterError, match="'no-prf' has no feedback"):
        search("no-prf")


def test_texts_of_the_first_k_in_rank_order(lucene):
    for store in (PassagesInMemory(TEXTS), PassagesInLucene(lucene)):
        texts = feedback_texts(FIRST, store, 2)
        assert texts == [[TEXTS["d1"], TEXTS["d3"]], [TEXTS["d2"], TEXTS["d4"]]]
        assert feedback_texts(FIRST, store, 0) == [[], []]
    shorter = Run.from_dict("r", {"q1": {"d1": 1.0}, "q2": {"d2": 1.0, "d3": 0.5}})
    assert feedback_texts(shorter, store, 2) == [[TEXTS["d1"]], [TEXTS["d2"], TEXTS["d3"]]]


def test_what_is_refused(lucene, tmp_path):
    with pytest.raises(InputError, match=r"fewer passages than feedback needs.*'k': 3.*2"):
        feedback_texts(FIRST, PassagesInMemory(TEXTS), 3)
    unknown = Run.from_dict("r", {"q": {"comet": 1.0}})
    for store in (PassagesInMemory(TEXTS), PassagesInLucene(lucene)):
        with pytest.raises(InputError, match="'comet' is not in the store"):
            feedback_texts(unknown, store, 1)
    with pytest.raises(InputError, match="no Lucene index"):
        PassagesInLucene(tmp_path)


def test_the_benchmark_runs_small_and_checks_that_both_give_the_same():
    from reprise.bench.ance_prf import benchmark

    rows = benchmark(queries=3, documents=40, repeats=1, size=16, layers=1)
    assert len(rows) == 2
    for row in rows:
        assert row.keys() == {"name", "ours_s", "peer_s", "ratio", "spread", "note"}
        assert min(row["ours_s"], row["peer_s"]) > 0
