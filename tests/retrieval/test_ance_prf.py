"""Training: the loss by hand, the frozen side, resuming, several processes, and what is refused."""

import hashlib
import math

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.retrieval.ance_prf import (
    PrfExample,
    Share,
    draw_negatives,
    fetch_vectors,
    prf_loss,
    train_prf,
)
from reprise.retrieval.ance_prf_load import load_prf_encoder
from reprise.retrieval.ance_prf_parallel import train_prf_parallel
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.training_settings import TrainingSettings

THINGS = ["matrix", "vector", "array", "tree", "graph", "mean", "sum", "sort"]
SETTINGS = TrainingSettings(steps=6, batch_size=4, learning_rate=1e-3, threads=1, checkpoint_every=2, seed=5)


@pytest.fixture(scope="module")
def index(tiny_checkpoint):
    """Vectors of the things by the encoder that training starts from."""
    encoder = load_prf_encoder(tiny_checkpoint)
    return DenseIndex.from_vectors(THINGS, encoder.encode([f"the {t}" for t in THINGS], [[]] * len(THINGS)))


@pytest.fixture(scope="module")
def examples():
    return [
        PrfExample(
            f"find a {thing}", (f"a sparse {thing}", "the dense graph"), thing, tuple(set(THINGS) - {thing})
        )
        for thing in THINGS
    ]


def sorted_examples(examples):
    """With negatives in a fixed order: sets of strings have another one in every process."""
    return [e._replace(negatives=tuple(sorted(e.negatives))) for e in examples]


def digest(module):
    return hashlib.sha256(b"".join(w.numpy().tobytes() for w in module.state_dict().values())).hexdigest()


def test_the_loss_by_hand():
    """Scores of query 1: 2 * (1, 0) = 2, 0 and of query 2: 2 * (3, 1) = 6, 2, the positive first."""
    queries = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    positives = torch.tensor([[1.0, 9.0], [9.0, 3.0]])
    negatives = torch.tensor([[[0.0, 8.0]], [[8.0, 1.0]]])
    expected = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-4))) / 2
    assert prf_loss(queries, positives, negatives, scale=2).item() == pytest.approx(expected)


def test_the_loss_with_the_other_queries_passages_by_hand():
    """Query 1 scores the passages (p1, p2, n1, n2) as 1, 9, 0, 8, and p2 is its positive once more."""
    queries = torch.tensor([[1.0, 0.0]])
    loss = prf_loss(
        queries,
        torch.tensor([[1.0, 9.0]]),
        torch.tensor([[[0.0, 8.0], [0.5, 1.0]]]),
        in_batch=True,
        ignored=torch.tensor([[False, False, True]]),
    )
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_more_negatives_are_one_softmax_and_one_negative_is_a_pair():
    queries, positives = torch.tensor([[1.0]]), torch.tensor([[2.0]])
    many = prf_loss(queries, positives, torch.tensor([[[1.0], [0.0]]]))
    assert many.item() == pytest.approx(math.log(1 + math.exp(-1) + math.exp(-2)))
    one = prf_loss(queries, positives, torch.tensor([[[1.0]]]))
    assert one.item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_negatives_are_drawn_once_each_and_fetched_by_id(index, examples):
    drawn = draw_negatives(examples[:3], 4, np.random.default_rng(0))
    assert all(len(set(row)) == 4 and e.positive not in row for row, e in zip(drawn, examples, strict=False))
    frozen = fetch_vectors(examples[:3], drawn, index)
    assert frozen.positives.shape == (3, 32) and frozen.negatives.shape == (3, 4, 32)
    assert np.array_equal(frozen.negatives[1, 2], index.vectors([drawn[1][2]])[0])
    assert frozen.ignored.shape == (3, 15)
    passages = [*(e.positive for e in examples[:3]), *(d for row in drawn for d in row)]
    for row, example in enumerate(examples[:3]):
        same = [p == example.positive and i != row for i, p in enumerate(passages)]
        assert frozen.ignored[row].tolist() == same


@pytest.mark.parametrize("optimiser", ["lamb", "adamw"])
def test_training_brings_queries_nearer_to_their_positives_and_leaves_the_index_alone(
    optimiser, index, examples, tiny_checkpoint, tmp_path
):
    index.save(tmp_path)
    before = (tmp_path / "index").read_bytes(), index.vectors(THINGS).tobytes()
    encoder = load_prf_encoder(tiny_checkpoint)
    settings = TrainingSettings(
        steps=30, batch_size=8, learning_rate=0.02 if optimiser == "lamb" else 2e-3, threads=1, dropout=False
    )
    log = train_prf(
        encoder, examples, DenseIndex.open(tmp_path), settings, negatives=5, scale=10, optimiser=optimiser
    )
    assert log.losses[-1] < 0.7 * log.losses[0]
    vectors = encoder.encode([e.query for e in examples], [e.passages for e in examples])
    found = index.search(THINGS, vectors, 1).top(1)
    assert sum(row == [e.positive] for row, e in zip(found, examples, strict=True)) >= 6
    assert ((tmp_path / "index").read_bytes(), index.vectors(THINGS).tobytes()) == before


def test_killed_and_resumed_equals_uninterrupted(index, examples, tiny_checkpoint, tmp_path):
    examples = sorted_examples(examples)

    def run(folder, stop_at=None):
        encoder = load_prf_encoder(tiny_checkpoint)

        def steps(items, total):
            for item in items:
                if item == stop_at:
                    raise KeyboardInterrupt
                yield item

        log = train_prf(
            encoder, examples, index, SETTINGS, negatives=3, head="re-initialised",
            checkpoint_folder=folder, progress=steps,
        )  # fmt: skip
        return digest(encoder.tower), log

    whole, log = run(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", stop_at=5)
    resumed, again = run(tmp_path / "killed")
    assert again.resumed_at == 4
    assert (resumed, again.losses) == (whole, log.losses)


def test_shares_add_up_to_the_whole_batch(index, examples, tiny_checkpoint):
    """The first loss of each of two shares, averaged, is the first loss of the whole batch."""
    one_step = TrainingSettings(steps=1, batch_size=4, threads=1, dropout=False, seed=5)
    examples = sorted_examples(examples)
    losses = [
        train_prf(
            load_prf_encoder(tiny_checkpoint), examples, index, one_step, negatives=3, share=share
        ).losses[0]
        for share in (Share(), Share(0, 2), Share(1, 2))
    ]
    assert losses[0] == pytest.approx((losses[1] + losses[2]) / 2, rel=1e-5)
    assert losses[1] != losses[2]


def test_two_processes_end_where_one_does(index, examples, tiny_checkpoint, tmp_path):
    examples = sorted_examples(examples)
    settings = TrainingSettings(
        steps=4, batch_size=4, learning_rate=1e-3, threads=1, dropout=False, checkpoint_every=2
    )
    options = {"negatives": 3, "scale": 10.0, "optimiser": "adamw"}
    alone = load_prf_encoder(tiny_checkpoint)
    train_prf(alone, examples, index, settings, **options)
    index.save(tmp_path / "index")
    together = load_prf_encoder(tiny_checkpoint)
    log = train_prf_parallel(
        together,
        examples,
        tmp_path / "index",
        settings,
        processes=2,
        work_folder=tmp_path / "work",
        **options,
    )
    assert len(log.losses) == 4 and (tmp_path / "work" / "checkpoints" / "checkpoint.pt").exists()
    for name, weight in alone.tower.state_dict().items():
        if not name.endswith("key.bias"):  # without effect, so AdamW moves it by rounding errors alone
            assert torch.allclose(weight, together.tower.state_dict()[name], atol=1e-5), name


def test_what_is_refused_before_the_first_step(index, examples, tiny_checkpoint):
    encoder = load_prf_encoder(tiny_checkpoint)

    def training(given=examples, settings=SETTINGS, at=index, **options):
        def steps(items, total):
            raise AssertionError("training began")

        return train_prf(encoder, given, at, settings, **{"negatives": 3, **options}, progress=steps)

    with pytest.raises(ParameterError, match=r"unknown optimiser.*adamw"):
        training(optimiser="sgd")
    with pytest.raises(ParameterError, match="head is 'inherited'"):
        training(head="none")
    with pytest.raises(ParameterError, match="at least one negative"):
        training(negatives=0)
    with pytest.raises(ParameterError, match="evenly"):
        training(share=Share(0, 3))
    with pytest.raises(InputError, match=r"too few negatives.*\(7, 8\)"):
        training(negatives=8)
    with pytest.raises(InputError, match="no document 'comet'"):
        training([*examples, examples[0]._replace(positive="comet")])
    with pytest.raises(InputError, match="training query 8 has no text"):
        training([*examples, examples[0]._replace(query="")])
    with pytest.raises(InputError, match="do not fit the index"):
        training(at=DenseIndex.from_vectors(["a"], np.ones((1, 3), np.float32)))
