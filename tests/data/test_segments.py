import pytest

from reprise.data.segments import Segment, load_segments

from .open_data import write_set


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def document(name, *segments, **more):
    return {"id": name, "sentences": ["a", "b", "c"], "segments": [*segments], **more}


def test_documents_with_their_segments(home):
    rows = [
        document(
            "x", {"start": 0, "end": 2, "title": "T", "level": 2}, {"start": 2, "end": 3}, speakers=["A"]
        ),
        document("y", {"start": 1, "end": 3, "title": None}),
    ]
    write_set(home, "segments", "s", "Licence: none stated.", documents__jsonl__gz=rows)
    found = load_segments("s")
    x, y = found.documents
    assert x.segments == (Segment(0, 2, "T", {"level": 2}), Segment(2, 3))
    assert (x.sentences, x.boundaries, x.more) == (("a", "b", "c"), (2,), {"speakers": ["A"]})
    assert (y.segments, y.boundaries) == ((Segment(1, 3),), (1,))
    assert (found.licence, found.oddities) == ("none stated", ())


@pytest.mark.parametrize(
    "segment",
    [
        {"start": 0, "end": 4},
        {"start": -1, "end": 1},
        {"start": 2, "end": 2},
        {"start": "0", "end": 1},
        [0, 1],
    ],
)
def test_a_segment_outside_its_document_is_left_out_and_counted(home, segment):
    write_set(home, "segments", "s", documents__jsonl=[document("x", {"start": 0, "end": 1}, segment)])
    found = load_segments("s")
    assert found.documents[0].segments == (Segment(0, 1),)
    assert [str(o) for o in found.oddities] == [
        "segments outside their document, left out: 1 of 2 (documents.jsonl, line 1)"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (document("d0"), "documents whose id repeats, the first one kept"),
        ({"id": "x", "sentences": []}, "lines without an id or sentences, left out"),
        ({"sentences": ["a"]}, "lines without an id or sentences, left out"),
    ],
)
def test_odd_documents_are_left_out_and_counted(home, row, said):
    write_set(home, "segments", "s", documents__jsonl=[document(f"d{n}") for n in range(20)] + [row])
    found = load_segments("s")
    assert len(found.documents) == 20
    assert [str(o) for o in found.oddities] == [f"{said}: 1 of 21 (documents.jsonl, line 21)"]
