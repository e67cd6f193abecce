"""The encoder: it starts as the retriever's own, is saved and opened whole, and refuses what does not fit."""

import numpy as np
import pytest
import torch

from reprise.bench.ance_prf import make_ance_checkpoint
from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.ance_prf_load import load_prf_encoder
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import save_bi_encoder
from reprise.retrieval.encoders import load_encoder
from reprise.retrieval.paper_encoders import load_paper_encoder

QUERIES = ["sort the array", "find the mean of a dense matrix", "tree"]
FEEDBACK = [["a sparse matrix", "dense"], ["the sum", "a tree of graphs and a mean"], ["sort", "sum"]]


@pytest.fixture(scope="module")
def bi_encoder(tiny_checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bi-encoder")
    save_bi_encoder(*load_transformer(tiny_checkpoint), folder, max_query_tokens=6)
    return folder


@pytest.fixture(scope="module")
def ance(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stand-in")
    make_ance_checkpoint(folder, size=16, layers=1)
    return folder


def test_without_feedback_and_training_it_is_the_retriever(bi_encoder):
    encoder = load_prf_encoder(bi_encoder)
    retriever = load_encoder(bi_encoder)
    assert np.array_equal(encoder.encode(QUERIES, [[]] * 3), retriever.encode_queries(QUERIES))
    reads = encoder.encode(QUERIES, FEEDBACK)
    assert np.abs(reads - retriever.encode_queries(QUERIES)).max() > 0.01
    assert np.allclose(np.linalg.norm(reads, axis=1), 1)


@pytest.mark.parametrize("name", ["tct_colbert-v2-hnp", "distilbert-dot-tas_b-b256"])
def test_without_feedback_it_is_the_papers_retriever(name, tiny_checkpoint):
    encoder = load_prf_encoder(name, checkpoint=tiny_checkpoint, max_tokens=64, max_query_tokens=36)
    retriever = load_paper_encoder(name, str(tiny_checkpoint))
    expected = retriever.encode_queries(QUERIES)
    assert np.abs(encoder.encode(QUERIES, [[]] * 3) - expected).max() < 1e-5


def test_without_feedback_it_is_ance(ance):
    encoder = load_prf_encoder("ance", checkpoint=ance)
    expected = load_paper_encoder("ance", str(ance)).encode_queries(["SVD of a matrix", "qr"])
    assert np.abs(encoder.encode(["SVD of a matrix", "qr"], [[], []]) - expected).max() < 1e-5
    assert encoder.dim == 768


def test_ance_reads_lower_case_only_unless_told_otherwise(ance):
    lower = load_prf_encoder("ance", checkpoint=ance)
    a, b = (lower.encode(["svd"], [[text]]) for text in ("The MATRIX", "the matrix"))
    assert np.array_equal(a, b)
    mixed = load_prf_encoder("ance", checkpoint=ance, lower_case=False)
    a, b = (mixed.encode(["svd"], [[text]]) for text in ("The MATRIX", "the matrix"))
    assert np.abs(a - b).max() > 1e-3


def test_a_batch_gives_what_single_queries_give_in_their_order(bi_encoder):
    encoder = load_prf_encoder(bi_encoder, batch_size=2)
    alone = [encoder.encode([q], [p]) for q, p in zip(QUERIES, FEEDBACK, strict=True)]
    assert np.abs(encoder.encode(QUERIES, FEEDBACK) - np.vstack(alone)).max() < 1e-5


def test_poolings_by_hand(bi_encoder):
    [query], [passages] = ["sort the array"], [["a sparse matrix"]]
    body, tokenizer = load_transformer(bi_encoder)
    ids = tokenizer("sort the array [SEP] a sparse matrix", return_tensors="pt")
    with torch.no_grad():
        hidden = body(**ids).last_hidden_state[0].numpy()
    expected = {
        "first": hidden[0],
        "mean": hidden.mean(0),
        "query": hidden[:5].mean(0),  # [CLS] sort the array [SEP]
        "after-marker": hidden[4:].mean(0),
    }
    for pooling, vector in expected.items():
        found = load_prf_encoder(bi_encoder, pooling=pooling).encode([query], [passages])[0]
        assert np.abs(found - vector / np.linalg.norm(vector)).max() < 1e-5, pooling


def test_saved_and_opened_again(bi_encoder, ance, tmp_path):
    for name, start in (("mini", {"start": bi_encoder}), ("ance", {"start": "ance", "checkpoint": ance})):
        encoder = load_prf_encoder(**start, max_passage_tokens=4)
        encoder.reset_head(3)
        encoder.save(tmp_path / name)
        opened = load_prf_encoder(tmp_path / name)
        assert opened.form == encoder.form
        for kept, weight in zip(
            opened.tower.state_dict().values(), encoder.tower.state_dict().values(), strict=True
        ):
            assert torch.equal(kept, weight)
        # not to the bit: pyserini's class and transformers' choose another form of attention
        assert np.abs(opened.encode(QUERIES, FEEDBACK) - encoder.encode(QUERIES, FEEDBACK)).max() < 1e-5


def test_a_re_initialised_head_is_another_space(bi_encoder, ance):
    for start in ({"start": bi_encoder}, {"start": "ance", "checkpoint": ance}):
        inherited, anew, again = (load_prf_encoder(**start) for _ in range(3))
        body = {n: w.clone() for n, w in anew.tower["body"].state_dict().items()}
        anew.reset_head(1)
        again.reset_head(1)
        before = inherited.encode(QUERIES, FEEDBACK)
        assert np.abs(anew.encode(QUERIES, FEEDBACK) - before).max() > 0.01
        assert np.array_equal(anew.encode(QUERIES, FEEDBACK), again.encode(QUERIES, FEEDBACK))
        assert all(torch.equal(w, body[n]) for n, w in anew.tower["body"].state_dict().items())


def test_what_is_refused(bi_encoder, ance, tiny_checkpoint, tmp_path):
    from transformers import RobertaConfig, RobertaModel

    with pytest.raises(ParameterError, match=r"fewer tokens than max_tokens.*64, 65"):
        load_prf_encoder(bi_encoder, max_tokens=65)  # the toy BERT has 64 positions
    with pytest.raises(ParameterError, match=r"fewer tokens than max_tokens.*512, 513"):
        load_prf_encoder("ance", checkpoint=ance, max_tokens=513)  # 514 positions, two before the first token
    with pytest.raises(ParameterError, match="must hold a whole query"):
        load_prf_encoder(bi_encoder, max_tokens=5)  # queries of 6
    with pytest.raises(ParameterError, match="unknown pooling"):
        load_prf_encoder(bi_encoder, pooling="max")
    with pytest.raises(InputError, match=r"another architecture.*bert"):
        load_prf_encoder("ance", checkpoint=tiny_checkpoint)
    with pytest.raises(EnvironmentNotReady, match="no checkpoint of ANCE"):
        load_prf_encoder("ance", checkpoint=tmp_path)
    headless = tmp_path / "headless"
    make_ance_checkpoint(headless, size=16, layers=1)
    RobertaModel(RobertaConfig.from_pretrained(headless)).save_pretrained(headless)
    with pytest.raises(InputError, match=r"no ANCE encoder.*embeddingHead"):
        load_prf_encoder("ance", checkpoint=headless)
