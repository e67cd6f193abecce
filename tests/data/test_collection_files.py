"""A gzipped file beside its plain one; the rest of what files can be is in the tests of `formats`."""

import gzip

import pytest

from reprise.data.collection_files import find_files, read_lines
from reprise.errors import InputError


def test_a_gzipped_file_beside_its_plain_one_must_say_the_same(tmp_path):
    (tmp_path / "corpus.jsonl").write_text("one\ntwo\n")
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(b"one\r\ntwo\n"))
    lines = [("corpus.jsonl, line 1", "one"), ("corpus.jsonl, line 2", "two")]
    assert list(read_lines(find_files(tmp_path), "corpus.jsonl")) == lines
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(b"one\n"))
    with pytest.raises(InputError, match=r"corpus.jsonl and corpus.jsonl.gz are both there and differ"):
        list(read_lines(find_files(tmp_path), "corpus.jsonl"))


def test_a_folder_in_the_place_of_a_file_is_no_file(tmp_path):
    (tmp_path / "corpus.jsonl").mkdir()
    with pytest.raises(InputError, match=r"corpus.jsonl is missing"):
        list(read_lines(find_files(tmp_path), "corpus.jsonl"))
