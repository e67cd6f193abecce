import pytest

from reprise.data.text_sets import detokenise, load_texts, split_last_word

from .open_data import write_set

WIKI = """
 = First article = \n
 Some text , of it .
 = = A section = = \n
 More @-@ text .
 \n
 = Second = article = \n
 Its text .
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def test_passages_and_articles(home):
    write_set(home, "text", "passages", "Licence: MIT", test__jsonl=[{"text": "one two"}, {"text": "three"}])
    write_set(home, "text", "wiki", wiki__test__tokens__gz=WIKI)
    assert load_texts("passages", "test").documents == ("one two", "three")
    found = load_texts("wiki", "wiki.test")
    assert found.documents == (
        "= First article =\nSome text , of it .\n= = A section = =\nMore @-@ text .",
        "= Second = article =\nIts text .",
    )


def test_lines_without_text_are_left_out_and_counted(home):
    rows = [{"text": "a b"}] * 19 + [{"text": " "}]
    write_set(home, "text", "passages", test__jsonl=rows)
    found = load_texts("passages", "test")
    assert len(found.documents) == 19
    assert [str(o) for o in found.oddities] == [
        "lines without a text, left out: 1 of 20 (test.jsonl, line 20)"
    ]


@pytest.mark.parametrize(
    ("tokenised", "written"),
    [
        ("a @,@ b", "a,b"),
        ("( one ) [ two ]", "(one) [two]"),
        ('he said " so it is " and left', 'he said "so it is" and left'),
        ("it is n't ; is it ?", "it isn't; is it?"),
        ("<unk> 's", "<unk>'s"),
        ("nothing to do", "nothing to do"),
    ],
)
def test_detokenising(tokenised, written):
    assert detokenise(tokenised) == written


def test_the_last_word_is_what_follows_the_last_space():
    assert split_last_word("a b\nc") == ("a", " b\nc")
    assert split_last_word("alone") == ("", "alone")
