"""BEIR folders and TREC files: round trips, and every way in which a folder can be wrong."""

import gzip
import json
import zipfile

import pytest

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.formats import read_beir, write_beir, write_trec
from reprise.errors import InputError

CORPUS = ['{"_id": "d1", "title": "T", "text": "one"}', '{"_id": "d2", "title": "", "text": "two"}']
QUERIES = ['{"_id": "q1", "text": "first"}', '{"_id": "q2", "text": "second"}']
QRELS = ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q2\td2\t1"]


def folder(path, corpus=CORPUS, queries=QUERIES, qrels=QRELS, end="\n", pack=False):
    (path / "qrels").mkdir(parents=True)
    for name, lines in (("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels/test.tsv", qrels)):
        content = "".join(line + end for line in lines).encode()
        if pack:
            (path / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (path / name).write_bytes(content)
    return path


@pytest.fixture
def toy():
    documents = (Document("d1", "one\ntwo & <three>", "T", "a"), Document("d2", "", "", "b"))
    topics = (Topic("q1", "first é", "a"), Topic("q2", "second", "b"))
    return Collection(
        "toy",
        documents,
        {"dev": Split(topics[:1], {"q1": {"d1": 3, "d2": 0}}), "test": Split(topics[1:], {"q2": {"d2": 1}})},
    )


def test_what_is_written_is_read_again(toy, tmp_path):
    write_beir(toy, tmp_path / "toy")
    assert read_beir(tmp_path / "toy") == toy
    assert read_beir(tmp_path / "toy").fingerprint == toy.fingerprint


def test_trec_files(toy, tmp_path):
    write_trec(toy, tmp_path)
    assert (tmp_path / "qrels.dev.txt").read_text() == "q1 0 d1 3\nq1 0 d2 0\n"
    assert (tmp_path / "topics.test.tsv").read_text() == "q2\tsecond\n"
    text = (tmp_path / "documents.trec").read_text()
    assert text.count("<DOC>") == 2
    assert "<DOCNO>d1</DOCNO>\n<TEXT>\nT\none\ntwo &amp; &lt;three&gt;\n</TEXT>" in text


def test_trec_files_cannot_hold_ids_with_white_space(tmp_path):
    with pytest.raises(InputError, match="'d 1' has white space"):
        write_trec(Collection("toy", (Document("d 1", "x"),), {}), tmp_path)


def test_two_texts_of_one_topic_id_are_not_written(tmp_path):
    splits = {"dev": Split((Topic("q", "one"),), {}), "test": Split((Topic("q", "two"),), {})}
    with pytest.raises(InputError, match="'q' has different texts"):
        write_beir(Collection("toy", (), splits), tmp_path)


@pytest.mark.parametrize(
    "repair",
    [
        {},
        {"end": "\r\n"},
        {"pack": True},
        {"end": "\n\n"},
        {"qrels": QRELS[1:]},  # no header
        {"corpus": ["\ufeff" + CORPUS[0], CORPUS[1]]},  # a byte order mark
        {"qrels": [*QRELS, QRELS[1]]},  # the same judgement twice
        {"corpus": [*CORPUS, CORPUS[0]]},  # the same document twice
        {"qrels": ["q1 0 d1 2", "q2 0 d2 1"]},  # TREC's columns
        {"qrels": ["query-id\tcorpus-id\tscore", "q1\td1\t2.0", "q2\td2\t1.0"]},  # as pandas writes grades
    ],
)
def test_what_is_repaired(tmp_path, repair):
    found = read_beir(folder(tmp_path / "toy", **repair))
    assert found.documents == (Document("d1", "one", "T"), Document("d2", "two"))
    assert found.splits == {
        "test": Split((Topic("q1", "first"), Topic("q2", "second")), {"q1": {"d1": 2}, "q2": {"d2": 1}})
    }


def test_documents_without_text_are_kept(tmp_path):
    found = read_beir(folder(tmp_path / "toy", corpus=[*CORPUS, '{"_id": "d3", "title": "", "text": ""}']))
    assert found.documents[2] == Document("d3", "")


def test_topics_without_judgements_are_left_out(tmp_path):
    found = read_beir(folder(tmp_path / "toy", queries=[*QUERIES, '{"_id": "q3", "text": "third"}']))
    assert [t.id for t in found.splits["test"].topics] == ["q1", "q2"]


def test_the_domain_may_stand_in_the_metadata(tmp_path):
    row = json.dumps({"_id": "d3", "text": "x", "metadata": {"domain": "law"}})
    assert read_beir(folder(tmp_path / "toy", corpus=[*CORPUS, row])).documents[2].domain == "law"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"qrels": [*QRELS, "q1\td9\t1"]},
            r"qrels/test.tsv, line 4: 1 of 3 judgements in 'test' are of documents that the corpus lacks",
        ),
        ({"qrels": [*QRELS, "q9\td1\t1"]}, r"line 4: 1 of 3 judged topics in 'test' have no text.*'q9'"),
        ({"qrels": ["corpus-id\tquery-id\tscore", "d1\tq1\t1"]}, r"line 1: the columns are in the wrong"),
        ({"qrels": [QRELS[0], "d1\tq1\t1"]}, r"line 2: the columns are in the wrong order"),
        ({"qrels": [*QRELS, "q1\td1\t0"]}, r"line 4: a judgement repeats with another grade"),
        ({"qrels": QRELS[:1]}, r"the split 'test' has no judgements"),
        ({"qrels": []}, r"the split 'test' has no judgements"),
        (
            {"corpus": [*CORPUS, '{"_id": "d1", "text": "x"}']},
            r"corpus.jsonl, line 3: the id 'd1' repeats with another text",
        ),
        (
            {"queries": [*QUERIES, '{"_id": "q1", "text": "x"}']},
            r"queries.jsonl, line 3: the id 'q1' repeats with another text",
        ),
        ({"queries": ['{"_id": "q1", "text": " "}', QUERIES[1]]}, r"line 2: 1 of 2 judged topics .* no text"),
        ({"corpus": []}, r"corpus.jsonl is empty"),
        ({"queries": [""]}, r"queries.jsonl is empty"),
    ],
)
def test_what_is_refused(tmp_path, wrong, message):
    with pytest.raises(InputError, match=message):
        read_beir(folder(tmp_path / "toy", **wrong))


def test_what_is_odd_is_counted_and_said(tmp_path):
    """As ArguAna: of 20 topics q0's document is missing, q20 has no text, q1 is a document itself."""
    corpus = [f'{{"_id": "{i}", "title": "", "text": "text {i}"}}' for i in ["q1", *range(1, 21)]]
    queries = [f'{{"_id": "q{i}", "text": "text q{i}"}}' for i in range(20)]
    qrels = ["q0\tgone\t1", *(f"q{i}\t{i}\t1" for i in range(1, 20)), "q20\t20\t1"]
    path = folder(tmp_path / "toy", corpus, queries, qrels)
    found = read_beir(path, remove_query=True)
    assert found.remove_query and len(found.split("test").topics) == 20
    assert found.split("test").qrels["q0"] == {"gone": 1}, "it stays, and counts"
    assert found.positives("test").keys() == {f"q{i}" for i in range(1, 20)}, "nothing is learned from it"
    assert found.statistics()["splits"]["test"]["with_relevant"] == 20
    assert [str(o) for o in found.oddities] == [
        "test: judged topics without text, left out: 1 of 21 (q20)",
        "test: judgements of documents that the corpus lacks, never found: 1 of 21 (q0 gone)",
        "test: topics that are documents, removed from their own lists: 1 of 20 (q1)",
    ]


def test_a_tenth_that_points_nowhere_is_read_and_more_is_the_wrong_corpus(tmp_path):
    corpus = [f'{{"_id": "{i}", "text": "text {i}"}}' for i in range(9)]
    queries = [f'{{"_id": "q{i}", "text": "text q{i}"}}' for i in range(10)]
    qrels = [f"q{i}\t{i}\t1" for i in range(10)]
    assert len(read_beir(folder(tmp_path / "toy", corpus, queries, qrels)).oddities) == 1
    with pytest.raises(InputError, match=r"line 9: 2 of 10 judgements .* the first of '8'"):
        read_beir(folder(tmp_path / "other", corpus[:8], queries, qrels))


def test_missing_files_are_named(tmp_path):
    path = folder(tmp_path / "toy")
    (path / "queries.jsonl").unlink()
    with pytest.raises(InputError, match=r"queries.jsonl is missing"):
        read_beir(path)
    with pytest.raises(InputError, match="no such folder or zip"):
        read_beir(tmp_path / "nowhere")


def test_no_judgements_at_all(tmp_path):
    path = folder(tmp_path / "toy")
    (path / "qrels" / "test.tsv").unlink()
    with pytest.raises(InputError, match="toy has no judgements"):
        read_beir(path)


def test_a_cut_gzip_file_is_named(tmp_path):
    path = folder(tmp_path / "toy", pack=True)
    content = (path / "corpus.jsonl.gz").read_bytes()
    (path / "corpus.jsonl.gz").write_bytes(content[:-9])
    with pytest.raises(InputError, match=r"corpus.jsonl.gz is not a whole gzip file"):
        read_beir(path)


def test_text_in_another_encoding_is_named(tmp_path):
    path = folder(tmp_path / "toy")
    (path / "queries.jsonl").write_bytes('{"_id": "q1", "text": "é"}\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"queries.jsonl is not UTF-8"):
        read_beir(path)


def zipped(path, inner):
    source = folder(path / "source")
    with zipfile.ZipFile(path / "toy.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                archive.write(file, f"{inner}{file.relative_to(source)}")
    return path / "toy.zip"


@pytest.mark.parametrize("inner", ["", "toy/"])
def test_a_zip_is_read_as_a_folder(tmp_path, inner):
    found = read_beir(zipped(tmp_path, inner))
    assert found.name == "toy"
    assert found.doc_ids == ["d1", "d2"]


def test_a_truncated_zip_is_refused(tmp_path):
    path = zipped(tmp_path, "toy/")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"toy.zip is not a whole zip"):
        read_beir(path)


def test_a_damaged_zip_is_refused(tmp_path):
    path = zipped(tmp_path, "toy/")
    content = bytearray(path.read_bytes())
    at = content.index(b"corpus.jsonl") + len("corpus.jsonl") + 10
    content[at : at + 4] = b"\0\0\0\0"
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"toy.zip"):
        read_beir(path)
