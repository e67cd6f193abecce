"""The benchmarks of stored layers and heads run at small size, agree with their peers and give whole rows."""

from itertools import pairwise

import pytest

from reprise.bench import heads, stored_layers

RATIO, GOAL = {"name", "ours_s", "peer_s", "ratio", "spread", "note"}, {"name", "ours_s", "goal_s"}


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (
            lambda: stored_layers.benchmark(queries=2, long_queries=2, long_tokens=32, repeats=1),
            [RATIO, GOAL, RATIO, RATIO, RATIO],
        ),
        (
            lambda: heads.benchmark(steps=3, documents=40, dim=8, repeats=2),
            [GOAL | {"note"}, RATIO, GOAL],
        ),
    ],
)
def test_rows_are_whole(rows, kinds):
    found = rows()
    assert [row.keys() for row in found] == kinds
    for row in found:
        assert all(row[name] > 0 for name in ("ours_s", "peer_s", "goal_s", "ratio") if name in row)
    for before, row in pairwise(found):
        if row.keys() == GOAL:  # a share of what the peer of the row before took
            assert row["ours_s"] == before["ours_s"] and row["goal_s"] < before["peer_s"]
