"""Batches of triples: what is drawn, and how it is laid out."""

import numpy as np

from reprise.retrieval.triples import Triple, make_batch


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
