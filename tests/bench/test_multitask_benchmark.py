"""The benchmark of multi-task fits runs at small size, agrees with its peers and gives whole rows."""

from reprise.bench import multitask


def test_rows_are_whole():
    found = multitask.benchmark(tasks=6, samples=30, k=2, dim=5, targets=2, repeats=2)
    assert [row["name"] for row in found] == [
        "heads of all tasks",
        "Lasso of all targets",
        "shared representation",
    ]
    for row in found:
        assert min(row["ours_s"], row["peer_s"], row["ratio"], *row["spread"]) > 0
