"""Texts to tokens, and an encoder in two halves that are the whole."""

import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.tower import (
    freeze_lower_layers,
    hidden_states,
    lower_layers,
    tokenise,
    upper_layers,
)

TEXTS = ["the sparse matrix", "a sum", "find and sort the dense array of trees and the vectors of a graph"]
LIMIT = 12


@pytest.fixture(scope="module")
def start(tiny_checkpoint):
    return load_transformer(tiny_checkpoint)


def test_texts_are_cut_at_the_token_limit(tiny_checkpoint):
    _, tokenizer = load_transformer(tiny_checkpoint)
    ids = tokenise(tokenizer, ["sparse matrix array"], 4)["input_ids"][0].tolist()
    assert tokenizer.convert_ids_to_tokens(ids) == ["[CLS]", "sparse", "matrix", "[SEP]"]


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_two_halves_are_the_whole_encoder(start, layer):
    """Against transformers' own hidden states; the upper half of all layers hands on what it is given."""
    model, tokenizer = start
    tokens = tokenise(tokenizer, TEXTS, LIMIT)
    with torch.no_grad():
        whole = model(**tokens, output_hidden_states=True)
        lower = hidden_states(lower_layers(model, layer), tokens)
        assert torch.equal(lower, whole.hidden_states[layer])
        given = {"inputs_embeds": lower, "attention_mask": tokens["attention_mask"]}
        assert torch.equal(hidden_states(upper_layers(model, layer), given), whole.last_hidden_state)
    assert len(model.encoder.layer) == 2 and model.config.num_hidden_layers == 2  # it is left as it was


def test_halves_share_their_weights_with_the_whole(start):
    model, _ = start
    upper = upper_layers(model, 1)
    assert upper.encoder.layer[0].output.dense.weight is model.encoder.layer[1].output.dense.weight
    with pytest.raises(InputError, match="from 0 to the encoder's number of layers"):
        upper_layers(model, 3)


def test_as_many_layers_are_frozen_as_are_not_trained(tiny_checkpoint):
    model, _ = load_transformer(tiny_checkpoint)
    freeze_lower_layers(model, None)
    assert all(weight.requires_grad for weight in model.parameters())
    freeze_lower_layers(model, 1)
    trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert {name.split(".layer.")[-1][0] for name in trained if "encoder" in name} == {"1"}
    assert not any(name.startswith("embeddings") for name in trained)
    for layers in (0, 3):
        with pytest.raises(InputError, match="trained_layers"):
            freeze_lower_layers(model, layers)
