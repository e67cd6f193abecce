"""A cross-encoder that learns to tell passages apart, and its raw scores."""

import numpy as np
import pytest
import torch

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.cross_encoder import open_cross_encoder, train_cross_encoder
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple

SETTINGS = TrainingSettings(steps=60, batch_size=4, learning_rate=2e-3, seed=1, threads=1, dropout=False)


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tiny_triples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cross-encoder")
    log = train_cross_encoder(tiny_checkpoint, tiny_triples, folder, SETTINGS, negatives=1)
    return folder, log


def test_it_learns_which_passage_is_relevant(trained, tiny_triples):
    folder, log = trained
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    model = open_cross_encoder(folder, threads=1)
    right = model.score([(t.query, t.positive) for t in tiny_triples])
    wrong = model.score([(t.query, t.negatives[0]) for t in tiny_triples])
    assert np.mean(right > wrong) > 0.9


def test_scores_are_the_models_raw_logits_in_the_order_of_the_pairs(trained):
    folder, _ = trained
    model = open_cross_encoder(folder, threads=1)
    pairs = [
        ("sort", "a tree"),
        ("find the matrix", "a sparse matrix of the vectors and the arrays"),
        ("a", "b"),
    ]
    alone = []
    for query, passage in pairs:
        tokens = model.tokenizer(query, passage, return_tensors="pt")
        with torch.no_grad():
            alone.append(model.model(**tokens).logits.item())
    np.testing.assert_allclose(model.score(pairs), alone, atol=1e-5)


def test_the_same_training_gives_the_same_bytes(trained, tiny_checkpoint, tiny_triples, tmp_path):
    train_cross_encoder(tiny_checkpoint, tiny_triples, tmp_path, SETTINGS, negatives=1)
    weights = [(folder / "model.safetensors").read_bytes() for folder in (tmp_path, trained[0])]
    assert weights[0] == weights[1]


def test_what_is_no_cross_encoder(tiny_checkpoint, tmp_path):
    with pytest.raises(EnvironmentNotReady, match="no cross-encoder"):
        open_cross_encoder(tmp_path / "nowhere")
    with pytest.raises(InputError, match="one number a pair"):
        open_cross_encoder(tiny_checkpoint)  # a bare encoder: two labels by default
    with pytest.raises(ParameterError, match="at least one negative"):
        train_cross_encoder(tiny_checkpoint, [], tmp_path, SETTINGS, negatives=0)
    with pytest.raises(InputError, match="too few hard negatives"):
        train_cross_encoder(tiny_checkpoint, [Triple("q", "p", ("n",))], tmp_path, SETTINGS, negatives=2)
