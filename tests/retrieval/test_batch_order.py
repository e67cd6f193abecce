"""Batches of shuffled epochs."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.retrieval.batch_order import batch_order


def test_batches_hold_no_example_twice_and_epochs_hold_each_once():
    order = batch_order(9, 3, 7, np.random.default_rng(1))
    assert order.shape == (7, 3)
    assert sorted(order[:3].ravel()) == sorted(order[3:6].ravel()) == list(range(9))
    with pytest.raises(InputError, match="fewer training examples"):
        batch_order(2, 3, 1, np.random.default_rng(1))
