"""Chains and directions: counted by hand, ties never win, significance both ways."""

import pytest

CHAIN = [{"stage": "both"}, {"stage": "post"}, {"stage": "no"}]


def row(cell, dense, values, measure="MAP"):
    return [
        cell(v, dense=dense, stage=s, measure=measure)
        for v, s in zip(values, ("both", "post", "no"), strict=True)
    ]


@pytest.mark.parametrize(
    ("rows", "verdict", "shown"),
    [
        ([(0.5, 0.4, 0.3), (0.6, 0.5, 0.4), (0.3, 0.2, 0.1)], "reproduced", "3 of 3"),
        ([(0.5, 0.4, 0.3), (0.6, 0.5, 0.4), (0.3, 0.4, 0.1)], "partly", "2 of 3"),
        ([(0.5, 0.4, 0.3), (0.5, 0.5, 0.4), (0.3, 0.4, 0.1)], "not reproduced", "1 of 3"),  # a tie is no win
        ([(0.5, 0.4, 0.3), (0.4, 0.5, 0.3)], "not reproduced", "1 of 2"),  # half is what a coin gives
    ],
)
@pytest.mark.parametrize("source", [0, 1], ids=["published", "ours"])
def test_a_chain_holds_where_every_link_does(judged, cell, rows, verdict, shown, source):
    cells = [c for i, values in enumerate(rows) for c in row(cell, f"d{i}", values)]
    found = judged(cells, cells, kind="ordering", order=CHAIN, for_every={"dense": "all"})[source]
    assert (found.verdict, found.shown) == (verdict, shown)


def test_the_places_where_it_does_not_hold_are_named(ours, cell):
    rows = [(0.5, 0.4, 0.3), (0.6, 0.5, 0.4), (0.3, 0.4, 0.1)]
    cells = [c for i, values in enumerate(rows) for c in row(cell, f"d{i}", values)]
    found = ours(cells, kind="ordering", order=CHAIN, for_every={"dense": "all"}, by="dense")
    assert found.text.startswith(
        "both > post > no holds in 2 of 3 comparisons (d0 1 of 1, d1 1 of 1, d2 0 of 1)"
    )
    assert "; not in d2 (0.3000 v 0.4000 v 0.1000)" in found.text


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([(0.5, 0.4)] * 3 + [(0.4, 0.5)] * 2, "reproduced"),  # 3 of 5 is most
        ([(0.5, 0.4)] * 2 + [(0.4, 0.4)] * 2 + [(0.4, 0.5)], "partly"),  # 2 for, 1 against, 2 ties
        ([(0.5, 0.4)] * 2 + [(0.4, 0.5)] * 2, "not reproduced"),
    ],
)
def test_most_of_the_time(ours, cell, values, verdict):
    cells = [
        cell(v, dense=f"d{i}", stage=s)
        for i, pair in enumerate(values)
        for v, s in zip(pair, ("a", "b"), strict=True)
    ]
    found = ours(
        cells,
        kind="direction",
        system={"stage": "a"},
        effect="higher",
        than={"stage": "b"},
        for_every={"dense": "all"},
        needs="most",
    )
    assert found.verdict == verdict


def test_lower_is_higher_the_other_way_round(ours, cell):
    cells = [cell(0.3, stage="a"), cell(0.4, stage="b")]
    for effect, verdict in (("lower", "reproduced"), ("higher", "not reproduced")):
        found = ours(cells, kind="direction", system={"stage": "a"}, effect=effect, than={"stage": "b"})
        assert found.verdict == verdict


def test_a_combination_that_lacks_a_system_is_left_out_and_said(ours, cell):
    cells = row(cell, "d0", (0.5, 0.4, 0.3)) + row(cell, "d1", (0.5, 0.4, 0.3))[:2]
    found = ours(cells, kind="ordering", order=CHAIN, for_every={"dense": "all"})
    assert (found.verdict, found.of) == ("reproduced", 1)
    assert "; 1 combination lacks a system, left out." in found.text
    found = ours(cells[:2], kind="ordering", order=CHAIN, for_every={"dense": "all"})
    assert (found.verdict, found.text) == ("not testable", "The results hold no such numbers.")


def test_significant_differences_are_counted_for_and_against(ours, cell):
    high, low = [0.5, 0.6, 0.7, 0.55, 0.65], [0.1, 0.2, 0.31, 0.15, 0.24]
    cells = [
        cell(0.6, high, dense="good", stage="a"),
        cell(0.2, low, dense="good", stage="b"),
        cell(0.2, low, dense="bad", stage="a"),
        cell(0.6, high, dense="bad", stage="b"),
    ]
    found = ours(
        cells,
        kind="direction",
        system={"stage": "a"},
        effect="higher",
        than={"stage": "b"},
        for_every={"dense": "all"},
    )
    assert [c.significant for c in found.details] == [1, -1]
    assert "of 2 differences 1 are significant for the claim and 1 against it" in found.text
    assert "paired t-test, Holm over the claim's 2 comparisons, level 0.05" in found.text


def test_a_single_seed_or_other_topics_are_judged_without_a_test(ours, cell):
    for left, right in (([0.5], [0.4]), ([0.5, 0.6], [0.4])):
        cells = [cell(0.5, left, stage="a"), cell(0.4, right, stage="b")]
        found = ours(cells, kind="direction", system={"stage": "a"}, effect="higher", than={"stage": "b"})
        assert (found.verdict, found.details[0].significant) == ("reproduced", None)
        assert "significant" not in found.text


def test_comparisons_of_the_results_lend_their_p(ours, cell):
    cells = [cell(0.5, stage="a"), cell(0.4, stage="b")]
    record = {
        "dataset": "dl19",
        "measure": "MAP",
        "left": {"stage": "b"},
        "right": {"stage": "a"},
        "p": 0.01,
    }
    options = {"kind": "direction", "system": {"stage": "a"}, "effect": "higher", "than": {"stage": "b"}}
    found = ours(cells, comparisons=[record], **options)
    assert (found.details[0].p, found.details[0].significant) == (0.01, 1)
    other = {**record, "measure": "nDCG@10"}
    assert ours(cells, comparisons=[other], **options).details[0].p is None


def test_a_claim_that_fits_several_cells_is_refused(ours, cell):
    from reprise.errors import InputError

    cells = [cell(0.5, stage="a", k="1"), cell(0.6, stage="a", k="2"), cell(0.4, stage="b")]
    with pytest.raises(InputError, match="does not say which cell it means"):
        ours(cells, kind="direction", system={"stage": "a"}, effect="higher", than={"stage": "b"})
