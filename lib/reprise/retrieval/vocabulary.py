"""Whether an encoder knows the words that it is given: texts of another language are encoded without a word.

A word that the vocabulary lacks is cut into pieces or replaced by one unknown token. In English collections a
text has about a tenth of such words (a sixth in docstrings), in German or French about half, in Chinese,
Russian and Arabic most, for the vocabulary of BERT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reprise.texts import check_texts

MOST = 0.5
"""The share of a text's words above which it is mostly outside the vocabulary."""

LOOKED_AT = 2000
"""So many texts of a collection, evenly spaced, tell its language."""


def count_outside(tokenizer: Any, texts: Sequence[str]) -> dict[str, int]:
    """How many texts are mostly `outside` the vocabulary of a tokeniser, `of` those that were looked at.

    Empty for a tokeniser that does not say how it parts words.
    """
    check_texts(texts, "text")
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or backend.pre_tokenizer is None:
        return {}
    known = tokenizer.get_vocab()
    looked_at = texts[:: max(len(texts) // LOOKED_AT, 1)]
    outside = sum(_share_outside(backend, known, text) > MOST for text in looked_at)
    return {"outside": int(outside), "of": len(looked_at)}


def _share_outside(backend: Any, known: dict[str, int], text: str) -> float:
    normal = backend.normalizer.normalize_str(text) if backend.normalizer else text
    parts = (part for part, _ in backend.pre_tokenizer.pre_tokenize_str(normal))
    # byte-level tokenisers mark a word's beginning by a sign that is a letter itself
    words = [part for part in parts if any(c.isalpha() for c in part.lstrip("Ġ"))]
    return sum(word not in known for word in words) / len(words) if words else 0.0
