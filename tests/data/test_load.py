"""One door: names, paths, ids and options."""

import os
import subprocess
import sys
import zipfile

import pytest

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.formats import write_beir
from reprise.data.load import find_folder, input_fingerprints, load_collection
from reprise.errors import InputError, ParameterError

TOY = Collection("toy", (Document("d1", "one"),), {"test": Split((Topic("q1", "first"),), {"q1": {"d1": 1}})})


def test_a_path_is_a_beir_folder(tmp_path, monkeypatch):
    write_beir(TOY, tmp_path / "toy")
    assert load_collection(str(tmp_path / "toy")) == TOY
    assert load_collection(str(tmp_path / "toy"), relevance_threshold=2).relevance_threshold == 2
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    assert load_collection("toy") == TOY


def test_a_collection_that_the_catalogue_knows_is_searched_without_own_documents(tmp_path, monkeypatch):
    for name in ("beir/arguana", "arguana"):
        write_beir(TOY, tmp_path / name)
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    assert load_collection("beir/arguana").remove_query
    assert input_fingerprints("beir/arguana")["known: remove_query"] == "True"
    assert not load_collection("beir/arguana", remove_query=False).remove_query
    assert not load_collection("arguana").remove_query, "a folder of that name may be anything"
    assert load_collection("arguana", remove_query=True).remove_query


@pytest.mark.parametrize("name", ["", " ", "x" * 5000, "a\0b"], ids=["empty", "blank", "long", "NUL"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(ParameterError, match="a collection needs a name"):
        load_collection(name)


def test_a_name_that_can_only_be_a_path_is_reported_as_one(tmp_path):
    with pytest.raises(InputError, match="no such folder or zip"):
        load_collection(str(tmp_path / "nowhere"))
    assert find_folder("beir/no-such-thing") is None


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match=r"'max_topic'.*'max_topics'"):
        load_collection("pydocs", max_topic=3)


def test_an_unknown_id_is_refused(monkeypatch):
    with pytest.raises(InputError, match="no collection 'no-such-thing'"):
        load_collection("no-such-thing")


def test_fingerprints_follow_content(tmp_path):
    write_beir(TOY, tmp_path / "toy")
    before = input_fingerprints(str(tmp_path / "toy"))
    assert sorted(before) == ["toy/corpus.jsonl", "toy/qrels/test.tsv", "toy/queries.jsonl"]
    (tmp_path / "toy" / "corpus.jsonl").touch()
    assert input_fingerprints(str(tmp_path / "toy")) == before
    (tmp_path / "toy" / "corpus.jsonl").write_text('{"_id": "d1", "text": "two"}\n')
    after = input_fingerprints(str(tmp_path / "toy"))
    assert {name for name in before if before[name] != after[name]} == {"toy/corpus.jsonl"}


def test_fingerprints_of_pydocs_are_the_versions_that_it_is_made_of():
    import numpy

    assert input_fingerprints("pydocs", domains=["numpy"], max_topics=3) == {"numpy": numpy.__version__}
    assert "+" not in "".join(input_fingerprints("pydocs").values())
    assert set(input_fingerprints("beir/scifact")) == {"ir_datasets"}


def in_home(home, code):
    # in a process of its own: ir_datasets reads IR_DATASETS_HOME once
    done = subprocess.run(
        [sys.executable, "-c", "from reprise.data.load import load_collection as load\n" + code],
        env={
            **os.environ,
            "IR_DATASETS_HOME": str(home),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_beir_ids(tmp_path):
    folder = tmp_path / "beir" / "scifact"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "source.zip", "w") as archive:
        archive.writestr(
            "scifact/corpus.jsonl",
            '{"_id": "1", "title": "T", "text": "one"}\n{"_id": "2", "title": "", "text": "two"}\n',
        )
        archive.writestr(
            "scifact/queries.jsonl", '{"_id": "7", "text": "first"}\n{"_id": "8", "text": "second"}\n'
        )
        for name, row in (("train", "7\t1\t1"), ("test", "8\t2\t1")):
            archive.writestr(f"scifact/qrels/{name}.tsv", f"query-id\tcorpus-id\tscore\n{row}\n")
    lines = in_home(
        tmp_path,
        "c = load('beir/scifact')\n"
        "print(c.documents[0].full_text.split(), sorted(c.splits))\n"
        "print(c.splits['test'].qrels, c.relevance_threshold)\n"
        "d = load('beir/scifact/test', documents=False)\n"
        "print(len(d.documents), d.splits)",
    )
    assert lines[0] == "['T', 'one'] ['test', 'train']"
    assert lines[1] == "{'8': {'2': 1}} 1"
    assert lines[2] == "0 " + str({"test": Split((Topic("8", "second"),), {"8": {"2": 1}})})


def test_odd_lines_are_treated_alike_through_the_catalogue(tmp_path):
    """Twelve topics, one document missing; null is no text, and the topic without it is left out."""
    folder = tmp_path / "beir" / "scifact"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "source.zip", "w") as archive:
        corpus = "".join(f'{{"_id": "{i}", "title": "", "text": null}}\n' for i in range(1, 12))
        queries = "".join(f'{{"_id": "{i}", "text": "topic {i}"}}\n' for i in range(11))
        queries += '{"_id": "11", "text": null}\n'
        archive.writestr("scifact/corpus.jsonl", corpus)
        archive.writestr("scifact/queries.jsonl", queries)
        for name in ("train", "test"):
            rows = "".join(f"{i}\t{i}\t1\n" for i in range(12))
            archive.writestr(f"scifact/qrels/{name}.tsv", f"query-id\tcorpus-id\tscore\n{rows}")
    lines = in_home(
        tmp_path,
        "c = load('beir/scifact')\n"
        "print(repr(c.documents[0].full_text), len(c.splits['test'].topics))\n"
        "for o in c.oddities:\n    if not o.what.startswith('train'): print(o)",
    )
    assert lines == [
        "'' 11",
        "documents without text, kept and never found: 11 of 11 (1, 2, 3, ...)",
        "test: judged topics without text, left out: 1 of 12 (11)",
        "test: judgements of documents that the corpus lacks, never found: 1 of 12 (0 0)",
    ]


def test_an_id_without_parts_is_the_split_test(tmp_path):
    folder = tmp_path / "vaswani"
    folder.mkdir()
    (folder / "docs.txt").write_text("1\nsome words\n   /\n2\nother words\n   /\n")
    (folder / "queries.txt").write_text("1\nwords\n/\n")
    (folder / "qrels.txt").write_text("1\n2\n   /\n")
    assert in_home(tmp_path, "c = load('vaswani')\nprint(c.doc_ids, c.splits['test'].qrels)") == [
        "['1', '2'] {'1': {'2': 1}}"
    ]


def test_a_collection_that_is_not_here_is_reported(tmp_path):
    lines = in_home(
        tmp_path,
        "from reprise.errors import EnvironmentNotReady\n"
        "try: load('vaswani')\nexcept EnvironmentNotReady as e: print(e)",
    )
    assert "IR_DATASETS_HOME" in lines[-1]
