"""The benchmark's four rows on a small model: both sides run, agree, and are said in the form of the
others."""

import pytest

from reprise.bench.language import benchmark
from reprise.experiment.precision import assume

from ..language.conftest import make_language_model


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_rows(tmp_path, precision):

    folder = make_language_model(tmp_path, max_position_embeddings=256)
    with assume(precision):
        rows = benchmark(folder, questions=3, prompts=2, new_tokens=2, length=16, repeats=1)
    assert [row["name"] for row in rows] == [
        "opening the language model",
        "scoring options",
        "writing",
        "reading",
        *(["reading in bfloat16"] if precision == "bfloat16" else []),
    ]
    assert rows[0]["goal_s"] == 3.0 and rows[0]["ours_s"] > 0
    for row in rows[1:]:
        assert min(row["ours_s"], row["peer_s"]) > 0 and row["ratio"] == row["peer_s"] / row["ours_s"]
    assert "3 questions of 10 options" in rows[1]["note"]
