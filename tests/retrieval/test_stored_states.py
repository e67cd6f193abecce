"""Stored states: the whole encoder's bytes from the upper layers alone, resuming, and what is refused."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import train_dense
from reprise.retrieval.encoders import load_encoder
from reprise.retrieval.store_states import IDENTITY, store_states
from reprise.retrieval.stored_states import STATES, StoredStates, encode_stored
from reprise.retrieval.tower import hidden_states, lower_layers, tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.unicoil_training import train_unicoil

TEXTS = [
    "the sparse matrix",
    "a sum",
    "find and sort the dense array of trees and the vectors of a graph",
    "tree",
    "mean of the mean",
    "an array of arrays",
    "sort",
]
LIMIT = 12


@pytest.fixture(scope="module")
def start(tiny_checkpoint):
    return load_transformer(tiny_checkpoint)


@pytest.fixture
def store(start, tmp_path):
    """Store states of the two-layer BERT in a fresh folder, and open them."""

    def made(name="states", texts=TEXTS, layer=1, **options):
        store_states(
            *start, texts, layer, tmp_path / name, max_tokens=LIMIT, batch_size=2, threads=1, **options
        )
        return StoredStates.open(tmp_path / name)

    return made


def test_float32_states_give_the_encoders_bytes_also_after_training(start, store, tiny_checkpoint):
    encoder = load_encoder(tiny_checkpoint, threads=1, batch_size=2, max_document_tokens=LIMIT)
    states = store(kept="float32")
    for pushed in (0.0, 0.05):  # as the start is, and with an upper layer that training moved
        with torch.no_grad():
            encoder.model.encoder.layer[1].output.dense.weight += pushed
        vectors = encode_stored(encoder, states, TEXTS, max_tokens=LIMIT)
        assert vectors.tobytes() == encoder.encode_documents(TEXTS).tobytes()
    other = encode_stored(dataclasses.replace(encoder, batch_size=3), states, TEXTS, max_tokens=LIMIT)
    np.testing.assert_allclose(other, vectors, atol=1e-6)


def test_float16_states_are_within_a_thousandth(store, tiny_checkpoint):
    encoder = load_encoder(tiny_checkpoint, threads=1, batch_size=2, max_document_tokens=LIMIT)
    coarse = encode_stored(encoder, store(), TEXTS, max_tokens=LIMIT)
    exact = encoder.encode_documents(TEXTS)
    assert 0 < np.abs(coarse - exact).max() < 1e-3


def test_a_text_reads_as_it_was_stored_whatever_its_neighbours(start, store):
    model, tokenizer = start
    states = store(kept="float32")
    read = states.read(["sort", TEXTS[2], "tree"])
    tokens = tokenise(tokenizer, ["sort", TEXTS[2], "tree"], LIMIT)
    assert torch.equal(read["input_ids"], tokens["input_ids"])
    assert torch.equal(read["attention_mask"], tokens["attention_mask"])
    with torch.no_grad():
        expected = hidden_states(lower_layers(model, 1), tokens)
    there = tokens["attention_mask"] == 1
    torch.testing.assert_close(read["inputs_embeds"][there], expected[there], atol=1e-5, rtol=1e-5)
    assert (read["inputs_embeds"][~there] == 0).all()


@pytest.mark.parametrize("train", [train_dense, partial(train_unicoil, head_learning_rate=1e-2)])
def test_training_over_states_trains_the_upper_layers(train, store, tiny_checkpoint, tiny_triples, tmp_path):
    queries = store("queries", [t.query for t in tiny_triples], kept="float32")
    passages = [text for t in tiny_triples for text in (t.positive, *t.negatives)]
    states = queries, store("passages", passages, kept="float32")
    settings = TrainingSettings(steps=8, batch_size=4, learning_rate=1e-3, seed=1, threads=1, dropout=False)
    limits = {"max_query_tokens": LIMIT, "max_document_tokens": LIMIT, "trained_layers": 1}
    logs = [
        train(tiny_checkpoint, tiny_triples, tmp_path / name, settings, **limits, **given)
        for name, given in {"whole": {}, "stored": {"states": states}}.items()
    ]
    np.testing.assert_allclose(logs[0].losses, logs[1].losses, rtol=1e-4)
    assert logs[1].losses[-1] < logs[1].losses[0]
    with pytest.raises(InputError, match="trained_layers"):
        train(tiny_checkpoint, tiny_triples, tmp_path, settings, states=states)
    with pytest.raises(InputError, match=r"max_tokens.*\(12, 9\)"):
        train(
            tiny_checkpoint,
            tiny_triples,
            tmp_path,
            settings,
            **(limits | {"max_query_tokens": 9}),
            states=states,
        )


@pytest.mark.parametrize("stop_at", [0, 1, 3])
def test_a_killed_run_goes_on_to_the_same_bytes(stop_at, start, store, tmp_path):
    def killed(numbers, total):
        for number in numbers:
            yield number
            if number == stop_at:
                raise KeyboardInterrupt

    again = []

    def watched(numbers, total):
        again.extend(numbers)
        return numbers

    whole = store("whole")
    with pytest.raises(KeyboardInterrupt):
        store("resumed", checkpoint_folder=tmp_path / "work", progress=killed)
    assert not (tmp_path / "resumed").exists()
    with (tmp_path / "work" / STATES).open("ab") as file:
        file.write(b"half a batch")
    resumed = store("resumed", checkpoint_folder=tmp_path / "work", progress=watched)
    assert again == list(range(stop_at + 1, 4))
    assert resumed.rows.tobytes() == whole.rows.tobytes() and (resumed.ends == whole.ends).all()
    assert list((tmp_path / "work").iterdir()) == []


def test_the_states_of_another_unfinished_run_are_refused(start, store, tmp_path):
    def killed(numbers, total):
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        store(checkpoint_folder=tmp_path / "work", progress=killed)
    assert (tmp_path / "work" / IDENTITY).exists()
    with pytest.raises(InputError, match=r"another run.*layer"):
        store(layer=2, checkpoint_folder=tmp_path / "work")


def test_states_of_another_encoder_layer_limit_or_precision_are_refused(start, store, tiny_checkpoint):
    model, tokenizer = start
    states = store()
    same = {"layer": 1, "max_tokens": LIMIT, "precision": "float32"}
    states.check(model, tokenizer, **same)
    for changed in ({"layer": 2}, {"max_tokens": 30}, {"precision": "bfloat16"}):
        with pytest.raises(InputError, match=next(iter(changed))):
            states.check(model, tokenizer, **{**same, **changed})
    other, _ = load_transformer(tiny_checkpoint)
    with torch.no_grad():
        other.encoder.layer[1].output.dense.weight.zero_()  # above the states: they are the same
        states.check(other, tokenizer, **same)
        other.encoder.layer[0].output.dense.bias.add_(1)
    with pytest.raises(InputError, match="'model'"):
        states.check(other, tokenizer, **same)
    with pytest.raises(InputError, match=r"weights.*float32.*bfloat16"):
        states.check(model.to(torch.bfloat16), tokenizer, **same)
    model.to(torch.float32)


def test_a_text_that_was_not_stored_is_named(store):
    with pytest.raises(InputError, match=r"no stored states.*graph of graphs"):
        store().read(["sort", "a graph of graphs"])


def test_what_float16_cannot_hold_is_refused_by_text(start, tmp_path, tiny_checkpoint):
    model, tokenizer = load_transformer(tiny_checkpoint)
    with torch.no_grad():
        model.encoder.layer[0].output.LayerNorm.weight.fill_(1e6)
    with pytest.raises(InputError, match=r"no finite number in float16.*'sort'"):
        store_states(model, tokenizer, ["sort"], 1, tmp_path / "a", max_tokens=LIMIT)
    store_states(model, tokenizer, ["sort"], 1, tmp_path / "b", max_tokens=LIMIT, kept="float32")


def test_damaged_states_and_wrong_requests_are_refused(store, start, tmp_path):
    store("cut")
    file = tmp_path / "cut" / STATES
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(InputError, match="damaged"):
        StoredStates.open(tmp_path / "cut")
    with pytest.raises(InputError, match=r"no reprise\.json"):
        StoredStates.open(tmp_path)
    with pytest.raises(ParameterError, match="'float16' or 'float32'"):
        store(kept="bfloat16")
    with pytest.raises(InputError, match="no texts"):
        store(texts=[])
    with pytest.raises(InputError, match="one text, not a list"):
        store(texts="sort")
    with pytest.raises(InputError, match="number of layers"):
        store(layer=3)


def test_stored_anew_the_old_states_are_gone(store):
    store(texts=TEXTS)
    states = store(texts=["sort", "sort", "tree"], layer=2)
    assert len(states.ends) == 2 and len(states.rows) == 6  # [CLS] word [SEP], each distinct text once
