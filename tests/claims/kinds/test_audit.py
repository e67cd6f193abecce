"""Counting a paper's own table again: a count that differs shows, in either direction."""

import pytest

AMONG = [{"stage": "no"}, {"stage": "pre"}, {"stage": "both"}]
ROWS = [(0.1, 0.2, 0.3), (0.1, 0.3, 0.2), (0.3, 0.1, 0.3)]  # both first, pre first, no and both share


def table(cell, bold=("both", "pre", "both")):
    return [
        cell(v, dense=f"d{i}", stage=s, marks=["bold"] if s == bold[i] else [])
        for i, values in enumerate(ROWS)
        for v, s in zip(values, ("no", "pre", "both"), strict=True)
    ]


FIRST = {
    "kind": "audit",
    "count": "first places",
    "system": {"stage": "both"},
    "among": AMONG,
    "for_every": {"dense": "all"},
}
MARKS = {"kind": "audit", "count": "marks", "mark": "bold", "among": AMONG, "for_every": {"dense": "all"}}


@pytest.mark.parametrize(
    ("holds", "of", "verdict"),
    [(2, 3, "reproduced"), (1, 3, "not reproduced"), (3, 3, "not reproduced"), (2, 4, "not reproduced")],
)
def test_first_places_alone_or_shared(judged, cell, holds, of, verdict):
    found, _ = judged(None, table(cell), expected={"holds": holds, "of": of}, **FIRST)
    assert (found.verdict, found.shown) == (verdict, "2 of 3")


def test_ours_is_shown_and_not_judged(judged, cell):
    _, found = judged(table(cell), None, expected={"holds": 2, "of": 3}, **FIRST)
    assert (found.verdict, found.shown) == ("not testable", "2 of 3")
    assert "the count under audit is the published table's" in found.text


def test_marks_stand_on_the_highest_value_and_on_every_one_that_shares_it(judged, cell):
    found, on_ours = judged(table(cell), table(cell), expected={"holds": 2, "of": 3}, **MARKS)
    assert (found.verdict, found.shown) == ("reproduced", "2 of 3")
    assert "not in d2 (bold: both; highest: both and no)" in found.text
    assert on_ours.verdict == "not testable", "ours prints no marks"
    moved, _ = judged(None, table(cell, ("both", "both", "both")), expected={"holds": 2, "of": 3}, **MARKS)
    assert moved.verdict == "not reproduced"
