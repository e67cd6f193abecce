"""A small study by hand: two systems and a baseline on four topics, its ledger, and published numbers."""

import numpy as np
import pytest

from reprise.evaluation.cells import Cell, Cells

TOPICS = ("t1", "t2", "t3", "t4")


def make_cell(measure, factors, samples, dataset="toy"):
    """A cell whose value is the mean of its samples."""
    named = dict(zip(TOPICS, samples, strict=False))
    return Cell(dataset, measure, factors, round(float(np.mean(samples)), 6), len(samples), named)


@pytest.fixture
def cells():
    """MAP: dense 0.4, fused 0.5; nDCG@10: dense 0.6, fused 0.55."""
    return Cells(
        [
            make_cell("MAP", {"stage": "dense"}, [0.2, 0.4, 0.4, 0.6]),
            make_cell("MAP", {"stage": "fused", "sparse": "bm25"}, [0.3, 0.5, 0.5, 0.7]),
            make_cell("nDCG@10", {"stage": "dense"}, [0.5, 0.6, 0.6, 0.7]),
            make_cell("nDCG@10", {"stage": "fused", "sparse": "bm25"}, [0.4, 0.5, 0.6, 0.7]),
        ]
    )
