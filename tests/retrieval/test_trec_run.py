"""TREC run files read back equal, and what is no line of one is named."""

import gzip

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.retrieval.run import Run
from reprise.retrieval.trec_run import read_trec, write_trec


@pytest.mark.parametrize("suffix", ["run.txt", "run.txt.gz"])
def test_trec_round_trip_is_exact(tmp_path, suffix):
    generator = np.random.default_rng(0)
    run = Run.from_dict(
        "a b",
        {
            f"q{i}": {
                f"numpy.linalg.d{j}": float(np.float32(s)) for j, s in enumerate(generator.normal(size=8))
            }
            for i in range(3)
        },
    )
    write_trec(run, tmp_path / suffix)
    again = read_trec(tmp_path / suffix)
    assert again.name == "a-b" and again.to_dict() == run.to_dict()
    if suffix.endswith(".gz"):  # no time stamp inside: the same run gives the same bytes
        first = (tmp_path / suffix).read_bytes()
        write_trec(run, tmp_path / suffix)
        assert (tmp_path / suffix).read_bytes() == first


def test_trec_layout(tmp_path):
    write_trec(Run.from_dict("tag", {"q": {"a": 1.5, "b": 2.0}}), tmp_path / "run")
    assert (tmp_path / "run").read_text() == "q Q0 b 1 2.0 tag\nq Q0 a 2 1.5 tag\n"


def test_trec_ranks_are_not_believed(tmp_path):
    (tmp_path / "run").write_text("q Q0 a 1 1.0 t\nq Q0 b 2 2.0 t\n\n")
    assert read_trec(tmp_path / "run").top(2) == [["b", "a"]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q Q0 a 1 1.0", "line 2"),
        ("q Q0 a 1 high t", "line 2"),
        ("q Q0 a 1 nan t", "query 'q', document 'a'"),
        ("p Q0 a 2 1.0 t", "query 'p' has document 'a' twice"),
    ],
)
def test_damaged_trec_lines_are_named(tmp_path, line, message):
    (tmp_path / "run").write_text(f"p Q0 a 1 1.0 t\n{line}\n")
    if "twice" in message:
        message = "'a' twice"
    with pytest.raises(InputError, match=message):
        read_trec(tmp_path / "run")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_trec(tmp_path / "none")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"q Q0 a 1 1.0 t\n" * 50)[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        read_trec(tmp_path / "cut.gz")


def test_ids_that_trec_cannot_hold(tmp_path):
    with pytest.raises(InputError, match="document id 'a b'"):
        write_trec(Run.from_dict("r", {"q": {"a b": 1.0}}), tmp_path / "run")
