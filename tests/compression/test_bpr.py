"""BPR's losses against plain loops and torch's own, annealing over a killed run, and a hash that learns."""

import math

import numpy as np
import pytest
import torch

from reprise.compression.binary import BinaryIndex
from reprise.compression.bpr import (
    HashSettings,
    annealing,
    bpr_gpl_loss,
    bpr_loss,
    candidate_loss,
    margin_mse_of_first_rows,
    margin_mse_with_codes,
    surrogate,
    train_bpr,
    train_bpr_gpl,
)
from reprise.compression.pooling import pooled_vectors
from reprise.compression.pseudo_labels import LabelledTuple
from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.encoders import load_encoder
from reprise.retrieval.tower import tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple

SETTINGS = TrainingSettings(
    steps=40, batch_size=4, learning_rate=3e-3, seed=1, threads=1, dropout=False, checkpoint_every=10
)
RAW = HashSettings(norm=None, scale=1.0)


@pytest.fixture
def vectors():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(3, 16, generator=generator), torch.randn(6, 16, generator=generator)


def test_annealing_and_surrogate_by_hand():
    assert annealing(80, 0.1) == pytest.approx(3.0)
    assert surrogate(torch.tensor([0.5]), 2.0).item() == pytest.approx(math.tanh(1.0))


@pytest.mark.parametrize("alpha", [2.0, 20.0])
def test_the_candidates_loss_equals_torchs_margin_ranking_loss(alpha, vectors):
    queries, passages = (surrogate(v, 1.5) for v in vectors)
    scores = queries @ passages.T
    right = [scores[i, i] for i in range(3) for j in range(6) if j != i]
    wrong = [scores[i, j] for i in range(3) for j in range(6) if j != i]
    expected = torch.nn.MarginRankingLoss(margin=alpha)(
        torch.stack(right), torch.stack(wrong), torch.ones(15)
    )
    assert candidate_loss(queries, passages, alpha).item() == pytest.approx(expected.item(), rel=1e-5)


def test_ignored_pairs_are_no_negatives(vectors):
    queries, passages = vectors
    ignored = torch.zeros(3, 6, dtype=torch.bool)
    ignored[:, 3:] = True
    assert candidate_loss(queries, passages, 2.0, ignored).item() == pytest.approx(
        candidate_loss(queries, passages[:3], 2.0).item()
    )


def test_both_losses_by_a_loop(vectors):
    queries, passages = vectors
    beta = 2.0
    codes = torch.tanh(beta * passages)
    order = -sum(torch.log_softmax(codes @ queries[i], 0)[i] for i in range(3)) / 3
    expected = order + candidate_loss(torch.tanh(beta * queries), codes, 2.0)
    assert bpr_loss(queries, passages, beta, RAW).item() == pytest.approx(expected.item(), rel=1e-5)


def test_gpl_by_a_loop_and_by_sentence_transformers_margin_mse(vectors):
    from sentence_transformers.losses import MarginMSELoss

    queries, passages = vectors
    codes, margins = surrogate(passages, 1.2), torch.tensor([0.5, -1.0, 2.0])
    own = torch.stack([queries[i] @ codes[i] - queries[i] @ codes[3 + i] for i in range(3)])
    assert margin_mse_with_codes(queries, codes, margins, 1.0).item() == pytest.approx(
        (own - margins).square().mean().item(), rel=1e-5
    )
    theirs = MarginMSELoss(torch.nn.Identity()).compute_loss_from_embeddings(
        [queries, codes[:3], codes[3:]], margins
    )
    assert margin_mse_with_codes(queries, codes, margins, 1.0).item() == pytest.approx(
        theirs.item(), rel=1e-5
    )
    whole = bpr_gpl_loss(queries, passages, margins, 1.2, RAW)
    hinge = candidate_loss(surrogate(queries, 1.2), codes, 2.0)
    assert whole.item() == pytest.approx(theirs.item() + hinge.item(), rel=1e-5)


def test_the_released_form_sees_two_passages_only(vectors):
    queries, passages = vectors
    codes, margins = surrogate(passages, 1.0), torch.tensor([0.5, -1.0, 2.0])
    seen = margin_mse_of_first_rows(queries, codes, margins, 1.0)
    expected = sum((q @ codes[0] - q @ codes[1] - m) ** 2 for q, m in zip(queries, margins, strict=True)) / 3
    assert seen.item() == pytest.approx(expected.item(), rel=1e-5)
    others = codes.clone()
    others[2:] = 7.0
    assert margin_mse_of_first_rows(queries, others, margins, 1.0) == seen
    defect = HashSettings(norm=None, scale=1.0, defect=True)
    assert bpr_gpl_loss(queries, passages, margins, 1.0, defect) != bpr_gpl_loss(
        queries, passages, margins, 1.0, RAW
    )


def test_vectors_have_the_stated_length_and_pooling(tiny_encoder):
    model, tokenizer = load_transformer(tiny_encoder)
    tokens = tokenise(tokenizer, ["find the matrix", "sum"], 16)
    with torch.no_grad():
        scaled = pooled_vectors(model, tokens, "mean", 10.0)
        raw = pooled_vectors(model, tokens, "mean", None)
        first = pooled_vectors(model, tokens, "cls", None)
        hidden = model(**tokens).last_hidden_state
    np.testing.assert_allclose(scaled.norm(dim=1), 10.0, rtol=1e-5)
    np.testing.assert_allclose(raw[1], hidden[1, :3].mean(0), atol=1e-6)
    np.testing.assert_allclose(first, hidden[:, 0], atol=1e-6)


@pytest.fixture
def triples(toy_passages):
    queries, passages = toy_passages
    others = passages[3:] + passages[:3]
    return [Triple(q, p, (n,)) for q, p, n in zip(queries, passages, others, strict=True)]


def top_one(folder, queries, passages):
    encoder = load_encoder(folder)
    index = BinaryIndex.from_vectors(encoder.encode_documents(passages), candidates=4)
    found = index.nearest(encoder.encode_queries(queries), 1)[0][:, 0]
    return np.mean(found == np.arange(len(queries)))


def test_signs_come_to_retrieve(tiny_encoder, triples, toy_passages, tmp_path):
    log = train_bpr(tiny_encoder, triples, tmp_path, SETTINGS)
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    assert top_one(tmp_path, *toy_passages) > top_one(tiny_encoder, *toy_passages)


def margin_error(folder, labelled, hashing):
    """Mean squared error of the margins that the student learned."""
    encoder = load_encoder(folder)
    queries = hashing.norm * encoder.encode_queries([t.query for t in labelled])
    right, wrong = (
        np.tanh(annealing(40, hashing.gamma) * hashing.norm * encoder.encode_documents(texts))
        for texts in ([t.positive for t in labelled], [t.negative for t in labelled])
    )
    margins = hashing.scale * (queries * (right - wrong)).sum(1)
    return np.mean(np.square(margins - [t.margin for t in labelled]))


def test_margins_are_learned_and_with_the_defect_less_so(tiny_encoder, triples, tmp_path):
    """Margins that differ from query to query, which two passages for all cannot say."""
    labelled = [
        LabelledTuple(*t[:2], t.negatives[0], margin=8.0 * (place % 2)) for place, t in enumerate(triples)
    ]
    errors = {}
    for defect in (False, True):
        hashing = HashSettings(defect=defect, alpha=0.0)
        train_bpr_gpl(tiny_encoder, labelled, tmp_path, SETTINGS, hashing=hashing)
        errors[defect] = margin_error(tmp_path, labelled, hashing)
    assert errors[False] < 0.5 * errors[True]


class Killed(Exception):
    pass


def test_a_killed_run_goes_on_annealing_to_the_same_weights(tiny_encoder, triples, tmp_path):
    whole = train_bpr(tiny_encoder, triples, tmp_path / "whole", SETTINGS)

    def killed_at_25(steps, total):
        for step in steps:
            if step == 25:
                raise Killed
            yield step

    with pytest.raises(Killed):
        train_bpr(
            tiny_encoder,
            triples,
            tmp_path / "part",
            SETTINGS,
            checkpoint_folder=tmp_path / "saved",
            progress=killed_at_25,
        )
    rest = train_bpr(tiny_encoder, triples, tmp_path / "part", SETTINGS, checkpoint_folder=tmp_path / "saved")
    assert rest.resumed_at == 20 and rest.losses == whole.losses
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "part")]
    assert weights[0] == weights[1]


def test_settings_and_tuples_that_cannot_be(tiny_encoder, tmp_path):
    with pytest.raises(ParameterError, match="alpha and gamma"):
        HashSettings(alpha=-1)
    with pytest.raises(ParameterError, match="scale and teacher_scale"):
        HashSettings(scale=0)
    with pytest.raises(ParameterError, match="norm must be above 0"):
        HashSettings(norm=0)
    with pytest.raises(ParameterError, match="pooling"):
        HashSettings(pooling="max")
    for labelled, said in (
        ([], "no tuples to adapt with"),
        ([LabelledTuple("q", " ", "n", 1.0)], "tuple 0 has an empty text"),
        ([LabelledTuple("q", "p", "n", math.nan)], "margin of tuple 0"),
    ):
        with pytest.raises(InputError, match=said):
            train_bpr_gpl(tiny_encoder, labelled, tmp_path, SETTINGS)
