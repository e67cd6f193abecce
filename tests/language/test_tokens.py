import pytest

from reprise.errors import InputError
from reprise.language.tokens import chat_prompt, check_ids, check_length, decode, encode, encode_continuation


@pytest.mark.parametrize("text", ["", " a  b\n", "12 naïve\t\u2003x", "def f(x):\n    return x\n"])
def test_a_text_comes_back_from_its_ids(tiny, text):
    assert decode(tiny, encode(tiny, text)) == text


def test_end_tokens_are_no_text(tiny):
    assert decode(tiny, [*encode(tiny, "ab"), *tiny.end_tokens]) == "ab"


def test_an_option_without_tokens_is_refused(tiny):
    assert encode_continuation(tiny, " a") == [32, 97]
    with pytest.raises(InputError, match="an option has no tokens"):
        encode_continuation(tiny, "")


def test_what_is_no_text_is_refused(tiny):
    with pytest.raises(InputError, match="a text is asked for"):
        encode(tiny, ["a"])


def test_a_chat_prompt_is_the_model_s_own_template(tiny):
    assert chat_prompt(tiny, "hi") == "<user>hi<assistant>"
    assert chat_prompt(tiny, [{"role": "user", "content": "a"}], system="s") == "<system>s<user>a<assistant>"


def test_a_model_without_template_has_no_chat(tiny, monkeypatch):
    monkeypatch.setattr(tiny.tokenizer, "chat_template", None)
    with pytest.raises(InputError, match="no chat template"):
        chat_prompt(tiny, "hi")


def test_the_context_is_the_limit(tiny):
    check_length(tiny, 128)
    with pytest.raises(InputError, match=r"longer than the model's context of 128 tokens.*129 tokens"):
        check_length(tiny, 129)
    with pytest.raises(InputError, match="the prompt has no tokens"):
        check_length(tiny, 0)


def test_ids_outside_the_vocabulary_are_refused(tiny):
    check_ids(tiny, [0, 257])
    for ids in ([258], [-1, 3]):
        with pytest.raises(InputError, match="outside the vocabulary of 258"):
            check_ids(tiny, ids)
