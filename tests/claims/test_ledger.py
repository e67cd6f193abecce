"""What a ledger must say, and what it is told when it does not."""

import pytest
import yaml

from reprise.claims.ledger import load_ledger, parse_ledger
from reprise.claims.region import Region
from reprise.errors import InputError, ParameterError

PAPER = {"arxiv": "2205.00235", "version": "v1"}
ROW = {
    "id": "a-claim",
    "claim": "One thing is better than another.",
    "source": "Table 1",
    "system": {"stage": "a"},
    "than": {"stage": "b"},
    "region": {"above": 0},
    "refuted_by": "the other one being better",
}
WITHOUT = object()
VALUE = {"contrast": "value", "than": WITHOUT, "region": {"within": 0.1, "reason": "ten characters"}}
SLOPE = {"contrast": "slope", "than": WITHOUT, "along": "k"}
ORDER = {"system": WITHOUT, "than": WITHOUT, "region": WITHOUT, "order": [{"s": "a"}, {"s": "b"}]}
GATE = {
    "id": "gate",
    "gate": "Training helps on the dev topics.",
    "cells": "dev",
    "system": {"stage": "a"},
    "than": {"stage": "b"},
    "region": {"above": 0},
}


def rows(*changes, gates=()):
    made = [{k: v for k, v in {**ROW, **change}.items() if v is not WITHOUT} for change in changes]
    return {"study": "toy", "paper": PAPER, "claims": made, "gates": list(gates)}


def test_what_all_rows_share_is_said_once():
    body = {**rows({}, {"id": "other", "where": {"dense": "ance"}}), "where": {"prf": ["", "stated"]}}
    first, second = parse_ledger(body)
    assert str(first.source) == "arXiv 2205.00235 (v1), Table 1"
    assert first.where == {"prf": ["", "stated"]}
    assert second.where == {"prf": ["", "stated"], "dense": "ance"}


def test_a_row_may_name_another_paper():
    source = {"arxiv": "2108.11044", "version": "v2", "place": "Table 3"}
    (claim,) = parse_ledger(rows({"source": source}))
    assert str(claim.source) == "arXiv 2108.11044 (v2), Table 3"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "A Claim"}, "claim 'A Claim', id: .*pattern"),
        ({"claim": "short"}, "claim 'a-claim', claim: .*at least 10"),
        ({"sytem": {}}, "claim 'a-claim', sytem: Extra inputs"),
        ({"kind": "direction"}, "claim 'a-claim', kind: Extra inputs"),
        ({"refuted_by": WITHOUT}, "claim 'a-claim', refuted_by: Field required"),
        ({"refuted_by": "nothing"}, "claim 'a-claim', refuted_by: .*at least 10"),
        ({"contrast": "opinion"}, "claim 'a-claim', contrast"),
        ({"than": None}, "claim 'a-claim', than"),
        ({"than": WITHOUT}, "a difference needs a system to compare with"),
        ({"region": WITHOUT}, "a region is given unless there is an order"),
        ({**ORDER, "region": {"above": 0}}, "a region is given unless there is an order"),
        ({**ORDER, "order": [{"s": "a"}]}, "an order is a chain of two systems or more"),
        ({**ORDER, "system": {"s": "a"}}, "in place of system and than"),
        ({"source": {"place": "Table 1"}}, "claim 'a-claim', source.arxiv: Field required"),
        ({"system": {"k": 3}}, "claim 'a-claim', system"),
        ({"for_every": {"dense": "ance"}}, "claim 'a-claim', for_every.0.dense"),
        ({"profiles": ["paper"]}, "elsewhere must say why"),
        ({"profiles": ["large"]}, "claim 'a-claim', profiles.0"),
        ({"within": ["dense"]}, r"within names \['dense'\], which is not among"),
        ({"scale": {"factor": "dense"}}, "scale names 'dense', which is not among"),
        ({"needs": {"at_least": 0.8, "at_most": 1.2}}, "a region of the share lies between 0 and 1"),
        ({"requires": ["a-claim"]}, "requires what is no gate"),
        ({"requires": ["no-gate"]}, "requires what is no gate"),
        ({"audit": {"holds": 1, "of": 2}}, "an audit is a count of ours"),
        ({**SLOPE, "along": WITHOUT}, "a slope goes along a factor"),
        ({"along": "k"}, "a slope goes along a factor"),
        ({**VALUE, "than": {"s": "b"}}, "a value has none"),
        ({**VALUE, "region": {"above": 0}}, "a value lies within a margin of the published one"),
        ({"value": 3.0}, "value is what the text states"),
        ({"system": [{"s": "a"}, {"s": "b"}]}, "several systems are for contrast: value"),
        ({"region": {}}, "region: .*either bounded .* or within a margin"),
        ({"region": {"above": 0, "at_least": 0}}, "give above or at_least"),
        ({"region": {"below": 0, "at_most": 0}}, "give below or at_most"),
        ({"region": {"at_least": 3, "at_most": 2}}, "the region is empty"),
        ({"region": {"above": 2, "below": 2}}, "the region is empty"),
        ({"contrast": "ratio", "region": {"below": 0}}, "the region is empty: a ratio is above 0"),
        ({"region": {"within": 0.1}}, "a margin needs its reason"),
        ({"region": {"within": -0.1, "reason": "ten characters"}}, "region.within"),
        ({"region": {"within": "a tenth", "reason": "ten characters"}}, "region.within"),
        ({"region": {"about": 2}}, "either bounded"),
        ({"region": {"above": float("nan")}}, "region.above"),
    ],
)
def test_a_row_that_does_not_fit_is_named_with_its_field(change, complaint):
    with pytest.raises(ParameterError, match=complaint) as caught:
        parse_ledger(rows(change), "toy.yaml")
    assert str(caught.value).startswith("toy.yaml: ") and caught.value.exit_code == 2


def test_an_id_stands_once():
    with pytest.raises(ParameterError, match="the id 'a-claim' stands twice"):
        parse_ledger(rows({}, {}))
    with pytest.raises(ParameterError, match="the id 'a-claim' stands twice"):
        parse_ledger(rows({}, gates=[{**GATE, "id": "a-claim"}]))


def test_a_gate_looks_at_no_test_topic():
    ledger = parse_ledger(rows({"requires": ["gate"]}, gates=[GATE]))
    assert [gate.id for gate in ledger.gates] == ["gate"] and len(ledger) == 1
    with pytest.raises(ParameterError, match=r"gate 'gate', .*training or dev data"):
        parse_ledger(rows({}, gates=[{**GATE, "cells": "cells"}]))


def test_regions_have_ends_and_words():
    assert Region(within="10%", reason="ten characters").bounds(2.0) == pytest.approx((1.8, 2.2))
    assert Region(within=0.1, about=3, reason="ten characters").bounds(2.0) == pytest.approx((2.9, 3.1))
    assert Region(at_least=1.3, at_most=2.4).two_sided and not Region(above=0).two_sided
    assert str(Region(at_least=1.3, below=2.4)) == "at least 1.3 and below 2.4"
    assert str(Region(within="10%", about=2, reason="ten characters")) == "within 10% of 2"


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("", ParameterError, "holds study, paper, where"),
        ("claims: []", ParameterError, "holds"),
        ("claims: {a: 1}", ParameterError, "holds"),
        ("- 1", ParameterError, "holds"),
        ("claims: [{id: a}]\nother: 1", ParameterError, "nothing else"),
        ("paper: 2205.00235\nclaims: [{id: a}]", ParameterError, "holds"),
        ("claims: [a]", ParameterError, "a claim maps fields to values"),
        ("claims: [{id: a, where: b}]", ParameterError, "a claim maps fields to values"),
        ("study: other\nclaims: [{id: a}]", ParameterError, "ledger of another study"),
        ("claims: [", InputError, "is not YAML"),
        (
            "claims:\n- id: a\n  effect: 1\n  effect: 2",
            InputError,
            "toy.yaml, line 4: the key 'effect' stands",
        ),
    ],
)
def test_a_file_that_is_no_ledger(tmp_path, text, error, complaint):
    file = tmp_path / "toy.yaml"
    file.write_text(text)
    with pytest.raises(error, match=complaint):
        load_ledger(file)


def test_a_ledger_survives_being_written_and_read(tmp_path):
    body = rows({}, {"id": "other"})
    file = tmp_path / "toy.yaml"
    file.write_text(yaml.safe_dump(body))
    assert load_ledger(file) == parse_ledger(body)


def test_why_nothing_was_read_is_said_once_for_what_the_paper_says():
    rows = [{**ROW, "id": origin, "origin": origin} for origin in ("paper", "second-hand", "ours")]
    body = {"paper": PAPER, "unread": "its body could not be opened", "claims": rows}
    assert [bool(claim.unread) for claim in parse_ledger(body)] == [True, True, False]
