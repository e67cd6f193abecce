"""Text to token ids and back, chat prompts, and the limit that the model's context sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reprise.errors import InputError
from reprise.language.model import LanguageModel


def encode(lm: LanguageModel, text: str) -> list[int]:
    """The ids of a text, with what the tokeniser puts around one (SmolLM2's: nothing).

    Raises `InputError` for what is no text.
    """
    if not isinstance(text, str):
        raise InputError("a text is asked for", given=text)
    return lm.tokenizer(text, verbose=False).input_ids  # a long text is no warning: callers check


def encode_continuation(lm: LanguageModel, text: str) -> list[int]:
    """The ids of a text that follows another: with nothing around it.

    A continuation is split on its own, so begin it with its space: " Paris" after "The capital of France is".
    """
    ids = lm.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    if not ids:
        raise InputError("an option has no tokens", given=text, remedy="give it text or leave it out")
    return ids


def decode(lm: LanguageModel, ids: Sequence[int]) -> str:
    """The text of token ids, without the tokens that no text contains."""
    return lm.tokenizer.decode(list(ids), skip_special_tokens=True)


def chat_prompt(
    lm: LanguageModel, turns: str | Sequence[Mapping[str, str]], system: str | None = None
) -> str:
    """What a chat model reads before it answers: the user's words, or turns of {"role", "content"}.

    `system` replaces the system turn of the model's own template. Raises `InputError` for a model that has no
    chat template.
    """
    if not lm.tokenizer.chat_template:
        raise InputError("this model has no chat template", remedy="give it plain text to continue")
    asked = [{"role": "user", "content": turns}] if isinstance(turns, str) else [*turns]
    if system is not None:
        asked = [{"role": "system", "content": system}, *asked]
    return lm.tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)


def check_length(lm: LanguageModel, count: int, what: str = "the prompt") -> None:
    """Raise `InputError` for no tokens, or for more than the model's context holds."""
    if count < 1:
        raise InputError(f"{what} has no tokens", remedy="give it text")
    if count > lm.context:
        raise InputError(
            f"{what} is longer than the model's context of {lm.context:,} tokens",
            given=f"{count:,} tokens",
            remedy="cut it, or score it in windows",
        )


def check_ids(lm: LanguageModel, ids: Sequence[int], what: str = "the prompt") -> None:
    """As `check_length`, and for ids outside the vocabulary."""
    check_length(lm, len(ids), what)
    if not 0 <= min(ids) <= max(ids) < lm.vocabulary:
        raise InputError(
            f"{what} has ids outside the vocabulary of {lm.vocabulary:,}", given=[min(ids), max(ids)]
        )
