"""Values: within the tolerance either way, at printed digits, with what is lacking said."""

import pytest

NEAR = {"absolute": 0.005, "reason": "encoders differ in the third decimal"}
SYSTEMS = [{"stage": ["dense", "vprf"]}]


def pairs(cell, ours, published=(0.3710, 0.3831)):
    stages = ("dense", "vprf", "both-prf")
    return (
        [cell(v, stage=s) for v, s in zip(ours, stages, strict=False)],
        [cell(v, stage=s, decimals=4) for v, s in zip(published, stages, strict=False)],
    )


@pytest.mark.parametrize(
    ("values", "verdict", "shown"),
    [
        ((0.3750, 0.3790), "reproduced", "2 of 2 values"),  # off by +0.0040 and -0.0041
        ((0.3760, 0.3781), "reproduced", "2 of 2 values"),  # off by 0.0050: the bound itself is inside
        ((0.3760, 0.3900), "not reproduced", "1 of 2 values"),  # half is what a coin gives
        ((0.5000, 0.5000), "not reproduced", "0 of 2 values"),  # better than published is a difference too
        ((0.3000, 0.3000), "not reproduced", "0 of 2 values"),
    ],
)
def test_within_the_tolerance_on_both_sides(judged, cell, values, verdict, shown):
    ours, published = pairs(cell, values)
    on_published, on_ours = judged(ours, published, kind="value", systems=SYSTEMS, tolerance=NEAR)
    assert (on_ours.verdict, on_ours.shown) == (verdict, shown)
    assert on_published.verdict == "not testable", "the published values are the yardstick"


def test_partly_is_more_than_half(judged, cell):
    ours, published = pairs(cell, (0.3710, 0.3831, 0.9), (0.3710, 0.3831, 0.4))
    _, found = judged(ours, published, kind="value", systems=[{}], tolerance=NEAR)
    assert (found.verdict, found.holds, found.of) == ("partly", 2, 3)
    assert "1 are above and 0 below" in found.text
    assert "the largest difference is at both-prf, dl19, MAP (0.9000 v 0.4000, +0.5000)" in found.text


def test_a_relative_tolerance(judged, cell):
    ours, published = pairs(cell, (0.3710 * 1.09, 0.3831 * 0.91))
    within = {"relative": 0.1, "reason": "a tenth either way"}
    assert judged(ours, published, kind="value", systems=SYSTEMS, tolerance=within)[1].verdict == "reproduced"
    within = {"relative": 0.05, "reason": "a twentieth either way"}
    found = judged(ours, published, kind="value", systems=SYSTEMS, tolerance=within)[1]
    assert (found.verdict, found.shown) == ("not reproduced", "0 of 2 values")
    assert "1 are above and 1 below" in found.text


def test_a_value_that_the_text_states_is_judged_on_both_sources(judged, cell):
    on_published, on_ours = judged(
        [cell(0.40, stage="dense")],
        [cell(0.371, stage="dense", decimals=3)],
        kind="value",
        systems=[{"stage": "dense"}],
        value=0.37,
        tolerance=NEAR,
    )
    assert (on_published.verdict, on_ours.verdict) == ("reproduced", "not reproduced")


def test_equal_to_every_printed_digit_is_suspicious_unless_nothing_is_random(judged, cell):
    ours, published = pairs(cell, (0.371004, 0.383096, 0.4), (0.3710, 0.3831, 0.4))
    options = {"kind": "value", "systems": [{}], "tolerance": NEAR}
    found = judged(ours, published, **options)[1]
    assert found.verdict == "reproduced" and "all 3 values equal the published ones" in found.suspicious
    assert judged(ours, published, deterministic=True, **options)[1].suspicious == ""
    assert judged(ours[:2], published[:2], **options)[1].suspicious == "", "two can be chance"
    ours[0] = cell(0.3712, stage="dense")
    assert judged(ours, published, **options)[1].suspicious == ""


def test_what_has_no_counterpart_is_said(judged, cell):
    ours, published = pairs(cell, (0.371,), (0.3710, 0.3831, 0.4))
    options = {"kind": "value", "systems": [{}], "tolerance": NEAR}
    found = judged(ours, published, **options)[1]
    assert (found.holds, found.of) == (1, 1)
    assert "; 2 published values have no counterpart." in found.text
    elsewhere = [cell(0.371, stage="dense", dataset="pydocs")]
    found = judged(elsewhere, published, **options)[1]
    assert (found.verdict, found.text) == (
        "not testable",
        "No value of the results has a published counterpart.",
    )
    assert judged([], published, **options)[1].text == "The results hold no such numbers."


def test_the_factors_must_be_the_same_and_not_merely_contained(judged, cell):
    ours = [cell(0.371, stage="dense", seed="1")]
    published = [cell(0.371, stage="dense", decimals=3)]
    found = judged(ours, published, kind="value", systems=[{"stage": "dense"}], tolerance=NEAR)[1]
    assert found.verdict == "not testable"
