"""InfoNCE by hand, and one loss object for a whole encoder and for seeds side by side."""

import math

import numpy as np
import pytest
import torch

from reprise.retrieval.distillation import Distillation
from reprise.retrieval.ranking_loss import InfoNCE, batch_loss, info_nce, seeds_loss
from reprise.retrieval.triples import Triple

TRIPLES = [Triple("a", "b", ("c", "d")), Triple("c", "d", ("e", "a")), Triple("e", "c", ("b", "d"))]
NUMBER = {letter: float(place) for place, letter in enumerate("abcde")}


def test_info_nce_by_hand():
    """Two queries, two positives, two hard negatives; query 1's last passage is its own positive again."""
    scores = torch.tensor([[2.0, 1.0, 0.0, 1.0], [1.0, 3.0, 2.0, 3.0]])
    ignored = torch.tensor([[False] * 4, [False, False, False, True]])
    first = -2 + math.log(math.exp(2) + math.exp(1) + math.exp(0) + math.exp(1))
    second = -3 + math.log(math.exp(1) + math.exp(3) + math.exp(2))
    assert info_nce(scores, ignored).item() == pytest.approx((first + second) / 2, abs=1e-6)


def test_the_ignored_passage_gets_no_gradient():
    scores = torch.tensor([[2.0, 1.0, 2.0]], requires_grad=True)
    info_nce(scores, torch.tensor([[False, False, True]])).backward()
    assert scores.grad[0, 2] == 0
    assert scores.grad[0, 1] == pytest.approx(1 / (1 + math.e))


def products(queries, passages):
    """The score of two letters is the product of their places in the alphabet, over ten."""
    left, right = ([NUMBER[text] for text in texts] for texts in (queries, passages))
    return torch.outer(torch.tensor(left), torch.tensor(right)) / 10


def teacher(queries, passages):
    return -products(queries, passages).numpy()


def test_a_batch_without_negatives_by_hand():
    """a and c against b and d: scores 0 0 / .2 .6, doubled; -log softmax: log 2 and log(1 + e^(.4 - 1.2))."""
    loss = batch_loss(products, InfoNCE(negatives=0, scale=2.0))(TRIPLES[:2], np.random.default_rng(0))
    assert loss.item() == pytest.approx((math.log(2) + math.log(1 + math.exp(-0.8))) / 2, abs=1e-6)


@pytest.mark.parametrize(
    "loss", [InfoNCE(1), InfoNCE(2, 3.0), Distillation(teacher), Distillation(teacher, 2, kl_weight=0.0)]
)
def test_the_same_object_serves_one_seed_and_several(loss):
    """Each seed's loss is that of its own batch and generator, whatever stands beside it."""

    def beside(asked, answers):
        return torch.stack([products(q, p) for q, p in zip(asked, answers, strict=True)])

    batches = [TRIPLES, [*TRIPLES[:2], Triple("d", "e", ("b", "c"))]]
    together = seeds_loss(beside, loss)(batches, [np.random.default_rng(s) for s in (4, 5)])
    alone = [
        batch_loss(products, loss)(batch, np.random.default_rng(seed))
        for batch, seed in zip(batches, (4, 5), strict=True)
    ]
    assert together.tolist() == [own.item() for own in alone]
    assert together[0] != together[1]
