"""Residual maps: forms by hand, seeds side by side to the bit, learning, and what is refused."""

import dataclasses

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.dev_topics import DevTopics
from reprise.retrieval.distillation import Distillation
from reprise.retrieval.ranking_loss import InfoNCE
from reprise.retrieval.residual_map import (
    KeyedVectors,
    make_residual_map,
    map_vectors,
    move,
    open_residual_map,
    save_residual_map,
    train_residual_map,
)
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple

SETTINGS = TrainingSettings(steps=30, batch_size=8, learning_rate=1e-2, threads=1, checkpoint_every=7)
COUNT, DIM = 24, 16


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def task():
    """The right passage is the query turned round by one fixed matrix: a map can learn it, cosines cannot."""
    generator = np.random.default_rng(0)
    asked = generator.standard_normal((COUNT, DIM))
    answers = asked @ np.linalg.qr(generator.standard_normal((DIM, DIM)))[0]
    queries = KeyedVectors([f"q{i}" for i in range(COUNT)], unit(asked))
    passages = KeyedVectors([f"p{i}" for i in range(COUNT)], unit(answers))
    triples = [Triple(f"q{i}", f"p{i}", (f"p{(i + 3) % COUNT}",)) for i in range(COUNT)]
    dev = DevTopics(queries.keys, passages.keys, {f"q{i}": {f"p{i}": 1} for i in range(COUNT)})
    return queries, passages, triples, (dev, queries.vectors, passages.vectors)


def teacher(queries, passages):
    return np.array([[float(q[1:] == p[1:]) for p in passages] for q in queries])


def test_the_start_leaves_vectors_as_they_are():
    vectors = unit(np.random.default_rng(0).standard_normal((5, DIM)))
    for hidden in (None, 32):
        moved = map_vectors(make_residual_map(DIM, [0, 1], hidden), vectors)
        assert moved.shape == (2, 5, DIM)
        np.testing.assert_allclose(moved, np.stack([vectors] * 2), atol=1e-6)


def test_the_wider_form_by_hand():
    """x = (1, 2), relu(x A) = relu(1 - 2, 2, 1) = (0, 2, 1), times B = (3, 0) + (0, 1): (4, 3), over 5."""
    module = make_residual_map(2, [0], hidden=3)
    with torch.no_grad():
        module["inner"].copy_(torch.tensor([[[1.0, 0.0, 1.0], [-1.0, 1.0, 0.0]]]))
        module["outer"].copy_(torch.tensor([[[9.0, 9.0], [1.5, 0.0], [0.0, 1.0]]]))
        assert move(module, torch.tensor([[[1.0, 2.0]]])).flatten().tolist() == pytest.approx([0.8, 0.6])


@pytest.mark.parametrize("hidden", [None, 32])
@pytest.mark.parametrize("loss", [InfoNCE(1, 20.0), Distillation(teacher, teacher_scale=20.0)])
def test_seeds_side_by_side_are_each_alone_to_the_bit(task, hidden, loss, tmp_path):
    queries, passages, triples, dev = task
    options = {"hidden": hidden, "dev": dev, "look_every": 10}
    together, logs = train_residual_map(queries, passages, triples, loss, SETTINGS, [3, 8, 5], **options)
    for place, seed in enumerate([3, 8, 5]):
        alone, (log,) = train_residual_map(queries, passages, triples, loss, SETTINGS, [seed], **options)
        assert log.losses == logs[place].losses
        assert (log.curve.values == logs[place].curve.values).all()
        for name, weight in alone.items():
            assert torch.equal(weight[0], together[name][place])
    assert len({log.losses for log in logs}) == 3


@pytest.mark.parametrize("hidden", [None, 32])
def test_it_learns_what_cosines_do_not_know(task, hidden):
    queries, passages, triples, dev = task
    settings = dataclasses.replace(SETTINGS, steps=120)
    module, (log,) = train_residual_map(
        queries, passages, triples, InfoNCE(0, 20.0), settings, [1], hidden=hidden, dev=dev, look_every=40
    )
    start, chosen = log.curve.means[0], log.curve.means.max()
    assert start < 0.4 < 0.9 < chosen
    (asked,), (answers,) = (map_vectors(module, v) for v in dev[1:])
    assert dev[0].values(asked @ answers.T).mean() == pytest.approx(chosen)  # the weights are those chosen


def test_resumed_it_ends_in_the_same_bits(task, tmp_path):
    queries, passages, triples, dev = task

    def killed(steps, total):
        for step in steps:
            if step == 16:
                raise KeyboardInterrupt
            yield step

    def run(**options):
        return train_residual_map(
            queries, passages, triples, InfoNCE(1, 20.0), SETTINGS, [2, 4], dev=dev, look_every=10, **options
        )

    whole, _ = run()
    with pytest.raises(KeyboardInterrupt):
        run(checkpoint_folder=tmp_path, progress=killed)
    resumed, logs = run(checkpoint_folder=tmp_path)
    assert logs[0].resumed_at == 14
    assert torch.equal(resumed["map"], whole["map"])


def test_saved_and_opened(task, tmp_path):
    module = make_residual_map(DIM, [0, 1], hidden=8)
    save_residual_map(module, tmp_path)
    again = open_residual_map(tmp_path)
    assert again.keys() == module.keys() and all(torch.equal(again[n], module[n]) for n in module)
    with pytest.raises(InputError, match="no trained checkpoint"):
        open_residual_map(tmp_path / "none")


def test_keys_without_a_vector_are_named_before_training(task):
    queries, passages, triples, _ = task
    for names in (("lost", "p1", "p2"), ("q1", "lost", "p2"), ("q1", "p1", "lost")):
        wrong = Triple(names[0], names[1], (names[2],))
        with pytest.raises(InputError, match=r"no vector.*lost"):
            train_residual_map(queries, passages, [*triples, wrong], InfoNCE(1), SETTINGS, [0])
    with pytest.raises(InputError, match="too few hard negatives"):
        train_residual_map(queries, passages, triples, InfoNCE(2), SETTINGS, [0])
    with pytest.raises(InputError, match="each key once"):
        KeyedVectors(["a", "a"], np.zeros((2, 3), np.float32))
