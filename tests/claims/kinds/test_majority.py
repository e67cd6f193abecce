"""First places, alone and shared; and the claim that nobody has most of them."""

import pytest

AMONG = [{"stage": "no"}, {"stage": "pre"}, {"stage": "both"}]


def table(cell, rows):
    return [
        cell(v, dense=f"d{i}", stage=s)
        for i, values in enumerate(rows)
        for v, s in zip(values, ("no", "pre", "both"), strict=True)
    ]


BOTH, PRE, NO, TIE = (0.1, 0.2, 0.3), (0.1, 0.3, 0.2), (0.3, 0.2, 0.1), (0.3, 0.1, 0.3)


@pytest.mark.parametrize(
    ("rows", "verdict", "shown"),
    [
        ([BOTH, BOTH, PRE], "reproduced", "2 of 3"),
        ([BOTH, BOTH, PRE, TIE], "partly", "2 of 4"),  # first alone in half, but more often than any other
        ([BOTH, PRE, NO], "not reproduced", "1 of 3"),  # no more often than the others
        ([BOTH, PRE, PRE], "not reproduced", "1 of 3"),
        ([TIE, TIE], "not reproduced", "0 of 2"),  # shared places are shown and do not count
    ],
)
def test_most_of_the_time(ours, cell, rows, verdict, shown):
    found = ours(
        table(cell, rows), kind="majority", system={"stage": "both"}, among=AMONG, for_every={"dense": "all"}
    )
    assert (found.verdict, found.shown) == (verdict, shown)


def test_shared_places_stand_beside_those_held_alone(ours, cell):
    found = ours(
        table(cell, [BOTH, PRE, TIE]),
        kind="majority",
        system={"stage": "both"},
        among=AMONG,
        for_every={"dense": "all"},
    )
    assert found.text == "both is highest in 1 of 3 comparisons (2 with shared places); pre 1, no 0 (1)."
    assert [c.tie for c in found.details] == [False, False, True]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [([NO, NO], "reproduced"), ([NO, NO, BOTH], "partly"), ([NO, BOTH], "not reproduced")],
)
def test_always_the_lowest(ours, cell, rows, verdict):
    """In NO the lowest is both, in BOTH the lowest is no."""
    found = ours(
        table(cell, rows),
        kind="majority",
        system={"stage": "both"},
        among=AMONG,
        extreme="lowest",
        needs="all",
        for_every={"dense": "all"},
    )
    assert found.verdict == verdict


def test_the_lead_over_the_next_is_tested(ours, cell):
    high, low = [0.5, 0.6, 0.7, 0.55], [0.1, 0.21, 0.3, 0.15]
    cells = [cell(0.2, low, stage="no"), cell(0.6, high, stage="both")]
    found = ours(cells, kind="majority", system={"stage": "both"}, among=[{"stage": "no"}, {"stage": "both"}])
    assert (
        "against the first of the others 1 differences are significant for it and 0 against it" in found.text
    )
    found = ours(cells, kind="majority", system={"stage": "no"}, among=[{"stage": "no"}, {"stage": "both"}])
    assert "0 differences are significant for it and 1 against it" in found.text


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([NO, PRE, BOTH], "reproduced"),
        ([NO, NO, NO, PRE, BOTH], "reproduced"),  # 3 of 5 is no more than three quarters
        ([NO] * 7 + [PRE, BOTH], "partly"),  # 7 of 9 is more
        ([NO, PRE], "not reproduced"),  # both is never first
        ([NO, PRE, TIE], "not reproduced"),  # a shared first place is none
    ],
)
def test_no_order(ours, cell, rows, verdict):
    found = ours(table(cell, rows), kind="no order", among=AMONG, for_every={"dense": "all"})
    assert found.verdict == verdict
    assert found.details and found.shown.count("/") == 2


@pytest.mark.parametrize("kind", ["majority", "no order"])
def test_without_numbers(judged, cell, kind):
    options = {"kind": kind, "among": AMONG, **({"system": {"stage": "no"}} if kind == "majority" else {})}
    on_published, on_ours = judged([], [], **options)
    assert (on_published.verdict, on_ours.verdict) == ("not testable", "not testable")
    assert "paper prints no such" in on_published.text
