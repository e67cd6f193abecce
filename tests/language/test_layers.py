import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.language.layers import hidden_states

ROWS = [[5, 9, 200], [3, 77, 12, 8, 1], [9]]


def test_states_are_transformers_own_at_every_layer(tiny, plain):
    found = hidden_states(tiny, ROWS, [0, 1, 2, 3])
    for number, row in enumerate(ROWS):
        with torch.inference_mode():
            expected = plain.model(torch.tensor([row]), output_hidden_states=True).hidden_states
        for layer in range(4):
            np.testing.assert_allclose(found[layer][number, : len(row)], expected[layer][0], atol=1e-5)


@pytest.mark.parametrize(("highest", "runs"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_nothing_above_the_highest_layer_is_run(tiny, highest, runs):
    ran = []
    hooks = [
        block.register_forward_pre_hook(lambda *_, number=number: ran.append(number))
        for number, block in enumerate(tiny.model.model.layers)
    ]
    try:
        hidden_states(tiny, ROWS, [highest])
    finally:
        for hook in hooks:
            hook.remove()
    assert len(ran) == runs


def test_the_model_is_whole_again_afterwards(tiny):
    hidden_states(tiny, ROWS, [1])
    with torch.inference_mode():
        assert tiny.model(torch.tensor([[1]])).logits.shape == (1, 1, 258)


def test_a_layer_that_there_is_not_and_a_row_of_nothing(tiny):
    for layers in ([], [-1], [4]):
        with pytest.raises(ParameterError, match="layers are 0 to 3"):
            hidden_states(tiny, [[1, 2]], layers)
    with pytest.raises(InputError, match="row 1 has no tokens"):
        hidden_states(tiny, [[1, 2], []], [1])
