"""A bi-encoder that learns a toy task."""

import json
from functools import partial

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import embed, train_dense
from reprise.retrieval.distillation import train_distilled
from reprise.retrieval.early_choice import EarlyChoice
from reprise.retrieval.tower import freeze_lower_layers, tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple
from reprise.retrieval.unicoil_training import train_unicoil

SETTINGS = TrainingSettings(steps=6, batch_size=4, learning_rate=1e-3, seed=1, threads=1, dropout=False)


def test_embed_is_the_mean_of_the_tokens_without_padding(tiny_checkpoint):
    model, tokenizer = load_transformer(tiny_checkpoint)
    with torch.no_grad():
        texts = ["sparse matrix", "the mean of a dense vector and array"]
        together = embed(model, tokenise(tokenizer, texts, 16))
        tokens = tokenise(tokenizer, ["sparse matrix"], 16)
        mean = model(**tokens).last_hidden_state[0].mean(0)
    np.testing.assert_allclose(together[0], mean / mean.norm(), atol=1e-6)
    np.testing.assert_allclose(together.norm(dim=1), 1, atol=1e-6)


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


@pytest.mark.parametrize(
    "train",
    [train_dense, train_unicoil, partial(train_distilled, teacher=lambda q, p: np.eye(len(q), len(p)))],
)
def test_where_training_only_harms_the_start_is_kept(train, tiny_checkpoint, tiny_triples, tmp_path):
    """Of the topics' values, -1, -2, -3, the first is the best: it is the start's."""
    values = iter([-1.0, -2.0, -3.0])
    seen = []

    def choice(model, tokenizer):
        seen.append((model, len(tokenizer)))
        return EarlyChoice(lambda: np.array([next(values)]), 4)

    log = train(
        start=tiny_checkpoint, triples=tiny_triples, folder=tmp_path, settings=SETTINGS, choice=choice
    )
    assert log.curve.steps == (0, 4, 6) and log.curve.chosen == 0
    ((model, tokens),) = seen
    assert tokens == 24
    start, _ = load_transformer(tiny_checkpoint)
    kept = model["bert"] if train is train_unicoil else model
    for name, weight in start.named_parameters():
        assert torch.equal(weight, kept.get_parameter(name)), name


def test_a_sampler_composes_the_batches(tiny_checkpoint, tiny_triples, tmp_path):
    asked = []

    def sampler(examples, size, steps, generator):
        asked.append((examples, size, steps))
        return np.zeros((steps, size), int)  # one triple again and again

    log = train_dense(tiny_checkpoint, tiny_triples, tmp_path, SETTINGS, negatives=0, sampler=sampler)
    assert asked == [(8, 4, 6)]
    assert log.losses == (0.0,) * 6  # all passages are its positive: nothing is left to tell apart


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
