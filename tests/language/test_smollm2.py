"""The embedded model, as it is: what it must be able to do, and that nothing was lost on the way."""

import numpy as np
import pytest
import torch

from reprise.language.generation import generate
from reprise.language.perplexity import score_documents
from reprise.language.scoring import best_option, score_options
from reprise.language.tokens import chat_prompt, encode


def test_it_is_the_model_that_the_file_holds(smollm2):
    assert (smollm2.layers, smollm2.context, smollm2.vocabulary) == (30, 8192, 49152)
    assert sum(w.numel() for w in smollm2.model.parameters()) == 134_515_008
    assert smollm2.model.config.rope_theta == 100_000
    assert smollm2.end_tokens == {2}


def test_text_is_split_as_the_model_learnt(smollm2):
    """No start token, single digits; ids read from the published tokenizer's vocabulary order in the file."""
    assert encode(smollm2, "The capital of France is") == [504, 3575, 282, 4649, 314]
    assert smollm2.tokenizer.convert_ids_to_tokens(encode(smollm2, " 2024")) == ["Ġ", "2", "0", "2", "4"]


def test_options_score_as_transformers_scores_them_alone(smollm2):
    prompt, options = "The capital of France is", [" Paris", " Rome", " New York City"]
    for option, found in zip(options, score_options(smollm2, [(prompt, options)])[0], strict=True):
        before, after = encode(smollm2, prompt), encode(smollm2, option)
        with torch.inference_mode():
            logits = smollm2.model(torch.tensor([before + after])).logits[0]
        expected = torch.log_softmax(logits, -1)[len(before) - 1 : -1].gather(1, torch.tensor(after)[:, None])
        np.testing.assert_allclose(found, expected[:, 0], atol=1e-4)


def test_it_knows_a_capital_and_prefers_prose_to_noise(smollm2):
    assert best_option(score_options(smollm2, [("The capital of Italy is", [" Paris", " Rome"])])[0]) == 1
    prose, noise = (
        "The cat sat on the mat and looked at the dog.",
        "dog the at looked and mat the on sat cat The.",
    )
    losses = score_documents(smollm2, [prose, noise], window=64).documents
    assert losses[0] < losses[1] - 1


def test_a_batch_continues_each_prompt_as_alone(smollm2):
    prompts = ["The capital of France is", chat_prompt(smollm2, "Say hello.")]
    together = generate(smollm2, prompts, new_tokens=4)
    for prompt, made in zip(prompts, together, strict=True):
        alone = generate(smollm2, [prompt], new_tokens=4)[0]
        assert alone.ids == made.ids
        assert alone.log_likelihoods == pytest.approx(made.log_likelihoods, abs=1e-4)
    assert together[0].text.startswith(" Paris")
