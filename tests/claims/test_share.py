"""`needs: most`, a share between two ends, and "whatever X": worked by hand."""

import pytest

MOST = {"system": {"s": "a"}, "than": [{"s": "b"}, {"s": "c"}], "region": {"above": 0}, "needs": "most"}
SETS = {"for_every": {"dataset": "all"}}
NO_ORDER = {
    "system": {"s": "a"},
    "than": {"s": "b"},
    "region": {"above": 0},
    "needs": {"at_least": 0.25, "at_most": 0.75},
}


def places(cell, table):
    """Counts of each system by dataset, {"a": [3, 1], ...}: nothing is sampled, a share is what is seen."""
    return [
        cell(float(value), dataset=f"d{i}", s=system)
        for system, values in table.items()
        for i, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("a", "share", "verdict"),
    [
        ([3, 3, 3, 1], 0.75, "reproduced"),
        ([3, 3, 1, 1], 0.5, "not reproduced"),
        ([1, 1, 1, 1], 0.0, "not reproduced"),
        # first alone in two, and sharing a first place in one: 2.5 of 4
        ([3, 3, 2, 1], 0.625, "reproduced"),
    ],
)
def test_first_places_of_several(ours, cell, a, share, verdict):
    found = ours(places(cell, {"a": a, "b": [2] * 4, "c": [0] * 4}), **MOST, **SETS)
    assert (found.verdict, found.share[0]) == (verdict, pytest.approx(share))


def test_the_lowest_is_first_where_the_region_is_below(ours, cell):
    cells = places(cell, {"a": [1, 1, 5], "b": [2] * 3, "c": [3] * 3})
    assert ours(cells, **{**MOST, "region": {"below": 0}}, **SETS).verdict == "reproduced"


def test_noise_of_its_size_leaves_a_majority_undecided(ours, cell):
    """First in three of four sets by .02 with topics that differ by +-.2: any of the four may turn."""
    cells = []
    for i, gain in enumerate((0.02, 0.02, 0.02, -0.02)):
        noise = [0.2 if j % 2 else -0.2 for j in range(30)]
        base = [0.5 + 0.01 * (j % 5) for j in range(30)]
        cells.append(
            cell(samples=[b + gain + n for b, n in zip(base, noise, strict=True)], dataset=f"d{i}", s="a")
        )
        cells += [
            cell(samples=[b - d for b in base], dataset=f"d{i}", s=s) for s, d in (("b", 0.0), ("c", 0.3))
        ]
    found = ours(cells, **MOST, **SETS)
    assert found.verdict == "undecided" and found.share[1] <= 0.5 < found.share[2]
    assert "in 75% of the combinations" in found.text


@pytest.mark.parametrize(
    ("a", "verdict"),
    [([3, 3, 1, 1], "reproduced"), ([3, 3, 3, 3], "not reproduced"), ([3, 1, 1, 1], "reproduced")],
)
def test_no_order_is_a_share_between_two_ends(ours, cell, a, verdict):
    assert ours(places(cell, {"a": a, "b": [2] * 4}), **NO_ORDER, **SETS).verdict == verdict


def test_near_ties_are_no_order_that_is_told(ours, cell):
    """Half of the sets each way, by a hundredth of the topics' spread: every share would look like this."""
    cells = []
    for i in range(4):
        noise = [(0.2 if j % 2 else -0.2) + (0.002 if i % 2 else -0.002) for j in range(30)]
        cells.append(cell(samples=[0.5 + n for n in noise], dataset=f"d{i}", s="a"))
        cells.append(cell(samples=[0.5 + 0.01 * (j % 3) for j in range(30)], dataset=f"d{i}", s="b"))
    assert ours(cells, **NO_ORDER, **SETS).verdict == "undecided"


def test_whatever_the_model_is_no_pool(ours, cell):
    """First in 4 of 4 for x and in 1 of 4 for y: five of eight are a majority of the pool alone."""
    wins = {"x": [3, 3, 3, 3], "y": [3, 1, 1, 1]}
    cells = [
        cell(value, dataset=f"d{i}", model=model, s=s)
        for model, first in wins.items()
        for s, values in (("a", first), ("b", [2] * 4), ("c", [0] * 4))
        for i, value in enumerate(map(float, values))
    ]
    every = {"for_every": {"model": "all", "dataset": "all"}}
    assert ours(cells, **MOST, **every).verdict == "reproduced"
    assert ours(cells, **MOST, **every, within=["model"]).verdict == "partly"
