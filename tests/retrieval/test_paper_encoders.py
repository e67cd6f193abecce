"""The papers' encoders from tiny checkpoints of each kind: weights arrive, and one vector is done by hand.

Newer transformers leave parts of such checkpoints at random values without a word; these tests see it.
"""

import json

import numpy as np
import pytest

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.encoders import PAPER_ENCODERS, load_encoder
from reprise.retrieval.paper_encoders import SPECS, load_paper_encoder


@pytest.fixture(scope="module")
def ance_checkpoint(tmp_path_factory):
    """RoBERTa of one layer over bytes, with ANCE's head of known values."""
    import torch
    from transformers import RobertaConfig
    from transformers.models.roberta.tokenization_roberta import bytes_to_unicode

    from reprise.retrieval.java import start_java

    start_java()
    from pyserini.encode import AnceEncoder

    folder = tmp_path_factory.mktemp("ance")
    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *bytes_to_unicode().values()]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AnceEncoder(
            RobertaConfig(
                vocab_size=len(tokens),
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=32,
                bos_token_id=0,
                max_position_embeddings=80,
                pad_token_id=1,
                eos_token_id=2,
            )
        )
        for parameter in (*model.embeddingHead.parameters(), *model.norm.parameters()):
            torch.nn.init.normal_(parameter, mean=0.1, std=0.5)
    model.save_pretrained(folder)
    return folder, model.eval()


def layer_norm(x, weight, bias):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * weight + bias


def test_ance_head_is_loaded_and_a_vector_is_right(ance_checkpoint):
    import torch
    from safetensors.torch import load_file

    folder, model = ance_checkpoint
    encoder = load_paper_encoder("ance", str(folder), threads=1)
    saved = load_file(folder / "model.safetensors")
    for loaded in (encoder.query_encoder.model, encoder.document_encoder.model):
        for name, weight in loaded.state_dict().items():
            assert torch.equal(weight, saved[name]), name
    ids = torch.tensor([[0, *encoder.query_encoder.tokenizer.convert_tokens_to_ids(list("svd")), 2]])
    with torch.no_grad():
        first = model.roberta(ids).last_hidden_state[0, 0].numpy()
    w = {name: weight.numpy() for name, weight in saved.items()}
    expected = layer_norm(
        w["embeddingHead.weight"] @ first + w["embeddingHead.bias"], w["norm.weight"], w["norm.bias"]
    )
    assert np.abs(encoder.encode_queries(["svd"])[0] - expected).max() < 1e-5
    assert np.abs(encoder.encode_documents(["svd", "of a longer text"])[0] - expected).max() < 1e-5
    assert encoder.dim == 768


def test_ance_sees_lower_case_only(ance_checkpoint):
    encoder = load_paper_encoder("ance", str(ance_checkpoint[0]))
    for encode in (encoder.encode_queries, encoder.encode_documents):
        upper, lower, other = encode(["SVD", "svd", "qr"])
        assert np.allclose(upper, lower, atol=1e-6) and not np.allclose(upper, other, atol=1e-3)


def test_documents_come_back_in_order(ance_checkpoint):
    encoder = load_paper_encoder("ance", str(ance_checkpoint[0]), batch_size=2)
    texts = ["a", "a much longer text than the rest", "two words", "b", "c d"]
    together = encoder.encode_documents(texts)
    assert np.abs(together - np.vstack([encoder.encode_documents([t]) for t in texts])).max() < 1e-5


def hidden_states(folder, text):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(text, add_special_tokens=False, return_tensors="pt")
    with torch.no_grad():
        return AutoModel.from_pretrained(folder)(**tokens).last_hidden_state[0].numpy()


def test_tas_b_is_the_first_token(tiny_checkpoint):
    encoder = load_paper_encoder("distilbert-dot-tas_b-b256", str(tiny_checkpoint))
    expected = hidden_states(tiny_checkpoint, "[CLS] sparse matrix [SEP]")[0]
    assert np.abs(encoder.encode_queries(["sparse matrix"])[0] - expected).max() < 1e-5
    assert np.abs(encoder.encode_documents(["tree", "sparse matrix"])[1] - expected).max() < 1e-5


def test_tct_marks_queries_and_documents_and_averages_from_the_fourth_token(tiny_checkpoint):
    encoder = load_paper_encoder("tct_colbert-v2-hnp", str(tiny_checkpoint))
    # "[Q]" and "[D]" are three tokens each here and in BERT's vocabulary: "[", letter, "]"
    query = hidden_states(tiny_checkpoint, "[CLS] [Q] sparse matrix" + "[MASK]" * 30)
    assert len(query) == 36
    assert np.abs(encoder.encode_queries(["sparse matrix"])[0] - query[4:].mean(axis=0)).max() < 1e-5
    document = hidden_states(tiny_checkpoint, "[CLS] [D] sparse matrix")[4:].mean(axis=0)
    assert np.abs(encoder.encode_documents(["tree", "sparse matrix"])[1] - document).max() < 1e-5


def test_fingerprint_follows_the_weights(ance_checkpoint, tiny_checkpoint):
    ance = load_paper_encoder("ance", str(ance_checkpoint[0])).fingerprint
    tas_b = load_paper_encoder("distilbert-dot-tas_b-b256", str(tiny_checkpoint)).fingerprint
    assert ance == load_paper_encoder("ance", str(ance_checkpoint[0])).fingerprint != tas_b


def test_names_are_known_to_load_encoder():
    assert tuple(SPECS) == PAPER_ENCODERS
    encoder = load_encoder("ance", threads=2, batch_size=7)  # nothing is loaded before it is used
    assert encoder.checkpoint == "castorini/ance-msmarco-passage"
    assert (encoder.threads, encoder.batch_size) == (2, 7)


def test_what_is_refused(monkeypatch, tmp_path, ance_checkpoint):
    import transformers

    with pytest.raises(ParameterError, match="unknown encoder 'bert'"):
        load_paper_encoder("bert")
    with pytest.raises(InputError, match="query 0 has no text"):
        load_paper_encoder("ance", str(ance_checkpoint[0])).encode_queries([""])
    with pytest.raises(EnvironmentNotReady, match="'ance' cannot be loaded"):
        load_paper_encoder("ance", str(tmp_path)).encode_queries(["svd"])
    monkeypatch.setattr(transformers, "__version__", "5.0.0")
    with pytest.raises(EnvironmentNotReady, match="transformers 5"):
        load_paper_encoder("ance")
