"""Distillation losses by hand, and a student that comes near its teacher."""

import math

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import embed
from reprise.retrieval.distillation import in_batch_kl, margin_mse, train_distilled
from reprise.retrieval.tower import tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple

SETTINGS = TrainingSettings(steps=60, batch_size=4, learning_rate=2e-3, seed=1, threads=1, dropout=False)


def test_margin_mse_by_hand():
    """Passages p1 p2 n11 n12 n21 n22; only a query's own positive and negatives count."""
    student = torch.tensor([[5.0, 99.0, 1.0, 2.0, 99.0, 99.0], [99.0, 4.0, 99.0, 99.0, 3.0, 0.0]])
    teacher = torch.tensor([[9.0, -9.0, 4.0, 7.0, -9.0, -9.0], [-9.0, 6.0, -9.0, -9.0, 6.0, 1.0]])
    # student margins 4 3 | 1 4; teacher margins 5 2 | 0 5
    assert margin_mse(student, teacher, 2).item() == pytest.approx((1 + 1 + 1 + 1) / 4)
    teacher[0, 2] = 3.0  # teacher's first margin 6
    assert margin_mse(student, teacher, 2).item() == pytest.approx((4 + 1 + 1 + 1) / 4)


def test_in_batch_kl_by_hand():
    teacher = torch.tensor([[math.log(3), 0.0, 7.0], [0.0, 0.0, 0.0]])
    student = torch.tensor([[0.0, math.log(3), -2.0], [1.0, 1.0, 1.0]])
    ignored = torch.tensor([[False, False, True], [False, False, False]])
    first = 3 / 4 * math.log(3) + 1 / 4 * math.log(1 / 3)  # (3/4, 1/4) against (1/4, 3/4)
    assert in_batch_kl(student, teacher, ignored).item() == pytest.approx((first + 0) / 2, abs=1e-6)
    assert in_batch_kl(teacher, teacher, ignored).item() == pytest.approx(0, abs=1e-7)


def word_teacher(queries, passages):
    """Five when the passage holds the query's last word."""
    return np.array(
        [[5.0 * (query.split()[-1] in passage.split()) for passage in passages] for query in queries]
    )


@pytest.mark.parametrize(("margin_weight", "kl_weight"), [(1.0, 0.0), (0.0, 1.0), (0.1, 1.0)])
def test_the_student_comes_nearer_to_its_teacher(
    margin_weight, kl_weight, tiny_checkpoint, tiny_triples, tmp_path
):
    log = train_distilled(
        tiny_checkpoint,
        tiny_triples,
        word_teacher,
        tmp_path,
        SETTINGS,
        margin_weight=margin_weight,
        kl_weight=kl_weight,
    )
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    model, tokenizer = load_transformer(tmp_path)
    with torch.no_grad():
        queries = embed(model, tokenise(tokenizer, [t.query for t in tiny_triples], 16))
        positives = embed(model, tokenise(tokenizer, [t.positive for t in tiny_triples], 16))
        negatives = embed(model, tokenise(tokenizer, [t.negatives[0] for t in tiny_triples], 16))
    assert torch.all((queries * positives).sum(1) > (queries * negatives).sum(1))


def test_repeats_byte_for_byte(tiny_checkpoint, tiny_triples, tmp_path):
    settings = TrainingSettings(steps=3, batch_size=4, seed=1, threads=1)
    for name in ("one", "two"):
        train_distilled(tiny_checkpoint, tiny_triples, word_teacher, tmp_path / name, settings)
    assert (tmp_path / "one" / "model.safetensors").read_bytes() == (
        tmp_path / "two" / "model.safetensors"
    ).read_bytes()


def test_bad_input(tiny_checkpoint, tmp_path):
    bare = [Triple("sort", "tree")] * 4
    with pytest.raises(ParameterError, match="nor both 0"):
        train_distilled(
            tiny_checkpoint, bare, word_teacher, tmp_path, SETTINGS, margin_weight=0, kl_weight=0, negatives=0
        )
    with pytest.raises(ParameterError, match="MarginMSE needs"):
        train_distilled(tiny_checkpoint, bare, word_teacher, tmp_path, SETTINGS, negatives=0)
    with pytest.raises(InputError, match="too few hard negatives"):
        train_distilled(tiny_checkpoint, bare, word_teacher, tmp_path, SETTINGS)
