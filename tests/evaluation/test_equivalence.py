"""TOST against statsmodels, and the point of it: no evidence is not evidence of no difference."""

import numpy as np
import pytest

from reprise.errors import ParameterError
from reprise.evaluation.equivalence import equivalence_test
from reprise.evaluation.significance import paired_t_test


@pytest.mark.parametrize("margin", [0.01, 0.05, 0.3])
def test_equals_statsmodels(margin):
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    left, right = np.random.default_rng(2).random((2, 30))
    oracle = weightstats.ttost_paired(left, right, -margin, margin)[0]
    assert equivalence_test(left - right, margin) == pytest.approx(oracle)


def test_few_noisy_topics_show_neither_difference_nor_equivalence():
    differences = np.array([0.2, -0.25, 0.1, -0.15])
    assert paired_t_test(differences) > 0.05
    assert equivalence_test(differences, margin=0.02) > 0.05


def test_without_spread():
    assert equivalence_test(np.full(5, 0.01), margin=0.02) == 0.0
    assert equivalence_test(np.full(5, 0.03), margin=0.02) == 1.0


def test_margin_must_be_positive():
    with pytest.raises(ParameterError):
        equivalence_test(np.zeros(3), margin=0)
