"""Significant or not: by tests on ours, by the printed marks on published cells."""

import pytest

OPTIONS = {
    "kind": "significance",
    "system": {"stage": "a"},
    "effect": "higher",
    "than": {"stage": "b"},
    "for_every": {"dense": "all"},
}
LOW = [0.10, 0.21, 0.30, 0.15, 0.22]
FAR = [0.51, 0.60, 0.71, 0.56, 0.62]
NEAR = [0.12, 0.18, 0.33, 0.12, 0.25]  # differences +.02 -.03 +.03 -.03 +.03: mean .004, t = 0.28


def pair(cell, dense, left, right):
    return [cell(sum(v) / len(v), v, dense=dense, stage=s) for v, s in ((left, "a"), (right, "b"))]


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ((FAR, FAR, FAR), "reproduced"),
        ((FAR, FAR, NEAR), "partly"),
        ((FAR, NEAR, NEAR), "not reproduced"),
        ((NEAR, NEAR), "not reproduced"),  # higher, and not significantly so
    ],
)
def test_on_ours_by_paired_tests(ours, cell, kinds, verdict):
    cells = [c for i, left in enumerate(kinds) for c in pair(cell, f"d{i}", left, LOW)]
    assert ours(cells, **OPTIONS).verdict == verdict


def test_significant_the_other_way_round_is_not_the_claim(ours, cell):
    found = ours(pair(cell, "d", LOW, FAR), **OPTIONS)
    assert (found.verdict, found.details[0].significant) == ("not reproduced", -1)
    found = ours(pair(cell, "d", LOW, FAR), **{**OPTIONS, "effect": "lower"})
    assert (found.verdict, found.details[0].significant) == ("reproduced", 1)


def test_the_claims_comparisons_are_the_family(ours, cell):
    """One p of about 0.03 is significant alone; with Holm over two it must be below 0.025."""
    left = [0.20, 0.22, 0.33, 0.20, 0.32]  # differences .10 .01 .03 .05 .10: mean .058, t = 3.2, p = .03
    alone = ours(pair(cell, "d0", left, LOW), **OPTIONS)
    assert alone.verdict == "reproduced" and 0.025 < alone.details[0].p < 0.05
    both = ours(pair(cell, "d0", left, LOW) + pair(cell, "d1", left, LOW), **OPTIONS)
    assert (both.verdict, both.holds) == ("not reproduced", 0)
    assert both.details[0].p == pytest.approx(2 * alone.details[0].p)
    assert "Holm over the claim's 2 comparisons" in both.text


def test_on_published_cells_by_the_printed_marks(judged, cell):
    published = [
        cell(0.5, dense="x", stage="a", marks=["vs_no_prf"]),
        cell(0.4, dense="x", stage="b"),
        cell(0.5, dense="y", stage="a", marks=["vs_no_prf"]),
        cell(0.4, dense="y", stage="b"),
        cell(0.5, dense="z", stage="a"),
        cell(0.4, dense="z", stage="b"),
    ]
    found, _ = judged(None, published, mark="vs_no_prf", **OPTIONS)
    assert (found.verdict, found.shown) == ("partly", "2 of 3")
    assert "the paper's marks" in found.text
    lower = [cell(0.3, dense="x", stage="a", marks=["vs_no_prf"]), published[1]]
    assert judged(None, lower, mark="vs_no_prf", **OPTIONS)[0].verdict == "not reproduced", (
        "marked, but lower"
    )
    assert judged(None, published, **OPTIONS)[0].verdict == "not testable", "no mark is named"


def test_ours_without_values_by_topic_is_not_testable(ours, cell):
    cells = [cell(0.5, dense="x", stage="a"), cell(0.4, dense="x", stage="b")]
    found = ours(cells, **OPTIONS)
    assert (found.verdict, found.text) == ("not testable", "The results hold no values by topic to test.")
