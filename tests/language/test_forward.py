import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.language.forward import batches, logits_at, pad_right, read, token_log_likelihoods


def test_logits_at_positions_are_transformers_own(tiny, plain):
    ids = [3, 250, 17, 17, 90]
    with torch.inference_mode():
        expected = plain(torch.tensor([ids])).logits[0, [0, 3]]
    np.testing.assert_allclose(logits_at(tiny, ids, [0, 3]), expected, atol=1e-5)


def test_positions_outside_the_text_and_texts_outside_the_context_are_refused(tiny):
    for positions in ([3], [-1]):
        with pytest.raises(InputError, match="a position lies outside the text"):
            logits_at(tiny, [1, 2, 3], positions)
    with pytest.raises(InputError, match="longer than the model's context"):
        logits_at(tiny, [1] * 129, [0])


def test_likelihoods_do_not_depend_on_how_many_rows_the_head_takes(tiny, monkeypatch):
    states, targets = torch.randn(7, 32, generator=torch.Generator().manual_seed(0)), torch.arange(7)
    whole = token_log_likelihoods(tiny, states, targets)
    monkeypatch.setattr("reprise.language.forward.HEAD_ROWS", 3)
    np.testing.assert_allclose(
        token_log_likelihoods(tiny, states, targets).detach(), whole.detach(), atol=1e-6
    )


def test_padding_behind_changes_nothing_before_it(tiny):
    rows = [[5, 6, 7, 8, 9], [200]]
    with torch.inference_mode():
        together = read(tiny, pad_right(tiny, rows))
        for number, row in enumerate(rows):
            alone = read(tiny, torch.tensor([row]))[0]
            np.testing.assert_allclose(together[number, : len(row)], alone, atol=1e-5)


def test_batches_hold_every_row_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(1, 40, 100).tolist()
    found = batches(lengths, 60)
    assert sorted(row for batch in found for row in batch) == list(range(100))
    assert all(len(batch) * max(lengths[row] for row in batch) <= 60 or len(batch) == 1 for batch in found)
    assert batches([], 60) == []
