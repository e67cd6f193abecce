"""Passages written in a stream and read a stretch at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.data.passage_file import PassageFile, write_passages
from reprise.errors import InputError, ParameterError


@settings(deadline=None, max_examples=30)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=12), data=st.data()
)
def test_any_stretch_reads_back(tmp_path_factory, texts, data):
    folder = tmp_path_factory.mktemp("passages")
    assert write_passages(folder, ((f"d{i}", text) for i, text in enumerate(texts))) == len(texts)
    passages = PassageFile(folder)
    start = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(start, len(texts)))
    assert passages.texts(start, stop) == texts[start:stop]
    assert passages.ids(start, stop) == [f"d{i}" for i in range(start, stop)]


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 50), data=st.data())
def test_shards_cover_every_passage_once_and_are_equally_large(tmp_path_factory, count, data):
    folder = tmp_path_factory.mktemp("passages")
    write_passages(folder, ((f"d{i}", "x") for i in range(count)))
    shards = data.draw(st.integers(1, count))
    ranges = [PassageFile(folder).shard(number, shards) for number in range(shards)]
    assert [i for start, stop in ranges for i in range(start, stop)] == list(range(count))
    sizes = np.diff(ranges).ravel()
    assert sizes.max() - sizes.min() <= 1


def test_a_shard_that_there_is_not(tmp_path):
    write_passages(tmp_path, [("a", "x"), ("b", "y")])
    for number, shards in ((2, 2), (-1, 2), (0, 3)):
        with pytest.raises(ParameterError, match="no such shard"):
            PassageFile(tmp_path).shard(number, shards)


@pytest.mark.parametrize("name", ["", "two\nlines"])
def test_an_id_that_a_line_cannot_hold(tmp_path, name):
    with pytest.raises(InputError, match="empty or has line breaks"):
        write_passages(tmp_path, [(name, "text")])


def test_a_folder_without_passages_and_one_that_was_cut_short(tmp_path):
    with pytest.raises(InputError, match="holds no passages"):
        PassageFile(tmp_path)
    write_passages(tmp_path, [("a", "some text"), ("b", "more")])
    (tmp_path / "texts").write_bytes(b"some")
    with pytest.raises(InputError, match="not as long as its table says"):
        PassageFile(tmp_path)
