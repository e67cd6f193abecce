"""Judgement files: both layouts, what a grade is, and two files of one split."""

import pytest

from reprise.data.judgement_files import read_judgements, split_files
from reprise.errors import InputError


def read(tmp_path, *lines):
    file = tmp_path / "test.tsv"
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return [tuple(j[1:]) for j in read_judgements({"qrels/test.tsv": file}, "qrels/test.tsv")]


@pytest.mark.parametrize("line", ["q1\td1\t1", "q1\t0\td1\t1", "q1 0 d1 1", "q1 d1 1", " q1\td1 \t+1.0 "])
def test_a_single_line_is_a_judgement_and_no_header(tmp_path, line):
    assert read(tmp_path, line) == [("q1", "d1", 1)]


@pytest.mark.parametrize("header", ["query-id\tcorpus-id\tscore", "topic\titer\tdocument\trelevance"])
def test_a_header_is_passed_over(tmp_path, header):
    row = ["q1", "0", "d1", "-2"] if header.count("\t") == 3 else ["q1", "d1", "-2"]
    assert read(tmp_path, header, "\t".join(row)) == [("q1", "d1", -2)]


def test_ids_with_blanks_inside_stand_between_tabs(tmp_path):
    assert read(tmp_path, "query 1\tdoc 1\t1") == [("query 1", "doc 1", 1)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["q1\td1\t0.5"], "line 1: the grade is not a whole number"),
        (["q1\td1\t1", "q1\td2\t²"], "line 2: the grade is not a whole number"),
        (["q1\td1\t1", "q1\td2\t" + "9" * 5000], "line 2: the grade is not a whole number"),
        (["q1\td1\t1", "q1\td2\tnan"], "line 2: the grade is not a whole number"),
        (["q1\t1\td1"], "line 1: the grade is not a whole number"),
        (["q1\td1\t1", "q1\t0\td2\t1"], "line 2 has 4 columns"),
        (["q1\td1"], "line 1 has 2 columns"),
        (["q1\td1\t1", "q1\t\t1"], "line 2: an id is empty"),
    ],
)
def test_what_is_refused(tmp_path, lines, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, *lines)
    assert len(str(caught.value)) < 500


def test_two_files_of_one_split_are_named(tmp_path):
    assert split_files({"qrels/test.tsv.gz": tmp_path, "qrels/README.md": tmp_path}) == {
        "test": "qrels/test.tsv"
    }
    with pytest.raises(InputError, match=r"qrels/test.tsv and qrels/test.txt are both .* 'test'"):
        split_files({"qrels/test.tsv": tmp_path, "qrels/test.txt": tmp_path})
