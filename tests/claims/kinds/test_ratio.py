"""Ratios by hand: bounds, about a number either way, and a denominator of zero."""

import pytest

OPTIONS = {"kind": "ratio", "system": {"stage": "a"}, "to": {"stage": "b"}}
ABOUT = {"about": 10.0, "tolerance": {"relative": 0.2, "reason": "a fifth either way"}}


def pair(cell, left, right, dense="d"):
    return [cell(left, dense=dense, stage="a"), cell(right, dense=dense, stage="b")]


@pytest.mark.parametrize(
    ("left", "right", "bounds", "verdict"),
    [
        (0.3, 0.1, {"at_least": 3.0}, "reproduced"),  # in binary 0.3 / 0.1 is a little less than 3
        (0.3, 0.1, {"at_least": 3.1}, "not reproduced"),
        (5.0, 10.0, {"at_most": 0.5}, "reproduced"),
        (5.0, 10.0, {"at_least": 0.4, "at_most": 0.6}, "reproduced"),
        (7.0, 10.0, {"at_least": 0.4, "at_most": 0.6}, "not reproduced"),
        (12.0, 1.0, ABOUT, "reproduced"),
        (8.0, 1.0, ABOUT, "reproduced"),
        (12.1, 1.0, ABOUT, "not reproduced"),  # more than claimed is a difference too
        (7.9, 1.0, ABOUT, "not reproduced"),
        (1.0, 0.0, ABOUT, "not reproduced"),
        (1.0, 0.0, {"at_least": 1.0}, "not reproduced"),
        (1.0, 0.0, {"at_most": 1.0}, "not reproduced"),
    ],
)
@pytest.mark.parametrize("source", [0, 1], ids=["published", "ours"])
def test_one_ratio(judged, cell, left, right, bounds, verdict, source):
    cells = pair(cell, left, right)
    assert judged(cells, cells, **OPTIONS, **bounds)[source].verdict == verdict


def test_it_is_shown_with_its_two_numbers(ours, cell):
    found = ours(pair(cell, 5.0, 10.0), at_most=0.6, **OPTIONS)
    assert found.text == "a over b is at most 0.6 in 1 of 1 comparisons: 5 / 10 = 0.5."
    assert found.shown == "0.5"


def test_several_are_counted(ours, cell):
    cells = [*pair(cell, 2, 1, "x"), *pair(cell, 3, 1, "y"), *pair(cell, 1, 1, "z")]
    found = ours(cells, at_least=2.0, for_every={"dense": "all"}, by="dense", **OPTIONS)
    assert (found.verdict, found.shown) == ("partly", "2 of 3")
    assert "(x 1 of 1, y 1 of 1, z 0 of 1); not in z (1 / 1 = 1)" in found.text
    found = ours(cells, at_least=2.0, for_every={"dense": "all"}, needs="most", **OPTIONS)
    assert found.verdict == "reproduced"


def test_without_one_of_the_two(ours, cell):
    assert ours(pair(cell, 1, 1)[:1], at_least=1.0, **OPTIONS).verdict == "not testable"
