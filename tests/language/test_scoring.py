import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.language.scoring import best_option, score_options

QUESTIONS = [
    ("the cat sat on", [" the mat", " a", " one roof or another"]),
    ("the cat sat on the", ["m", "at all"]),
    ("the", [" cat"]),
    ("quite another", ["b", "b", " prompt"]),
]


def one_by_one(plain, tokenizer, prompt, option):
    """transformers' own: prompt and option read together."""
    before, after = tokenizer(prompt).input_ids, tokenizer(option).input_ids
    with torch.inference_mode():
        logits = plain(torch.tensor([before + after])).logits[0].float()
    logs = torch.log_softmax(logits, -1)[len(before) - 1 : -1]
    return logs.gather(1, torch.tensor(after)[:, None])[:, 0].numpy()


def test_options_score_as_read_one_by_one_by_transformers(tiny, plain):
    """Prompts that begin with all, part or nothing of the one before them; options of one token and many."""
    for (prompt, options), scores in zip(QUESTIONS, score_options(tiny, QUESTIONS), strict=True):
        for option, found in zip(options, scores, strict=True):
            np.testing.assert_allclose(found, one_by_one(plain, tiny.tokenizer, prompt, option), atol=1e-4)


def test_a_question_does_not_depend_on_its_place_beyond_rounding(tiny):
    forward, backward = score_options(tiny, QUESTIONS), score_options(tiny, QUESTIONS[::-1])[::-1]
    for one, other in zip(forward, backward, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_same_call_gives_the_same_bytes(tiny):
    once, again = (np.concatenate([s for q in score_options(tiny, QUESTIONS) for s in q]) for _ in range(2))
    assert once.tobytes() == again.tobytes()


def test_equal_options_score_alike_and_the_first_is_best(tiny):
    scores = score_options(tiny, [("x", ["same", "same"])])[0]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)
    assert best_option([np.array([-1.0]), np.array([-1.0])]) == 0


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([("a", [])], "question 0 has no options"),
        ([("a", ["b", ""])], "an option has no tokens"),
        ([("", ["b"])], "the prompt of question 0 has no tokens"),
        ([("a", ["b"]), ("a" * 126, ["b", "bcd"])], "question 1 with its longest option is longer"),
    ],
)
def test_bad_questions_are_named_before_anything_is_read(tiny, questions, message, monkeypatch):
    monkeypatch.setattr("reprise.language.scoring.make_cache", None)
    with pytest.raises(InputError, match=message):
        score_options(tiny, questions)


def test_no_questions_have_no_scores(tiny):
    assert score_options(tiny, []) == []
