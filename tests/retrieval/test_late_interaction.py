"""MaxSim by hand, pairs against all-pairs, and a ranker that learns a toy task."""

import math

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.retrieval.late_interaction import (
    LateInteraction,
    make_module,
    max_sim,
    save_late_interaction,
    train_late_interaction,
)
from reprise.retrieval.ranking_loss import info_nce
from reprise.retrieval.training_settings import TrainingSettings

QUERIES = ["find the matrix", "sort", "the mean of an array and a sum"]
DOCUMENTS = ["a sparse matrix of matrixs", "tree", "the sum and the mean of dense arrays and graphs"]


def test_scores_and_loss_by_hand():
    """Two queries of two tokens, the second token of query 2 being padding; document 2 has one token."""
    queries = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.6, 0.8], [0.0, 0.0]]])
    documents = torch.tensor([[[1.0, 0.0], [0.0, -1.0]], [[0.0, 1.0], [0.0, 0.0]]])
    mask = torch.tensor([[1, 1], [1, 0]])
    scores = max_sim(queries, documents, mask)
    np.testing.assert_allclose(scores, [[1.0 + 0.0, 0.0 + 1.0], [0.6, 0.8]], atol=1e-6)
    first, second = math.log(2), -0.8 + math.log(math.exp(0.6) + math.exp(0.8))
    assert info_nce(scores).item() == pytest.approx((first + second) / 2, abs=1e-6)


def test_a_negative_cosine_beats_padding():
    """Padding must not count as a token of cosine 0."""
    query, document = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[-1.0, 0.0], [0.0, 0.0]]])
    assert max_sim(query, document, torch.tensor([[1, 0]])).item() == -1.0


def test_pairs_are_the_diagonal_of_all_and_padding_changes_nothing(tiny_checkpoint):
    ranker = LateInteraction(*make_module(tiny_checkpoint), batch_size=2)
    scores = ranker.score_all(QUERIES, DOCUMENTS)
    assert scores.shape == (3, 3)
    np.testing.assert_allclose(ranker.score_pairs(QUERIES, DOCUMENTS), np.diag(scores), rtol=1e-5)
    alone = [[ranker.score_all([q], [d])[0, 0] for d in DOCUMENTS] for q in QUERIES]
    np.testing.assert_allclose(scores, alone, rtol=1e-5)


def test_the_projection_starts_as_the_identity(tiny_checkpoint):
    module, tokenizer = make_module(tiny_checkpoint)
    with torch.no_grad():
        hidden = module["encoder"](**tokenizer(["sort"], return_tensors="pt")).last_hidden_state
        assert torch.equal(module["projection"](hidden), hidden)
    assert make_module(tiny_checkpoint, 8)[0]["projection"].weight.shape == (8, 32)
    with pytest.raises(ParameterError, match="dim"):
        make_module(tiny_checkpoint, 33)


def test_it_learns_and_opened_again_scores_the_same(tiny_checkpoint, tiny_triples, tmp_path):
    settings = TrainingSettings(steps=40, batch_size=4, learning_rate=2e-3, seed=1, threads=1, dropout=False)
    for name in ("one", "two"):
        log = train_late_interaction(tiny_checkpoint, tiny_triples, tmp_path / name, settings, dim=16)
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name
    ranker = LateInteraction.open(tmp_path / "one", threads=1)
    right = ranker.score_pairs([t.query for t in tiny_triples], [t.positive for t in tiny_triples])
    wrong = ranker.score_pairs([t.query for t in tiny_triples], [t.negatives[0] for t in tiny_triples])
    assert np.all(right > wrong)
    save_late_interaction(ranker.module, ranker.tokenizer, tmp_path / "again")
    assert np.array_equal(
        LateInteraction.open(tmp_path / "again", threads=1).score_all(QUERIES, DOCUMENTS),
        ranker.score_all(QUERIES, DOCUMENTS),
    )


def test_pairs_of_unequal_length_are_refused(tiny_checkpoint):
    with pytest.raises(InputError, match="as many queries as documents"):
        LateInteraction(*make_module(tiny_checkpoint)).score_pairs(QUERIES, DOCUMENTS[:2])
