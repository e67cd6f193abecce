"""Judging a ledger: both sources, profiles, gates, checks of the code, scales, and what cannot be tested."""

import json
from dataclasses import replace

import pytest

from reprise.evaluation.cells import Cell, Cells, Sampling
from reprise.report.verdicts import Judged

PAIR = {"system": {"s": "a"}, "than": {"s": "b"}, "region": {"above": 0}}
GAIN = [0.0, 0.1, 0.2] * 3


@pytest.fixture
def cells(cell):
    return [cell(0.5, s="a"), cell(0.4, s="b")]


def topics(cell, gain, **factors):
    base = [0.4] * 9
    return [cell(samples=[0.4 + sign * d for d in GAIN], s=s, **factors) for s, sign in (("a", gain),)] + [
        cell(samples=base, s="b", **factors)
    ]


def test_published_comes_first_and_a_source_that_is_not_there_is_not_judged(judged, cells):
    on_published, on_ours = judged(cells, list(reversed(cells)), **PAIR)
    assert (on_published.verdict, on_ours.verdict) == ("borne out by its table", "reproduced")
    assert judged(cells, None, **PAIR)[0] is None
    assert judged(None, cells, **PAIR)[1] is None


def test_smoke_is_judged_and_marked_as_not_meaningful(judged, cells):
    on_published, on_ours = judged(cells, cells, profile="smoke", **PAIR)
    assert (on_ours.verdict, on_ours.meaningful) == ("reproduced", False)
    assert on_published.meaningful, "the paper's own numbers are the same at every profile"
    for profile in ("default", "open", "paper"):
        assert judged(cells, cells, profile=profile, **PAIR)[1].meaningful


def test_where_a_claim_cannot_be_judged_the_reason_is_given(judged, cells):
    limited = {"profiles": ["paper"], "elsewhere": "the values are those of MS MARCO.", **PAIR}
    on_published, on_ours = judged(cells, cells, profile="default", **limited)
    assert (on_published.verdict, on_ours.verdict) == ("borne out by its table", "not testable")
    assert on_ours.text == "Not testable at the profile default: the values are those of MS MARCO."
    assert judged(cells, cells, profile="paper", **limited)[1].verdict == "reproduced"


def test_a_verdict_is_plain_and_the_same_twice(judged, cell):
    found = [judged(topics(cell, 1), None, **PAIR)[1].to_dict() for _ in range(2)]
    assert json.dumps(found[0], allow_nan=False) == json.dumps(found[1])
    assert found[0]["lines"][0]["values"] == pytest.approx({"system": 0.5, "than": 0.4})
    assert found[0]["region"] == (0.0, None) and found[0]["counted"] == "paper"


def test_a_factor_that_no_cell_has_is_not_testable_and_never_true(ours, cells):
    found = ours(cells, for_every={"dens": "all"}, **PAIR)
    assert (found.verdict, found.text) == ("not testable", "The results hold no such numbers.")


def test_a_combination_that_lacks_a_system_is_left_out_and_counted(ours, cell):
    cells = [*topics(cell, 1), *topics(cell, 1, dataset="x")[:1]]
    found = ours(cells, **PAIR, for_every={"dataset": "all"})
    assert found.verdict == "reproduced" and "1 combination lacks a system, left out" in found.text


def test_combinations_of_each_mapping_are_asked_for_and_no_others(ours, cell):
    """Two networks of two sparsities each, of which one pair each was released."""
    cells = [c for n in "xy" for p in "89" for c in topics(cell, 1, net=n, sparsity=p)]
    asked = [{"net": ["x"], "sparsity": ["8"]}, {"net": ["y"], "sparsity": ["9"]}]
    found = ours(cells, **PAIR, for_every=asked)
    assert [line.group for line in found.lines] == [
        {"net": "x", "sparsity": "8"},
        {"net": "y", "sparsity": "9"},
    ]


def test_an_average_of_collections_that_are_there_is_no_further_one(ours, cell):
    parts = [c for name in ("x", "y") for c in topics(cell, 1, dataset=name)]
    averages = [
        Cell(
            "average",
            "MAP",
            {"s": s},
            value,
            parts=tuple((0.5, p) for p in parts if p["s"] == s),
        )
        for s, value in (("a", 0.5), ("b", 0.4))
    ]
    found = ours([*parts, *averages], **PAIR, for_every={"dataset": "all"})
    assert [line.group["dataset"] for line in found.lines] == ["x", "y"]
    alone = ours([*parts, *averages], **PAIR, for_every={"dataset": ["average"]})
    assert [line.group["dataset"] for line in alone.lines] == ["average"]


# -- what cannot be tested, each by name ------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "sampling", "complaint"),
    [
        ([0.1, 0.2, 0.3], Sampling("seeds"), "3 seeds are too few: 5 are needed"),
        ([1.0] * 9, Sampling("topics", "t"), "Every value is the same, at its floor or its ceiling"),
        ([0.0] * 9, Sampling("topics", "t"), "Every value is the same, at its floor or its ceiling"),
        ([], Sampling("rounds", "unit"), "The results keep no rounds of MAP on dl19"),
        ([], Sampling("topics", "t"), "The results keep no samples of MAP on dl19"),
    ],
)
def test_samples_that_tell_nothing(ours, cell, samples, sampling, complaint):
    both = [cell(0.5 if not samples else None, samples, s=s, sampling=sampling) for s in "ab"]
    found = ours(both, **PAIR)
    assert (found.verdict, found.lines[0].word) == ("not testable", "not tested")
    assert complaint in found.text


def test_a_combination_that_two_lists_ask_for_counts_once(ours, cell):
    asked = [{"dataset": "all"}, {"dataset": ["dl19"]}]
    found = ours(topics(cell, 1), **PAIR, for_every=asked)
    assert (found.verdict, found.shown) == ("reproduced", "1 for, 0 against, 0 open")


def test_unlike_samples_are_no_family(ours, cell):
    """Topics on one dataset and seeds on the other cannot be taken together."""
    seeds = [
        cell(samples=[v, v + 1, v, v + 2, v], dataset="x", s=s, sampling=Sampling("seeds"))
        for s, v in (("a", 3.0), ("b", 1.0))
    ]
    found = ours([*topics(cell, 1), *seeds], **PAIR, for_every={"dataset": "all"})
    assert found.verdict == "not testable" and "unlike samples: seeds, topics" in found.text


def test_topics_of_one_draw_that_differ_are_named(ours, cell):
    left, right = topics(cell, 1)
    fewer = Cell(right.dataset, right.measure, right.factors, 0.4, 8, dict(list(right.samples.items())[:-1]))
    found = ours([left, fewer], **PAIR)
    assert found.verdict == "not testable" and "unlike topics" in found.text and "q8" in found.text


@pytest.mark.parametrize("needs", ["all", "most"])
def test_measures_on_other_topics_of_one_draw_are_no_family(ours, cell, needs):
    nine = topics(cell, 1)
    eight = [replace(c, measure="other", samples=dict(list(c.samples.items())[:-1])) for c in nine]
    found = ours([*nine, *eight], **PAIR, for_every={"measure": "all"}, needs=needs)
    assert found.verdict == "not testable"
    assert found.text.startswith("The contrasts rest on unlike topics of dl19 (given: ['q8'])")


def test_a_ratio_over_nothing_is_not_defined(ours, cell):
    found = ours(
        [cell(0.5, s="a"), cell(0.0, s="b")], **{**PAIR, "contrast": "ratio", "region": {"at_least": 1}}
    )
    assert found.verdict == "not testable" and "values above 0" in found.text


# -- gates, checks of the code, scales --------------------------------------------------------------

GATE = {
    "id": "trained",
    "gate": "Training makes it better on the dev topics.",
    "cells": "dev",
    **PAIR,
}


@pytest.mark.parametrize(("gain", "verdict"), [(1, "reproduced"), (-1, "not testable"), (0, "not testable")])
def test_a_gate_on_dev_topics(judged, cell, gain, verdict):
    dev = topics(cell, gain, dataset="dev")
    found = judged(topics(cell, 1), None, **PAIR, requires=["trained"], gates=[GATE], others={"dev": dev})[1]
    assert found.verdict == verdict
    if gain == -1:
        assert found.text.startswith(
            "It requires trained, which is not reproduced: 0 for, 1 against, 0 open; -0.1"
        )
        assert found.rule == "gate" and found.lines[0].word == "for", "its contrasts are shown all the same"


def test_a_gate_without_numbers_is_not_passed(judged, cell):
    found = judged(topics(cell, 1), None, **PAIR, requires=["trained"], gates=[GATE])[1]
    assert found.verdict == "not testable" and "hold no such numbers" in found.text


def test_a_gate_is_asked_where_something_is_trained(judged, cell):
    gate = {**GATE, "profiles": ["default"], "elsewhere": "released models are used as they are."}
    default, paper = (
        judged(topics(cell, 1), None, profile=profile, **PAIR, requires=["trained"], gates=[gate])[1]
        for profile in ("default", "paper")
    )
    assert (default.verdict, paper.verdict) == ("not testable", "reproduced")


def test_a_gate_that_looks_at_the_claims_own_topics_is_none(judged, cell):
    found = judged(
        topics(cell, 1), None, **PAIR, requires=["trained"], gates=[GATE], others={"dev": topics(cell, 1)}
    )[1]
    assert found.verdict == "not testable"
    assert found.text.startswith("Its gate trained looks at the samples that the claim itself is judged on.")


def test_by_construction_is_a_check_of_the_code_and_counted_apart(judged, ledger, cells, cell):
    reason = "one byte in the place of four"
    found = judged(cells, None, **PAIR, by_construction=reason)[1]
    assert (found.verdict, found.counted, found.suspicious) == ("check holds", "by construction", "")
    assert found.text.startswith(f"By construction ({reason}). 1 for, 0 against, 0 open")
    failed = judged(cells, None, **{**PAIR, "region": {"below": 0}}, by_construction=reason)[1]
    assert (failed.verdict, failed.suspicious) == ("check fails", "a check of the code does not hold")
    nothing = judged(cells[:1], None, **PAIR, by_construction=reason)[1]
    assert (nothing.verdict, nothing.suspicious) == ("not testable", ""), "what was not checked did not fail"
    rows = ledger(
        {**PAIR, "by_construction": reason},
        {**PAIR, "id": "other"},
        {**PAIR, "id": "told", "origin": "second-hand"},
    )
    judged_study = Judged("toy", rows, Cells(cells), None)
    assert judged_study.counts("published")["borne out by its table"] == 1
    assert not {"check holds", "check fails"} & set(judged_study.counts("ours"))
    assert judged_study.apart == {"by construction": 1, "second-hand": 1}


@pytest.mark.parametrize(("at", "counted"), [(1000, "1000"), (None, "100000"), (10**6, "100000")])
def test_a_scale_is_judged_there_or_at_the_largest_run(ours, cell, at, counted):
    sizes = {"10": 1.0, "1000": 3.0, "100000": 3.0}
    cells = [
        cell(v if s == "a" else 2.0, dataset=f"synthetic-{n}", s=s) for n, v in sizes.items() for s in "ab"
    ]
    scale = {"factor": "dataset"} | ({} if at is None else {"at": at})
    found = ours(cells, **PAIR, for_every={"dataset": "all"}, scale=scale)
    words = {line.group["dataset"].removeprefix("synthetic-"): line.word for line in found.lines}
    assert found.verdict == "reproduced" and words == dict.fromkeys(sizes, "curve") | {counted: "for"}


# -- values -----------------------------------------------------------------------------------------

VALUE = {"contrast": "value", "system": {}, "region": {"within": 0.01, "reason": "the digits as printed"}}


@pytest.mark.parametrize(
    ("mine", "verdict"),
    [
        ([0.505, 0.405], "reproduced"),
        ([0.505, 0.5], "partly"),
        ([0.6, 0.5], "not reproduced"),
        ([0.49, 0.39], "reproduced"),
    ],
)
def test_values_within_a_margin_either_way(judged, cell, mine, verdict):
    paper = [cell(v, decimals=2, s=s) for s, v in (("a", 0.5), ("b", 0.4))]
    found = judged([cell(v, s=s) for s, v in zip("ab", mine, strict=True)], paper, **VALUE)[1]
    assert (found.verdict, found.joint) == (verdict, ())
    assert found.lines[0].values == {"ours": mine[0], "published": 0.5}


def test_values_equal_to_every_digit_are_suspicious_unless_nothing_is_drawn(judged, cell):
    paper = [cell(v, decimals=1, s=str(v)) for v in (0.1, 0.2, 0.3, 0.4)]
    assert "to the last digit" in judged(paper, paper, **VALUE)[1].suspicious
    assert judged(paper, paper, **VALUE, deterministic=True)[1].suspicious == ""
    assert judged(paper[:2], paper[:2], **VALUE)[1].suspicious == "", "two may agree by luck"
