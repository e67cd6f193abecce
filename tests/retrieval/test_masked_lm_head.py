"""The masked-language-model head against transformers' own, its start on MiniLM, and what is refused."""

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.masked_lm_head import (
    make_masked_lm_head,
    max_logits,
    open_masked_lm_head,
    save_masked_lm_head,
    token_logits,
)
from reprise.retrieval.tower import hidden_states, lower_layers, tokenise

TEXTS = [
    "Return the eigenvalues and right eigenvectors of a sparse square matrix.",
    "Join columns with other DataFrame either on index or on a key column.",
    "Mean of an array along an axis, ignoring values that are not a number.",
    "Fit a support vector machine for classification of text documents.",
    "Interpolate a function that is known on a regular grid.",
]


def test_it_is_berts_head_without_activation_and_norm(tiny_checkpoint):
    from transformers import BertConfig, BertForMaskedLM

    model, tokenizer = load_transformer(tiny_checkpoint)
    reference = BertForMaskedLM(BertConfig.from_pretrained(tiny_checkpoint)).eval()
    reference.bert.load_state_dict(model.state_dict(), strict=False)
    reference.tie_weights()
    reference.cls.predictions.transform = torch.nn.Identity()
    torch.nn.init.constant_(reference.cls.predictions.bias, -1.5)
    tokens = tokenise(tokenizer, ["sort the array", "a mean"], 16)
    with torch.no_grad():
        found = token_logits(make_masked_lm_head(model, bias=-1.5), hidden_states(model, tokens))
        torch.testing.assert_close(found, reference(**tokens).logits)


@pytest.mark.parametrize(("layer", "bias", "share"), [(6, -2.0, 0.4), (4, -3.0, 0.9)])
def test_the_start_on_minilm_keeps_literal_tokens_and_few_others(layer, bias, share):
    """Facts of a pilot on other sentences: 65 % of the literal tokens after layer 6 with -2, all after layer
    4 with -3, and 600 to 700 tokens a text."""
    model, tokenizer = load_transformer("all-MiniLM-L6-v2")
    head = make_masked_lm_head(model, bias=bias)
    tokens = tokenise(tokenizer, TEXTS, 64)
    with torch.no_grad():
        states = hidden_states(lower_layers(model, layer), tokens)
        logits = max_logits(head, states, tokens["attention_mask"]).numpy()
    literal = [set(row) - set(tokenizer.all_special_ids) for row in tokens["input_ids"].tolist()]
    kept = [np.mean([logits[i, t] > 0 for t in row]) for i, row in enumerate(literal)]
    assert np.mean(kept) > share
    assert 100 < (logits > 0).sum(1).mean() < 1500


def test_padding_has_no_say_and_a_vocabulary_takes_its_columns(tiny_checkpoint):
    model, tokenizer = load_transformer(tiny_checkpoint)
    vocabulary = tokenizer.convert_tokens_to_ids(["tree", "sparse", "the"])
    whole, some = make_masked_lm_head(model), make_masked_lm_head(model, vocabulary=vocabulary)
    with torch.no_grad():
        found = []
        for texts in (["tree", "find the sparse matrix of the dense array"], ["tree"]):
            tokens = tokenise(tokenizer, texts, 16)
            states = hidden_states(model, tokens)
            found.append(max_logits(whole, states, tokens["attention_mask"])[0])
        torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)
        columns = max_logits(some, states, tokens["attention_mask"])[0]
        torch.testing.assert_close(columns, found[1][vocabulary])


def test_the_embeddings_are_the_encoders_own(tiny_checkpoint):
    """A gradient through the head reaches the word embeddings; of a vocabulary they are a copy."""
    model, _ = load_transformer(tiny_checkpoint)
    head = make_masked_lm_head(model)
    token_logits(head, torch.ones(1, 32)).sum().backward()
    assert head["decoder"].weight is model.embeddings.word_embeddings.weight
    assert model.embeddings.word_embeddings.weight.grad.abs().sum() > 0
    assert make_masked_lm_head(model, vocabulary=[3])["decoder"].weight.shape == (1, 32)


@pytest.mark.parametrize("vocabulary", [None, [7, 5]])
def test_saved_and_opened(vocabulary, tiny_checkpoint, tmp_path):
    model, _ = load_transformer(tiny_checkpoint)
    head = make_masked_lm_head(model, vocabulary=vocabulary)
    with torch.no_grad():
        for weight in head.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)))
    save_masked_lm_head(head, tmp_path, vocabulary)
    other, _ = load_transformer(tiny_checkpoint)
    again, tokens = open_masked_lm_head(tmp_path, other)
    assert tokens == vocabulary
    for name, weight in head.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])
    if vocabulary is None:
        assert again["decoder"].weight is other.get_input_embeddings().weight


def test_what_cannot_be_tied_is_refused(tiny_checkpoint):
    model, tokenizer = load_transformer(tiny_checkpoint)
    for vocabulary in ([], [1, 1], [len(tokenizer)], [-1]):
        with pytest.raises(InputError, match="token ids of the encoder"):
            make_masked_lm_head(model, vocabulary=vocabulary)
    with pytest.raises(ParameterError, match="finite"):
        make_masked_lm_head(model, bias=float("nan"))
    model.set_input_embeddings(torch.nn.Embedding(24, 8))
    with pytest.raises(InputError, match=r"not as long.*\(8, 32\)"):
        make_masked_lm_head(model)
