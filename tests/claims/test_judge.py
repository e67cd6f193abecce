"""Judging a ledger: on both sources, at each profile; and again, when only the ledger changes."""

import pytest

PAIR = {"kind": "direction", "system": {"stage": "a"}, "effect": "higher", "than": {"stage": "b"}}


@pytest.fixture
def cells(cell):
    return [cell(0.5, stage="a"), cell(0.4, stage="b")]


def test_published_comes_first_and_a_source_that_is_not_there_is_not_judged(judged, cells):
    on_published, on_ours = judged(cells, list(reversed(cells)), **PAIR)
    assert (on_published.verdict, on_ours.verdict) == ("reproduced", "reproduced")
    assert judged(cells, None, **PAIR)[0] is None
    assert judged(None, cells, **PAIR)[1] is None


def test_smoke_is_judged_and_marked_as_not_meaningful(judged, cells):
    on_published, on_ours = judged(cells, cells, profile="smoke", **PAIR)
    assert (on_ours.verdict, on_ours.meaningful) == ("reproduced", False)
    assert on_published.meaningful, "the paper's own numbers are the same at every profile"
    for profile in ("default", "open", "paper"):
        assert judged(cells, cells, profile=profile, **PAIR)[1].meaningful


def test_where_a_claim_cannot_be_judged_the_reason_is_given(judged, cells):
    limited = {"profiles": ["paper"], "elsewhere": "the values are those of MS MARCO", **PAIR}
    on_published, on_ours = judged(cells, cells, profile="default", **limited)
    assert (on_published.verdict, on_ours.verdict) == ("reproduced", "not testable")
    assert on_ours.text == "Not testable at the profile default: the values are those of MS MARCO"
    assert judged(cells, cells, profile="paper", **limited)[1].verdict == "reproduced"


def test_a_verdict_says_all_that_a_table_needs(judged, cells):
    import json

    found = judged(cells, None, **PAIR)[1].to_dict()
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(found))
    assert (found["id"], found["kind"], found["judged_on"]) == ("a-claim", "direction", "ours")
    assert found["source"] == "arXiv 2205.00235 (v1), Table 1" and found["origin"] == "paper"
    assert found["details"][0]["values"] == {"a": 0.5, "b": 0.4}


def test_a_factor_that_no_cell_has_is_not_testable_and_never_true(judged, cells):
    found = judged(cells, None, for_every={"dens": "all"}, **PAIR)[1]
    assert (found.verdict, found.text) == ("not testable", "The results hold no such numbers.")
