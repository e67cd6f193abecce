"""Forest plots: where each mark lies, by hand, and what is drawn at all."""

import re

import pytest

from reprise.claims.verdict import Line
from reprise.report.forest import MOST, Axis, forest_html

OPEN_ABOVE = (0.0, None)


def verdict(lines, joint=(), **changes):
    from reprise.claims.verdict import Verdict

    given = {
        "id": "a-claim", "claim": "One is better.", "source": "Table 1", "origin": "paper",
        "counted": "paper",
        "contrast": "difference", "judged_on": "ours", "profile": "default", "meaningful": True,
        "verdict": "reproduced", "text": "", "rule": "", "shown": "1 for", "lines": tuple(lines),
        "joint": tuple(joint), "unit": "difference", "joint_unit": "relative", "region": OPEN_ABOVE,
        "share": None, "suspicious": "",
    }  # fmt: skip
    return Verdict(**{**given, **changes})


def line(estimate, low, high, word="for", paper=None, **group):
    return Line(group or {"dataset": "dl19"}, word, estimate, low, high, paper)


def positions(html, kind):
    return [float(x) for x in re.findall(rf'class="{kind}" style="left:([\d.]+)%', html)]


def test_marks_lie_where_the_numbers_are():
    """From 0 to .1 with a margin of 4 % on either side: .05 is half way, .1 at 104/108 of the length."""
    html = forest_html(verdict([line(0.05, 0.02, 0.1, paper=0.1)]))
    assert positions(html, "dot") == [50.0]
    assert positions(html, "paper") == [96.3]
    assert positions(html, "bar") == [22.2]
    assert "--from:3.7%;--region:96.3%;--none:3.7%" in html, "shaded from no difference to the open end"
    assert "+0.05 [+0.02, +0.1]" in html


def test_ratios_lie_on_a_logarithmic_line_around_one():
    axis = Axis("ratio", (2.0, None), [line(2.0, 1.0, 4.0)])
    assert [round(axis.place(x), 1) for x in (1.0, 2.0, 4.0)] == [3.7, 50.0, 96.3]
    assert axis.place(0.0) == 0.0, "an interval of a ratio that reaches zero ends at the left"
    assert axis.style == "--from:50.0%;--region:50.0%;--none:3.7%"


def test_the_contrasts_taken_together_stand_at_the_foot_on_an_axis_of_their_own():
    both = [line(0.05, 0.02, 0.1), line(0.01, -0.02, 0.04, "open", dataset="dl20")]
    together = [Line({}, "for", 1.1, 1.02, 1.2)]
    html = forest_html(verdict(both, together))
    assert html.count('class="panel"') == 2 and html.index("dl20") < html.index(">together<")
    assert "ratio, taken together" in html
    shared = forest_html(verdict(both, together, unit="ratio", region=(1.0, None)))
    assert shared.count('class="panel"') == 1, "a ratio shares the axis of ratios"


def test_every_word_has_a_class_and_what_cannot_be_tested_is_not_drawn():
    words = ["for", "against", "too small", "open", "curve"]
    html = forest_html(
        verdict([*(line(0.1, 0, 0.2, w) for w in words), Line({"d": "x"}, "not tested", text="3 seeds")])
    )
    assert re.findall(r'class="row (\w+)"', html) == ["for", "against", "small", "open", "curve", "axis"]
    assert "5 contrasts" not in html and "4 contrasts" in html, "a point of a curve does not count"


def test_many_contrasts_open_on_demand():
    html = forest_html(verdict([line(0.1, 0, 0.2) for _ in range(MOST + 3)]))
    assert "<summary>3 more</summary>" in html and html.count('class="dot"') == MOST + 3


@pytest.mark.parametrize(
    "nothing",
    [
        verdict([]),
        verdict([Line({"d": "x"}, "not tested", text="too few")]),
        verdict([line(0.1, 0, 0.2)], contrast="value"),
    ],
)
def test_nothing_to_draw(nothing):
    assert forest_html(nothing) == ""


def test_names_are_escaped():
    assert "<b>" not in forest_html(verdict([line(0.1, 0, 0.2, dataset="<b>")]))
