"""A training step over stored lower layers against the step of the whole encoder, on the embedded encoder.

Two of six layers are trained. The peers are the whole encoder with all layers trained, which is what a paper
does, and with the same two trained and the layers below computed at every step. Losses of both are compared
before anything is timed. The second shape is a batch as long as ANCE-PRF's input: a query and the passages
fed back to it, 512 tokens.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

TRAINED, PASSAGE_TOKENS, GOAL = 2, 96, 3.0


def benchmark(
    queries: int = 32,
    long_queries: int = 4,
    long_tokens: int = 512,
    repeats: int = 5,
    start: str | Path = "all-MiniLM-L6-v2",
) -> list[dict[str, Any]]:
    """Each shape against either peer; the first also against a third of the whole encoder's time."""
    short = _rows(queries, 24, repeats, start)
    whole = short[0]
    goal = {
        "name": f"the same, within 1/{GOAL:g} of the whole encoder's",
        "ours_s": whole["ours_s"],
        "goal_s": whole["peer_s"] / GOAL,
    }
    long = _rows(long_queries, long_tokens, repeats, start)
    return [whole, goal, *short[1:], *long]


def _rows(queries: int, query_tokens: int, repeats: int, start: str | Path) -> list[dict[str, Any]]:
    from reprise.retrieval.checkpoint import load_transformer
    from reprise.retrieval.contrastive import bi_encoder_score
    from reprise.retrieval.ranking_loss import InfoNCE, batch_loss
    from reprise.retrieval.store_states import store_states
    from reprise.retrieval.stored_states import StoredStates
    from reprise.retrieval.tower import open_tower
    from reprise.retrieval.training import train
    from reprise.retrieval.training_settings import TrainingSettings
    from reprise.retrieval.triples import Triple

    model, tokenizer = load_transformer(start)
    below = len(model.encoder.layer) - min(TRAINED, len(model.encoder.layer) - 1)
    generator = np.random.default_rng(0)
    words = [word for word in tokenizer.get_vocab() if word.isalpha() and word.islower()]

    def text(length: int) -> str:  # cut at the limit, so a text of as many words fills it
        return " ".join(generator.choice(sorted(words), length))

    triples = [
        Triple(text(query_tokens), text(PASSAGE_TOKENS), (text(PASSAGE_TOKENS),)) for _ in range(queries)
    ]
    # so small a rate that all peers stay where they are, and every run of a step does the same work
    settings = TrainingSettings(steps=1, batch_size=queries, learning_rate=1e-9, threads=1, dropout=False)
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            "queries": (query_tokens, [t.query for t in triples]),
            "passages": (
                PASSAGE_TOKENS,
                [passage for t in triples for passage in (t.positive, *t.negatives)],
            ),
        }
        for name, (limit, texts) in sides.items():
            store_states(model, tokenizer, texts, below, Path(folder) / name, max_tokens=limit, threads=1)
        states = tuple(StoredStates.open(Path(folder) / name) for name in sides)

        def step(trained_layers: int | None, stored: tuple | None = None) -> Any:
            fresh, _ = load_transformer(start)
            tower = open_tower(fresh, tokenizer, query_tokens, PASSAGE_TOKENS, trained_layers, stored)
            loss = batch_loss(bi_encoder_score(tower), InfoNCE(1, 20.0))
            return lambda: train(tower.model, loss, triples, settings).losses[0]

        layers = len(model.encoder.layer)
        trained = layers - below
        ours = step(trained, states)
        peers = {"the whole encoder trained": step(None), "lower layers frozen": step(trained)}
        found = [run() for run in (ours, *peers.values())]
        if not np.allclose(found, found[0], rtol=1e-2):
            raise AssertionError("the losses differ: the times compare nothing")
        about = (
            f"{trained} of {layers} layers, float16 states, one thread; {queries} queries of {query_tokens} "
            f"tokens, two passages of {PASSAGE_TOKENS} each"
        )
        return [
            compare_times(f"step over stored layers ({peer})", ours, run, about, repeats)
            for peer, run in peers.items()
        ]
