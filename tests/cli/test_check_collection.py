"""`reprise check-collection` on folders in BEIR's layout."""

import json

import pytest

from reprise.cli import run_command
from reprise.data.formats import read_beir


@pytest.fixture
def folder(tmp_path):
    """Twelve documents, one without text, eleven topics; a judgement points nowhere, a split says nothing."""
    root = tmp_path / "mine"
    (root / "qrels").mkdir(parents=True)
    texts = ["", *(f"text number {i}" for i in range(1, 12))]
    (root / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": f"d{i}", "text": t}) + "\n" for i, t in enumerate(texts))
    )
    (root / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": f"q{i}", "text": f"query {i}"}) + "\n" for i in range(11))
    )
    (root / "qrels" / "test.tsv").write_text(
        "q0\tnowhere\t1\n" + "".join(f"q{i}\td{i}\t1\n" for i in range(1, 11))
    )
    (root / "qrels" / "dev.tsv").write_text("q1\td1\t0\nq2\td2\t0\n")
    return root


def test_it_says_what_a_collection_is_and_what_is_odd(folder, capsys):
    assert run_command(["check-collection", str(folder)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "12, 2.8 words each" in said
    assert "split test 11 topics, 11 with a relevant document; 11 judgements" in said
    for odd in (
        "no more than 1,000, so recall at 1,000 is 1 for every system",
        "none of its 2 topics has a relevant document",
        "documents without text, kept and never found: 1 of 12 (d0)",
        "test: judgements of documents that the corpus lacks, never found: 1 of 11 (q0 nowhere)",
    ):
        assert f"odd {odd}" in said or odd in said, odd
    assert "it can be read; 4 of the above are odd" in said


def test_a_collection_without_a_threshold_is_looked_at_too(folder, capsys, monkeypatch):
    def embedded(*, domains=None):
        return read_beir(folder)

    monkeypatch.setattr("reprise.data.load.pydocs", embedded)
    assert run_command(["check-collection", "pydocs"]) == 0
    assert "pydocs: it can be read" in capsys.readouterr().out
    assert run_command(["check-collection", "pydocs", "--relevance-threshold", "2"]) == 2
    assert "'pydocs' has no option 'relevance_threshold'" in capsys.readouterr().err


def test_a_collection_that_cannot_be_read_ends_with_its_line(folder, capsys):
    with (folder / "corpus.jsonl").open("a") as file:
        file.write("{")
    assert run_command(["check-collection", str(folder)]) == 2
    assert "corpus.jsonl, line 13 is not JSON" in capsys.readouterr().err


def test_what_there_is_not(capsys):
    assert run_command(["check-collection", "./nowhere"]) == 2
    assert "there is no such folder or zip" in capsys.readouterr().err
