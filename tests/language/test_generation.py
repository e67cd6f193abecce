import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.language.generation import generate

from .conftest import END

PROMPTS = ["a", "longer than the first", "mid size", "a"]


def by_transformers(plain, tokenizer, prompt, count):
    ids = torch.tensor([tokenizer(prompt).input_ids])
    out = plain.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False, pad_token_id=257
    )
    return tuple(out[0, ids.shape[1] :].tolist())


def test_greedy_batches_continue_as_transformers_does_one_by_one(tiny, plain):
    for made, prompt in zip(generate(tiny, PROMPTS, new_tokens=12, batch_size=3), PROMPTS, strict=True):
        assert made.ids == by_transformers(plain, tiny.tokenizer, prompt, 12)
        assert made.ended == (made.ids[-1] == END)


def test_likelihoods_are_those_of_the_text_read_at_once(tiny, plain):
    made = generate(tiny, PROMPTS, new_tokens=6, stop_at_end=False)
    for prompt, one in zip(PROMPTS, made, strict=True):
        before = tiny.tokenizer(prompt).input_ids
        with torch.inference_mode():
            logs = torch.log_softmax(plain(torch.tensor([[*before, *one.ids]])).logits[0].float(), -1)
        expected = logs[len(before) - 1 : -1].gather(1, torch.tensor(one.ids)[:, None])[:, 0]
        np.testing.assert_allclose(one.log_likelihoods, expected, atol=1e-4)


def first_draw(logits, generators):
    """A sampler that looks at nothing but the generators: a letter each."""
    return torch.tensor([97 + int(generator.integers(0, 26)) for generator in generators])


def test_a_prompt_draws_the_same_whatever_its_batch(tiny):
    texts = [
        [c.text for c in generate(tiny, PROMPTS, new_tokens=8, sampler=first_draw, seed=3, batch_size=size)]
        for size in (1, 2, 4)
    ]
    assert texts[0] == texts[1] == texts[2]
    assert texts[0][0] != texts[0][3]  # the same prompt at two places draws twice
    assert texts[0] != [c.text for c in generate(tiny, PROMPTS, new_tokens=8, sampler=first_draw, seed=4)]


def test_it_stops_where_the_model_ends_and_goes_on_for_the_others(tiny):
    def ends_second(logits, generators):
        step.append(1)
        return torch.tensor([END if row == 1 and len(step) == 2 else 97 for row in range(len(generators))])

    step = []
    one, other = generate(tiny, ["xx", "y"], new_tokens=4, sampler=ends_second)
    assert (one.text, one.ended, other.text, other.ended) == ("aaaa", False, "a", True)
    step = []
    assert generate(tiny, ["xx", "y"], new_tokens=4, sampler=ends_second, stop_at_end=False)[1].ids == (
        97,
        END,
        97,
        97,
    )


def test_bad_input_is_named(tiny):
    with pytest.raises(InputError, match="prompt 1 with its new tokens is longer than the model's context"):
        generate(tiny, ["a", "b" * 120], new_tokens=9)
    with pytest.raises(InputError, match="prompt 0 has no tokens"):
        generate(tiny, [""], new_tokens=1)
    with pytest.raises(ParameterError, match="at least one new token"):
        generate(tiny, ["a"], new_tokens=0)
    assert generate(tiny, [], new_tokens=1) == []
