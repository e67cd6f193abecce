"""InfoNCE by hand, batches, and a bi-encoder that learns a toy task."""

import json
import math

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import (
    Triple,
    embed,
    freeze_lower_layers,
    info_nce,
    make_batch,
    tokenise,
    train_dense,
)
from reprise.retrieval.training import TrainingSettings

SETTINGS = TrainingSettings(steps=6, batch_size=4, learning_rate=1e-3, seed=1, threads=1, dropout=False)


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


def test_batches_draw_distinct_negatives_and_depend_on_the_generator():
    triples = [Triple(f"q{i}", f"p{i}", tuple(f"n{i}{j}" for j in range(6))) for i in range(3)]
    batch = make_batch(triples, 2, np.random.default_rng(0))
    assert batch.passages[:3] == ["p0", "p1", "p2"]
    for i in range(3):
        own = batch.passages[3 + 2 * i : 5 + 2 * i]
        assert len(set(own)) == 2 and set(own) <= set(triples[i].negatives)
    assert batch.passages == make_batch(triples, 2, np.random.default_rng(0)).passages
    others = [make_batch(triples, 2, np.random.default_rng(seed)).passages for seed in (1, 2, 3)]
    assert any(batch.passages != other for other in others)
    assert make_batch(triples, 0, np.random.default_rng(0)).passages == ["p0", "p1", "p2"]


def test_embed_is_the_mean_of_the_tokens_without_padding(tiny_checkpoint):
    model, tokenizer = load_transformer(tiny_checkpoint)
    with torch.no_grad():
        texts = ["sparse matrix", "the mean of a dense vector and array"]
        together = embed(model, tokenise(tokenizer, texts, 16))
        tokens = tokenise(tokenizer, ["sparse matrix"], 16)
        mean = model(**tokens).last_hidden_state[0].mean(0)
    np.testing.assert_allclose(together[0], mean / mean.norm(), atol=1e-6)
    np.testing.assert_allclose(together.norm(dim=1), 1, atol=1e-6)


def test_texts_are_cut_at_the_token_limit(tiny_checkpoint):
    _, tokenizer = load_transformer(tiny_checkpoint)
    ids = tokenise(tokenizer, ["sparse matrix array"], 4)["input_ids"][0].tolist()
    assert tokenizer.convert_ids_to_tokens(ids) == ["[CLS]", "sparse", "matrix", "[SEP]"]


def test_it_learns_and_repeats_byte_for_byte(tiny_checkpoint, tiny_triples, tmp_path):
    settings = TrainingSettings(steps=40, batch_size=4, learning_rate=2e-3, seed=1, threads=1, dropout=False)
    for name in ("one", "two"):
        log = train_dense(
            tiny_checkpoint,
            tiny_triples,
            tmp_path / name,
            settings,
            max_query_tokens=8,
            max_document_tokens=12,
        )
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert {"config.json", "model.safetensors", "reprise.json", "tokenizer.json"} <= set(files)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    assert json.loads((tmp_path / "one" / "reprise.json").read_text())["pooling"] == "mean"


def test_killed_and_resumed_it_writes_the_same_bytes(tiny_checkpoint, tiny_triples, tmp_path):
    settings = TrainingSettings(
        steps=6, batch_size=4, learning_rate=1e-3, seed=1, threads=1, checkpoint_every=2
    )

    def killed(steps, total):
        for step in steps:
            if step == 3:
                raise KeyboardInterrupt
            yield step

    train_dense(tiny_checkpoint, tiny_triples, tmp_path / "whole", settings)
    with pytest.raises(KeyboardInterrupt):
        train_dense(
            tiny_checkpoint,
            tiny_triples,
            tmp_path / "resumed",
            settings,
            progress=killed,
            checkpoint_folder=tmp_path / "checkpoint",
        )
    log = train_dense(
        tiny_checkpoint,
        tiny_triples,
        tmp_path / "resumed",
        settings,
        checkpoint_folder=tmp_path / "checkpoint",
    )
    assert log.resumed_at == 2
    assert (tmp_path / "resumed" / "model.safetensors").read_bytes() == (
        tmp_path / "whole" / "model.safetensors"
    ).read_bytes()


def test_bfloat16_autocast_trains_nearly_the_same(tiny_checkpoint, tiny_triples, tmp_path):
    losses = [
        train_dense(
            tiny_checkpoint,
            tiny_triples,
            tmp_path / precision,
            TrainingSettings(
                steps=3, batch_size=4, learning_rate=1e-4, threads=1, dropout=False, precision=precision
            ),
        ).losses
        for precision in ("float32", "bfloat16")
    ]
    np.testing.assert_allclose(losses[0], losses[1], rtol=0.1)
    assert losses[0] != losses[1]


def test_frozen_layers_stay_as_they_are(tiny_checkpoint, tiny_triples, tmp_path):
    before, _ = load_transformer(tiny_checkpoint)
    train_dense(tiny_checkpoint, tiny_triples, tmp_path, SETTINGS, trained_layers=1)
    after, _ = load_transformer(tmp_path)
    same = {
        name: torch.equal(weight, after.state_dict()[name]) for name, weight in before.state_dict().items()
    }
    assert all(same[n] for n in same if n.startswith(("embeddings", "encoder.layer.0")))
    assert not any(same[n] for n in same if n.startswith("encoder.layer.1") and n.endswith("dense.weight"))
    with pytest.raises(InputError, match="trained_layers"):
        freeze_lower_layers(before, 3)


@pytest.mark.parametrize(
    ("triple", "message"),
    [
        (Triple("  ", "text", ("n",)), "empty text"),
        (Triple("q", "", ("n",)), "empty text"),
        (Triple("sort a tree", "text", ()), "'sort a tree' has too few hard negatives"),
    ],
)
def test_bad_triples_are_refused_before_anything_is_loaded(triple, message, tmp_path):
    with pytest.raises(InputError, match=message):
        train_dense(tmp_path / "no-such-checkpoint", [triple], tmp_path / "out", SETTINGS)
    assert list(tmp_path.iterdir()) == []
