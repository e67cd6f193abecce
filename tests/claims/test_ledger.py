"""What a ledger must say, and what it is told when it does not."""

import pytest
import yaml

from reprise.claims.ledger import load_ledger, parse_ledger
from reprise.errors import InputError, ParameterError

PAPER = {"arxiv": "2205.00235", "version": "v1"}
ROW = {
    "id": "a-claim",
    "claim": "One thing is better than another.",
    "source": "Table 1",
    "kind": "direction",
    "system": {"stage": "a"},
    "effect": "higher",
    "than": {"stage": "b"},
}
VALUE = {"kind": "value", "systems": [{}], "tolerance": {"absolute": 0.1, "reason": "ten characters"}}
RATIO = {"kind": "ratio", "system": {"s": "a"}, "to": {"s": "b"}}
SHAPE = {"kind": "shape", "system": {"s": "a"}, "along": "k"}
AMONG = [{"s": "a"}, {"s": "b"}]


def rows(*changes):
    made = []
    for change in changes:
        base = {k: ROW[k] for k in ("id", "claim", "source")} if "kind" in change else ROW
        made.append({**base, **change})
    return {"study": "toy", "paper": PAPER, "claims": made}


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
        ({"effect": "better"}, "claim 'a-claim', effect: .*'higher' or 'lower'"),
        ({"kind": "opinion"}, "claim 'a-claim', the row: .*'opinion'"),
        ({"than": None}, "claim 'a-claim', than"),
        ({"source": {"place": "Table 1"}}, "claim 'a-claim', source.arxiv: Field required"),
        ({"system": {"k": 3}}, "claim 'a-claim', system.k"),
        ({"for_every": {"dense": "ance"}}, "claim 'a-claim', for_every.dense"),
        ({"profiles": ["paper"]}, "elsewhere must say why"),
        ({"profiles": ["large"]}, "claim 'a-claim', profiles.0"),
        ({"by": "dense"}, "by names 'dense', which is not among"),
        ({"alpha": 1.5}, "claim 'a-claim', alpha"),
        ({**VALUE, "tolerance": {"absolute": 0.1}}, "tolerance.reason: Field required"),
        ({**VALUE, "tolerance": {"absolute": -1, "reason": "ten characters"}}, "tolerance.absolute"),
        ({**VALUE, "tolerance": {"reason": "ten characters"}}, "either absolute or relative"),
        (
            {**VALUE, "tolerance": {"absolute": 0.1, "relative": 0.1, "reason": "ten characters"}},
            "either absolute or relative",
        ),
        ({**VALUE, "systems": []}, "systems: .*at least 1 item"),
        ({"kind": "ordering", "order": [{"s": "a"}]}, "order: .*at least 2 items"),
        ({"kind": "majority", "among": AMONG, "system": {"s": "c"}}, "must be one of those in among"),
        ({"kind": "no order", "among": AMONG, "at_most": 1}, "at_most: .*less than 1"),
        (RATIO, "a ratio is about a number"),
        ({**RATIO, "about": 2.0}, "a ratio is about a number"),
        ({**RATIO, "about": 2.0, "at_least": 1.0}, "a ratio is about a number"),
        ({**SHAPE, "shape": "wavy"}, "shape"),
        ({**SHAPE, "shape": "maximum"}, "an extreme needs the bounds"),
        ({**SHAPE, "shape": "maximum", "between": [3, 2]}, "bounds stand in the wrong order"),
        ({**SHAPE, "shape": "crosses"}, "a crossing needs the other system"),
        ({**SHAPE, "shape": "rising", "other": {"s": "b"}}, "a crossing needs the other system"),
        (
            {
                "kind": "equivalence",
                "system": {"s": "a"},
                "other": {"s": "b"},
                "margin": 0,
                "reason": "x" * 10,
            },
            "margin: .*greater than 0",
        ),
        (
            {
                "kind": "audit",
                "count": "marks",
                "among": AMONG,
                "system": {"s": "a"},
                "expected": {"holds": 1, "of": 2},
            },
            "first places need a system, marks need a mark",
        ),
        (
            {"kind": "audit", "count": "marks", "among": AMONG, "mark": "bold", "expected": {"holds": 1}},
            "expected.of: Field required",
        ),
    ],
)
def test_a_row_that_does_not_fit_is_named_with_its_field(change, complaint):
    with pytest.raises(ParameterError, match=complaint) as caught:
        parse_ledger(rows(change), "toy.yaml")
    assert str(caught.value).startswith("toy.yaml: ") and caught.value.exit_code == 2


def test_an_id_stands_once():
    with pytest.raises(ParameterError, match="the id 'a-claim' stands twice"):
        parse_ledger(rows({}, {}))


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("", ParameterError, "must hold study, paper, where"),
        ("claims: []", ParameterError, "must hold"),
        ("claims: {a: 1}", ParameterError, "must hold"),
        ("- 1", ParameterError, "must hold"),
        ("claims: [{id: a}]\nother: 1", ParameterError, "nothing else"),
        ("paper: 2205.00235\nclaims: [{id: a}]", ParameterError, "must hold"),
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
