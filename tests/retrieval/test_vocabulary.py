"""Texts of several languages against the embedded encoder's English vocabulary."""

import pytest

from reprise.retrieval.checkpoint import MINILM, load_transformer
from reprise.retrieval.vocabulary import LOOKED_AT, count_outside

ENGLISH = "The library of the university collects books and journals, old and new."


@pytest.fixture(scope="module")
def tokenizer():
    return load_transformer(MINILM)[1]


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        (ENGLISH, 0),
        ("Die Bibliothek der Universität sammelt Bücher und Zeitschriften.", 1),
        ("La boulangerie vend des croissants; les enfants jouent au bord du lac gelé.", 1),
        ("图书馆收藏古代书籍。鸟儿在春天筑巢。", 1),
        ("Библиотека университета собирает книги и журналы.", 1),
        ("12 3.4 !?", 0),  # no word at all
        ("", 0),
    ],
)
def test_a_text_of_another_language_is_mostly_outside(tokenizer, text, outside):
    assert count_outside(tokenizer, [text]) == {"outside": outside, "of": 1}


def test_many_texts_are_looked_at_in_even_steps(tokenizer):
    counted = count_outside(tokenizer, [ENGLISH] * (3 * LOOKED_AT))
    assert counted == {"outside": 0, "of": LOOKED_AT}


def test_a_tokenizer_that_does_not_say_how_it_parts_words_counts_nothing():
    assert count_outside(None, [ENGLISH]) == {}
