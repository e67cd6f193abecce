"""Lines of JSON as documents and topics: what is mended and counted, what is refused with its line."""

import json

import pytest

from reprise.data.collection import Document, Topic
from reprise.data.oddities import Oddities
from reprise.data.records import read_documents, read_topics
from reprise.errors import InputError


def read(tmp_path, *lines, reader=read_documents, name="corpus.jsonl"):
    file = tmp_path / name
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    odd = Oddities()
    records = [record for _, record in reader({name: file}, odd)]
    odd.totals |= {"documents": len(records), "topics": len(records)}
    return records, [str(o) for o in odd.found()]


@pytest.mark.parametrize(
    ("line", "document", "said"),
    [
        ('{"_id": "d1 ", "text": "a"}', Document("d1", "a"), "documents whose id had blanks at an end: 1"),
        (
            '{"_id": "d1", "text": NaN, "title": "T"}',
            Document("d1", "", "T"),
            "documents with NaN for a text",
        ),
        ('{"_id": "d1", "text": 42}', Document("d1", "42"), "documents with a number for a text"),
        (r'{"_id": "d1", "text": "a\ud800b"}', Document("d1", "a\ufffdb"), "documents with lone surrogates"),
    ],
)
def test_what_is_mended_is_counted(tmp_path, line, document, said):
    records, (oddity,) = read(tmp_path, line)
    assert records == [document]
    assert oddity.startswith(said)
    records[0].full_text.encode()  # and nothing behind this stumbles over it


@pytest.mark.parametrize(
    "line",
    [
        '{"_id": 7, "text": "a", "title": null}',
        r'{"_id": "7", "text": "a", "metadata": {"k": 1, "k": 2}}',  # what is not read may repeat
    ],
)
def test_what_needs_no_word(tmp_path, line):
    assert read(tmp_path, line) == ([Document("7", "a")], [])


def test_a_pair_of_surrogates_is_one_sign(tmp_path):
    line = json.dumps({"_id": "q1", "text": "🦜"})
    assert "ud83e" in line
    topics = read(tmp_path, line, reader=read_topics, name="queries.jsonl")
    assert topics == ([Topic("q1", "🦜")], [])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "d3"}', "has no '_id'"),
        ('{"_id": "d3"', "is not JSON"),
        ('["d3"]', "is not a JSON object"),
        ('{"_id": "d1", "text": ["a"]}', "'text' is no text"),
        ('{"_id": "d1", "text": {"a": 1}}', "'text' is no text"),
        ('{"_id": "d1", "title": true}', "'title' is no text"),
        ('{"_id": ["d1"], "text": "a"}', "the id is no text"),
        ('{"_id": 1.5, "text": "a"}', "the id is no text"),
        ('{"_id": "", "text": "a"}', "the id is empty"),
        ('{"_id": " ", "text": "a"}', "the id is empty"),
        (r'{"_id": "a\nb", "text": "a"}', "the id has a line break"),
        (r'{"_id": "a\u0000", "text": "a"}', "a NUL"),
        (r'{"_id": "a\ud800", "text": "a"}', "a lone surrogate"),
        ('{"_id": "' + "x" * 5000 + '", "text": "a"}', "the id has 5,000 characters"),
        ('{"_id": "d1", "text": "a", "text": "b"}', "the key 'text' stands there twice"),
        ('{"_id": "d1", "text": ' + "9" * 5000 + "}", "is not JSON: Exceeds the limit"),
        ('{"_id": "d1", "metadata": ' + "[" * 100_000 + "]" * 100_000 + "}", "is nested too deeply"),
    ],
)
def test_what_is_refused(tmp_path, line, message):
    with pytest.raises(InputError, match=rf"corpus.jsonl, line 2:? .*{message}|line 2.*{message}") as caught:
        read(tmp_path, '{"_id": "d0", "text": "a"}', line)
    assert len(str(caught.value)) < 500


def test_an_empty_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"corpus.jsonl is empty"):
        read(tmp_path)
