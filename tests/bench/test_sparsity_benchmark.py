"""The sparse benchmark runs at small size and gives whole rows."""

from reprise.bench import sparsity


def test_rows_are_whole():
    rows = sparsity.benchmark(repeats=3, seconds=0.1, side=32, layers=1, spells=1)
    assert [row["name"] for row in rows][:3] == ["1x1 layers, 1x1", "1x1 layers, 2x1", "1x1 layers, 4x1"]
    assert len(rows) == 11
    for row in rows:
        assert row.keys() == {"name", "ours_s", "peer_s", "ratio", "spread", "note"}
        assert min(row["ours_s"], row["peer_s"], row["ratio"], *row["spread"]) > 0
