"""Holm and Benjamini-Hochberg by hand and against statsmodels."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.evaluation.correction import adjust


def test_by_hand():
    # Smallest first: 0.01 * 4, 0.02 * 3, 0.03 * 2 (kept at 0.06), 0.5 * 1.
    assert adjust([0.5, 0.01, 0.03, 0.02], "holm") == pytest.approx([0.5, 0.04, 0.06, 0.06])
    # 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.5.
    assert adjust([0.5, 0.01, 0.03, 0.02], "benjamini-hochberg") == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert adjust([0.5, 0.01], "none") == [0.5, 0.01]


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("benjamini-hochberg", "fdr_bh")])
@pytest.mark.parametrize("size", [1, 2, 17, 200])
def test_equals_statsmodels(ours, theirs, size):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p_values = np.random.default_rng(size).random(size) ** 3
    p_values[0] = p_values[-1]  # a tie
    assert adjust(p_values, ours) == pytest.approx(multitest.multipletests(p_values, method=theirs)[1])


@pytest.mark.parametrize("family", [[0.1, float("nan")], [1.2], [-0.1]])
def test_not_a_p_value_is_refused(family):
    with pytest.raises(InputError):
        adjust(family, "holm")


def test_unknown_correction_is_refused():
    with pytest.raises(ParameterError, match="bonferonni"):
        adjust([0.1], "bonferonni")
