"""The benchmarks of retrieval run at small size, agree with their peers and give whole rows."""

import pytest

from reprise.bench import fusion, prf
from reprise.bench.timing import compare_times

COLUMNS = {"name", "ours_s", "peer_s", "ratio", "spread", "note"}


@pytest.mark.parametrize(
    "rows",
    [
        lambda: prf.benchmark(queries=20, documents=500, repeats=2),
        lambda: fusion.benchmark(queries=5, depth=20, repeats=2),
    ],
)
def test_rows_are_whole(rows):
    found = rows()
    assert len(found) == 2
    for row in found:
        assert row.keys() == COLUMNS
        assert min(row["ours_s"], row["peer_s"], row["ratio"], *row["spread"]) > 0


def test_ratio_is_peer_over_ours(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("reprise.bench.timing.perf_counter", lambda: clock[0])

    def takes(seconds):
        def function():
            clock[0] += seconds

        return function

    row = compare_times("toy", takes(2.0), takes(6.0), "note", repeats=3)
    assert row == {
        "name": "toy",
        "ours_s": 2.0,
        "peer_s": 6.0,
        "ratio": 3.0,
        "spread": [3.0, 3.0],
        "note": "note",
    }
