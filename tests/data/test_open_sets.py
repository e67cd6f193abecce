import gzip

import pytest

from reprise.data.oddities import Oddities
from reprise.data.open_sets import find_open_set, open_sets, read_lines, read_objects
from reprise.errors import EnvironmentNotReady, InputError, ParameterError

from .open_data import write_set

README = (
    "# Some questions\nSource: somewhere (repository MIT). Licence of the set: CC BY 4.0 (A. N. Other 2020)."
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def test_what_is_there_is_found_and_nothing_else(home):
    write_set(home, "questions", "b", README, test__jsonl=[{}], dev__jsonl__gz=[{}])
    write_set(home, "questions", "a", test__jsonl=[{}])
    write_set(home, "questions", "empty", README)
    write_set(home, "text", "c", wiki__test__tokens__gz="x")
    assert [found.name for found in open_sets("questions")] == ["a", "b"]
    assert list(find_open_set("questions", "b").files) == ["dev", "test"]
    assert list(find_open_set("text", "c").files) == ["wiki.test"]
    assert open_sets("segments") == []


@pytest.mark.parametrize(
    ("readme", "licence"),
    [
        (README, "CC BY 4.0 (A. N. Other 2020)"),
        ("Licence: none stated (research use).\n", "none stated (research use)"),
        ("# No word about it", "not stated"),
        ("", "not stated"),
    ],
)
def test_the_licence_is_what_the_readme_says(home, readme, licence):
    write_set(home, "text", "a", readme, test__jsonl=[{}])
    assert find_open_set("text", "a").licence == licence


def test_fingerprints_follow_the_content(home):
    folder = write_set(home, "text", "a", test__jsonl=[{"text": "x"}])
    before = find_open_set("text", "a").fingerprints
    (folder / "test.jsonl").write_text('{"text": "y"}\n')
    after = find_open_set("text", "a").fingerprints
    assert list(before) == list(after) == ["a/test.jsonl"] and before != after


def test_a_set_or_part_that_is_not_there_is_named(home, monkeypatch):
    write_set(home, "questions", "arc-easy", test__jsonl=[{}])
    with pytest.raises(EnvironmentNotReady, match=r"no questions/arc-esay here.*did you mean 'arc-easy'\?"):
        find_open_set("questions", "arc-esay")
    with pytest.raises(ParameterError, match=r"no part 'train'.*choose from test"):
        find_open_set("questions", "arc-easy").file("train")
    monkeypatch.delenv("REPRISE_DATA")
    with pytest.raises(EnvironmentNotReady, match="REPRISE_DATA is not set"):
        find_open_set("questions", "arc-easy")


def test_odd_lines_are_left_out_and_counted(tmp_path):
    """Twenty lines are good, one is no UTF-8 and one no object: two of 22."""
    file, odd = tmp_path / "a.jsonl", Oddities()
    good = b'\xef\xbb\xbf{"n": 0}\r\n' + b"".join(b'{"n": %d}\n\n' % n for n in range(1, 20))
    file.write_bytes(good + b'{"n": "\xff"}\n[1]\n')
    assert [row["n"] for _, row in read_objects(file, odd)] == list(range(20))
    assert [str(o) for o in odd.found()] == [
        "lines that are not UTF-8, left out: 1 of 22 (a.jsonl, line 40)",
        "lines that are no JSON object, left out: 1 of 22 (a.jsonl, line 41)",
    ]


def test_a_file_that_is_something_else_is_refused(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"a": 1}\nno\n' * 5)
    with pytest.raises(InputError, match=r"a.jsonl is not what it is taken for.*'5 of 10'"):
        list(read_objects(file, Oddities()))
    file.write_text("\n\n")
    with pytest.raises(InputError, match="is empty"):
        list(read_lines(file, Oddities()))


@pytest.mark.parametrize("damage", [lambda raw: raw[:-9], lambda raw: b"no gzip at all"])
def test_a_damaged_gzip_file_is_refused(tmp_path, damage):
    file = tmp_path / "a.txt.gz"
    file.write_bytes(damage(gzip.compress(b"line\n" * 1000)))
    with pytest.raises(InputError, match="is not a whole gzip file"):
        list(read_lines(file, Oddities()))
