"""Summary and body."""

import pytest

from reprise.data.pydocs_text import split_summary, stands_in, words


@pytest.mark.parametrize(
    ("text", "summary", "body"),
    [
        ("Adds.\n\nBody.", "Adds.", "Body."),
        ("Adds two\nnumbers\n\nBody.", "Adds two numbers", "Body."),
        ("Adds, e.g. numbers. Or not.", "Adds, e.g. numbers.", "Or not."),
        ("abs(input, *, out=None) -> Tensor\n\nComputes it.\n\nBody.", "Computes it.", "Body."),
        ("f(a)\nf(a,\n  b)\n--\n\nComputes it.\n\nBody.", "Computes it.", "Body."),
        ("Args:\n    x: a number", "", "Args:\n    x: a number"),
        ("input_ids (`Tensor`):\n    Indices.", "", "input_ids (`Tensor`):\n    Indices."),
        ("", "", ""),
    ],
)
def test_split(text, summary, body):
    assert split_summary(text) == (summary, body)


def test_a_text_stands_in_another_only_in_whole_words():
    assert stands_in(words("Two words"), words("one two, WORDS three"))
    assert not stands_in(words("two word"), words("two words"))
