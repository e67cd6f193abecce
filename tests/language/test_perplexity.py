import numpy as np
import pytest
import torch

from reprise.errors import InputError, ParameterError
from reprise.language.perplexity import score_documents, windows

TEXTS = ["a short one", "x" * 7 + " and then something longer than a window of twenty", "zz"]


def reference(plain, tokenizer, text, window, stride):
    """The loop of transformers' guide on perplexity, a window after the other, with its own loss."""
    ids = torch.tensor([tokenizer(text).input_ids])
    losses, previous = [], 1
    for begin in range(0, ids.shape[1], stride):
        end = min(begin + window, ids.shape[1])
        with torch.inference_mode():
            logits = plain(ids[:, begin:end]).logits[0, :-1].float()
        each = torch.nn.functional.cross_entropy(logits, ids[0, begin + 1 : end], reduction="none")
        losses.append(each[previous - begin - 1 :])
        previous = end
        if end == ids.shape[1]:
            break
    return torch.cat(losses).numpy()


@pytest.mark.parametrize(("window", "stride"), [(20, 10), (20, 1), (20, 19), (128, 64)])
def test_losses_are_those_of_the_loop_over_windows(tiny, plain, window, stride):
    found = score_documents(tiny, TEXTS, window=window, stride=stride)
    for text, losses in zip(TEXTS, found.losses, strict=True):
        np.testing.assert_allclose(losses, reference(plain, tiny.tokenizer, text, window, stride), atol=1e-4)
    assert found.tokens == sum(len(text) - 1 for text in TEXTS)
    assert found.perplexity == pytest.approx(np.exp(np.concatenate(found.losses).mean()))
    assert found.documents[2] == found.losses[2][0]


@pytest.mark.parametrize(("count", "window", "stride"), [(1, 4, 2), (2, 4, 2), (9, 4, 1), (50, 8, 5)])
def test_every_token_but_the_first_is_scored_once_with_its_context(count, window, stride):
    found = windows(count, window, stride)
    scored = [at for begin, end, first in found for at in range(first, end)]
    assert scored == list(range(1, count))
    assert all(end - begin <= window for begin, end, _ in found)
    assert all(first - begin >= window - stride for begin, _, first in found[1:])


def test_ids_are_scored_as_their_text(tiny):
    ids = [tiny.tokenizer(text).input_ids for text in TEXTS]
    by_text, by_ids = (score_documents(tiny, given, window=20) for given in (TEXTS, ids))
    for one, other in zip(by_text.losses, by_ids.losses, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_stride_is_half_the_window_when_nothing_is_said(tiny):
    assert score_documents(tiny, ["ab"], window=20).stride == 10


def test_bad_input_is_named(tiny):
    with pytest.raises(ParameterError, match="a stride lies between 1 and the window"):
        score_documents(tiny, TEXTS, window=8, stride=8)
    with pytest.raises(InputError, match="the window is longer than the model's context"):
        score_documents(tiny, TEXTS, window=129)
    with pytest.raises(InputError, match=r"at least two tokens \(given: \[1\]\)"):
        score_documents(tiny, ["ab", "a"], window=8)
    with pytest.raises(InputError, match="at least two tokens"):
        score_documents(tiny, [], window=8)
