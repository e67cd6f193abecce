"""The benchmark of sign codes, at a size that takes a moment: equal results, and the index's size."""

import numpy as np
import pytest

from reprise.bench import compression


def test_rows_for_a_few_vectors():
    row, goal = compression.benchmark(count=5000, dim=256, queries=3, repeats=2)
    assert goal["goal_s"] == pytest.approx(row["peer_s"] / 14) and goal["ours_s"] == row["ours_s"]
    assert "5,000 x 256" in row["note"] and "smaller" in row["note"]


def test_clusters_are_unit_vectors_near_their_neighbours():
    vectors = np.concatenate(list(compression.clusters(250, 64, np.random.default_rng(0), chunk=200)))
    assert vectors.shape == (250, 64)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    products = vectors @ vectors.T
    assert products[:100, :100].min() > products[:100, 100:].max()


def test_indexes_that_find_other_documents_are_not_timed(monkeypatch):
    monkeypatch.setattr(compression, "SPREAD", 3.0)
    with pytest.raises(AssertionError, match="compare nothing"):
        compression.benchmark(count=5000, dim=64, queries=3, repeats=1)
