from dataclasses import replace

import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.language.attention import full_attention, replace_attention
from reprise.language.cache import make_cache
from reprise.language.forward import read
from reprise.language.generation import generate

IDS = torch.tensor([[5, 9, 200, 3, 77, 12]])


def states(lm, ids=IDS):
    with torch.inference_mode():
        return read(lm, ids).numpy()


def by_hand(call):
    """Softmax of scaled products, written out; keys repeated for the query heads that share them."""
    group = call.query.shape[1] // call.key.shape[1]
    key, value = (x.repeat_interleave(group, 1) for x in (call.key, call.value))
    scores = call.scale * call.query @ key.transpose(2, 3)
    mask = call.mask
    if mask is None:
        queries, keys = scores.shape[2:]
        mask = torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries)
    return scores.masked_fill(~mask, -torch.inf).softmax(-1) @ value


def nothing(call):
    return torch.zeros_like(call.query)


def test_the_same_function_in_every_layer_changes_nothing(tiny):
    with replace_attention(tiny, by_hand):
        replaced = states(tiny)
    np.testing.assert_allclose(replaced, states(tiny), atol=1e-5)


def test_it_serves_prefill_decoding_and_padded_batches(tiny):
    prompts = ["abc", "a longer prompt"]
    plain = generate(tiny, prompts, new_tokens=5)
    with replace_attention(tiny, by_hand):
        replaced = generate(tiny, prompts, new_tokens=5)
    assert [c.ids for c in plain] == [c.ids for c in replaced]


def test_transformers_own_eager_attention_agrees(tiny, tiny_folder):
    from transformers import AutoModelForCausalLM

    eager = AutoModelForCausalLM.from_pretrained(tiny_folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        np.testing.assert_allclose(states(tiny), eager.model(IDS).last_hidden_state, atol=1e-5)


def test_chosen_layers_and_heads_are_the_only_ones(tiny):
    """A head that gives nothing is a column block of the output projection that is gone."""
    with replace_attention(tiny, nothing, layers=[1], heads=[2]):
        replaced = states(tiny)
    projection = tiny.model.model.layers[1].self_attn.o_proj.weight
    kept = projection.detach().clone()
    try:
        with torch.no_grad():
            projection[:, 16:24] = 0  # 4 heads of 8
        expected = states(tiny)
    finally:
        with torch.no_grad():
            projection.copy_(kept)
    np.testing.assert_allclose(replaced, expected, atol=1e-5)
    assert np.abs(replaced - states(tiny)).max() > 1e-3


def test_a_call_says_layer_heads_and_phase(tiny):
    calls = []

    def spy(call):
        calls.append((call.layer, call.heads, call.prefill, tuple(call.query.shape), tuple(call.key.shape)))
        return full_attention(call)

    cache = make_cache(tiny, 8)
    with torch.inference_mode(), replace_attention(tiny, spy, layers=[2], heads=[1, 3]):
        read(tiny, IDS, cache=cache)
        read(tiny, torch.tensor([[4]]), cache=cache)
    assert calls == [
        (2, (1, 3), True, (1, 2, 6, 8), (1, 2, 6, 8)),
        (2, (1, 3), False, (1, 2, 1, 8), (1, 2, 7, 8)),
    ]


def test_blocks_nest_and_what_was_there_comes_back(tiny):
    before = states(tiny)
    with replace_attention(tiny, nothing):
        without = states(tiny)
        with replace_attention(tiny, full_attention):
            np.testing.assert_array_equal(states(tiny), before)
        np.testing.assert_array_equal(states(tiny), without)
    np.testing.assert_array_equal(states(tiny), before)


def test_bad_replacements_are_named(tiny):
    for arguments, message in (
        ({"layers": [3]}, "layers are 0 to 2"),
        ({"layers": []}, "layers are 0 to 2"),
        ({"heads": [0, 0]}, "heads are 0 to 3"),
    ):
        with pytest.raises(ParameterError, match=message), replace_attention(tiny, nothing, **arguments):
            pass
    with (
        replace_attention(tiny, lambda call: call.query[:, :1]),
        pytest.raises(InputError, match="a vector for every query"),
    ):
        states(tiny)


def test_several_queries_after_a_cache_need_a_mask(tiny):
    def unmasked(call):
        return full_attention(replace(call, mask=None))

    cache = make_cache(tiny, 8)
    with torch.inference_mode(), replace_attention(tiny, unmasked):
        read(tiny, IDS[:, :3], cache=cache)
        with pytest.raises(InputError, match="need a mask"):
            read(tiny, IDS[:, 3:], cache=cache)
