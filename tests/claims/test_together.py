"""Verdicts worked by hand: intervals for, against and open, and contrasts taken together.

Most rest on nine topics whose differences are .0, .1, .2 three times each: mean .1, standard deviation
sqrt(6 * .01 / 8) = .0866, standard error .0289, and with t(8, .975) = 2.306 the interval [.0334, .1666].
"""

import numpy as np
import pytest

from reprise.evaluation.cells import Cell, Sampling

BASE = [0.4] * 9
GAIN = [0.0, 0.1, 0.2] * 3
UNSURE = [-0.1, 0.1, 0.15] * 3
"""Mean .05, sd sqrt(3 * .035 / 8) = .1146, se .0382: [-.038, .138]."""
DIRECTION = {"system": {"s": "a"}, "than": {"s": "b"}, "region": {"above": 0}}


def pair(cell, differences, base=BASE, **factors):
    return [
        cell(samples=[b + d for b, d in zip(base, differences, strict=True)], s="a", **factors),
        cell(samples=base, s="b", **factors),
    ]


@pytest.mark.parametrize(
    ("differences", "region", "verdict", "word"),
    [
        (GAIN, {"above": 0}, "reproduced", "for"),
        (GAIN, {"below": 0}, "not reproduced", "against"),
        (UNSURE, {"above": 0}, "undecided", "open"),
        (UNSURE, {"below": 0}, "undecided", "open"),
        (GAIN, {"at_least": 0.03}, "reproduced", "for"),
        (GAIN, {"at_least": 0.17}, "not reproduced", "against"),
    ],
)
def test_a_difference(ours, cell, differences, region, verdict, word):
    found = ours(pair(cell, differences), **{**DIRECTION, "region": region})
    assert (found.verdict, [line.word for line in found.lines]) == (verdict, [word])
    if differences is GAIN:
        assert (found.lines[0].low, found.lines[0].high) == pytest.approx((0.0334, 0.1666), abs=1e-4)
        assert found.lines[0].estimate == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("region", "verdict"),
    [
        # 90 % of its own: 1.860 * .0289 = .0537 either way, [.0463, .1537]
        ({"within": 0.16, "reason": "a sixth of everything"}, "reproduced"),
        ({"within": 0.15, "reason": "a little too narrow"}, "undecided"),
        ({"within": 0.03, "reason": "a third of the tenth"}, "not reproduced"),
        ({"at_least": 0.04, "at_most": 0.16}, "reproduced"),
        ({"at_least": 0.09, "at_most": 0.11}, "undecided"),
    ],
)
def test_equivalence_and_ranges_by_each_own_interval(ours, cell, region, verdict):
    found = ours(pair(cell, GAIN), **{**DIRECTION, "region": region})
    assert found.verdict == verdict and found.joint == ()
    assert (found.lines[0].low, found.lines[0].high) == pytest.approx((0.0463, 0.1537), abs=1e-4)


@pytest.mark.parametrize(
    ("region", "verdict"),
    [
        # log(.5 / .4) = .2231; a's influence has sd .0866 / .5, so se .0577, half .1331: 1.094 to 1.428
        ({"at_least": 1.09}, "reproduced"),
        ({"at_least": 1.2}, "undecided"),
        ({"at_least": 1.5}, "not reproduced"),
        ({"at_most": 1.45}, "reproduced"),
        ({"about": 1.25, "within": "20%", "reason": "a fifth either way"}, "reproduced"),
        ({"about": 3, "within": "20%", "reason": "a fifth either way"}, "not reproduced"),
    ],
)
def test_a_ratio(ours, cell, region, verdict):
    found = ours(pair(cell, GAIN), **{**DIRECTION, "contrast": "ratio", "region": region})
    assert (found.verdict, found.unit) == (verdict, "ratio")
    if "within" not in region:
        assert (found.lines[0].low, found.lines[0].high) == pytest.approx((1.094, 1.428), abs=2e-3)


def test_some_for_and_some_against_is_partly(ours, cell):
    cells = [*pair(cell, GAIN), *pair(cell, [-d for d in GAIN], measure="nDCG@10")]
    found = ours(cells, **DIRECTION, for_every={"measure": "all"})
    assert (found.verdict, found.shown) == ("partly", "1 for, 1 against, 0 open")


def test_some_against_and_none_for_is_not_reproduced(ours, cell):
    cells = [*pair(cell, UNSURE), *pair(cell, [-d for d in GAIN], measure="nDCG@10")]
    assert ours(cells, **DIRECTION, for_every={"measure": "all"}).verdict == "not reproduced"


def test_open_contrasts_are_taken_together(ours, cell):
    """Four sets of nine topics, each .05 [-.038, .138] and wider in a family: the mean has half the error.

    Relative: log(.45 / .4) = .1178, influence of a .1146 / .45 = .2546, se .0849 each and .0424 together;
    t with 32 degrees of freedom 2.037: [.031, .204], so a ratio of 1.032 to 1.227.
    """
    cells = [c for d in ("w", "x", "y", "z") for c in pair(cell, UNSURE, dataset=d)]
    found = ours(cells, **DIRECTION, for_every={"dataset": "all"})
    assert (found.verdict, found.rule) == ("reproduced", "taken together")
    assert found.shown == "0 for, 0 against, 4 open" and "together +12.5 %" in found.text
    (joint,) = found.joint
    assert (joint.low, joint.high) == pytest.approx((1.032, 1.227), abs=2e-3)


def test_contrasts_on_the_same_topics_do_not_add_up_to_more_topics(ours, cell):
    """The same nine topics by four measures, all with the same differences, are no more than by one."""
    cells = [c for m in ("1", "2", "3", "4") for c in pair(cell, UNSURE, measure=m)]
    found = ours(cells, **DIRECTION, for_every={"measure": "all"})
    assert found.verdict == "undecided" and found.joint[0].low < 1 < found.joint[0].high


@pytest.mark.parametrize(
    ("printed", "verdict", "word"),
    [(0.9, "not reproduced", "too small"), (0.5, "undecided", "open"), (0.3, "undecided", "open")],
)
def test_an_interval_below_half_of_what_the_paper_prints(judged, cell, printed, verdict, word):
    """Paper .4 -> .9: half of log 2.25 is log 1.5, here .4 * .5 = .2, above .138. Of .4 -> .5 it is .047.

    .4 -> .3 lies outside the region that the claim names: then the paper has no effect to be half of.
    """
    paper = [cell(printed, decimals=1, s="a", dataset="other"), cell(0.4, decimals=1, s="b", dataset="other")]
    found = judged(pair(cell, UNSURE), paper, **DIRECTION, for_every={"dataset": "all"})[1]
    assert (found.verdict, found.lines[0].word) == (verdict, word)
    assert found.lines[0].paper == pytest.approx(printed - 0.4), "shown in any case, here .4 as well"
    assert ("lies outside the region that its claim names" in found.text) == (printed == 0.3)


def test_what_the_paper_prints_is_held_against_its_region_in_the_regions_unit(judged, cell):
    """.40 -> .41 is one point, inside a margin of two, though 2.5 %; of most, some may lie elsewhere."""
    paper = [cell(v, decimals=2, s=s, dataset="other") for s, v in (("a", 0.41), ("b", 0.4))]
    margin = {"within": 0.02, "reason": "two points are worth having"}
    found = judged(pair(cell, UNSURE), paper, **{**DIRECTION, "region": margin}, for_every={"dataset": "all"})
    assert "its claim names" not in found[1].text
    below = {**DIRECTION, "region": {"below": 0}, "for_every": {"dataset": "all"}}
    assert "its claim names" in judged(pair(cell, UNSURE), paper, **below)[1].text
    majority = judged(pair(cell, UNSURE), paper, **below, needs="most")[1]
    assert "its claim names" not in majority.text and majority.lines[0].paper > 0


def test_undecided_says_what_it_would_take(judged, cell):
    """Told: (2.306 + .842) * .0382 = .1202; the paper's 25 % are .1 here: 9 * (.1202 / .1) ** 2 is 13.01."""
    paper = [cell(0.5, decimals=1, s="a"), cell(0.4, decimals=1, s="b")]
    found = judged(pair(cell, UNSURE), paper, **DIRECTION)[1]
    assert found.text.endswith(
        "These samples tell a difference of 0.1202 four times in five; the paper prints 0.1000; "
        "about 14 topics in the place of 9 would tell that."
    )


def test_points_are_points(judged, cell):
    """Half of .5 points is .25 here as there, above .138; as a relative effect of .9 on .4 it was .2."""
    paper = [cell(1.3, decimals=1, s="a"), cell(0.8, decimals=1, s="b")]
    found = judged(pair(cell, UNSURE), paper, **DIRECTION, effect="points")[1]
    assert (found.verdict, found.lines[0].paper) == ("not reproduced", pytest.approx(0.5))


def test_a_chain_and_the_first_of_several_need_each_link(ours, cell):
    """c > a by the gain's interval, a > b not told: together neither hides behind the other."""
    base = [0.4, 0.5, 0.6] * 3
    a = [b + d for b, d in zip(base, UNSURE, strict=True)]
    c = [v + d for v, d in zip(a, [0.3, 0.31, 0.32] * 3, strict=True)]
    cells = [cell(samples=v, s=s) for s, v in (("a", a), ("b", base), ("c", c))]
    chain = ours(cells, order=[{"s": "c"}, {"s": "a"}, {"s": "b"}])
    assert (chain.verdict, [line.word for line in chain.lines]) == ("undecided", ["for", "open"])
    first = ours(cells, system={"s": "c"}, than=[{"s": "a"}, {"s": "b"}], region={"above": 0})
    assert first.verdict == "reproduced" and [line.link for line in first.lines] == [
        "c against a",
        "c against b",
    ]
    wrong = ours(cells, order=[{"s": "a"}, {"s": "c"}])
    assert wrong.verdict == "not reproduced"


@pytest.mark.parametrize(
    ("steps", "region", "verdict"),
    [
        # slope of three places 1, 2, 3 is half of last minus first: .1 with the gain's spread
        (2.0, {"above": 0}, "reproduced"),
        (-2.0, {"above": 0}, "not reproduced"),
        (2.0, {"within": 0.16, "reason": "a slope of a sixth"}, "reproduced"),
    ],
)
def test_a_slope(ours, cell, steps, region, verdict):
    curve = [
        cell(samples=[0.4 + step * d / 2 * k for d in GAIN], s="a", k=str(k + 1))
        for k, step in ((0, steps), (1, steps), (2, steps))
    ]
    found = ours(curve, contrast="slope", system={"s": "a"}, along="k", region=region)
    assert found.verdict == verdict and found.lines[0].estimate == pytest.approx(steps * 0.05)


def test_a_logarithmic_slope_is_an_exponent(ours, cell):
    """Needs of 2, 8 and 32 at 1, 2 and 4 grow with the square."""
    curve = [cell(float(2 * 4**i), s="a", k=str(2**i)) for i in range(3)]
    fields = {"contrast": "slope", "system": {"s": "a"}, "along": "k", "logarithmic": True}
    region = {"about": 2, "within": 0.01, "reason": "the rate is exact"}
    found = ours(curve, **fields, region=region)
    assert found.verdict == "reproduced" and found.lines[0].estimate == pytest.approx(2.0)


def test_whatever_the_value_holds_within_each(ours, cell):
    """For x by every interval, against for y: half of all contrasts, and not "partly" within either."""
    cells = [*pair(cell, GAIN, m="x"), *pair(cell, [-d for d in GAIN], m="y")]
    found = ours(cells, **DIRECTION, for_every={"m": "all"}, within=["m"])
    assert found.verdict == "partly" and found.rule == "not the same within each value"
    unsure = [*pair(cell, GAIN, m="x"), *pair(cell, UNSURE, m="y")]
    assert ours(unsure, **DIRECTION, for_every={"m": "all"}, within=["m"]).verdict == "undecided"


def test_seeds_that_share_nothing_are_two_samples(ours, cell):
    """Means 3 and 1.5, variances 2.5: t = 1.5 with 8 degrees of freedom, half 2.306; paired it would be 0."""
    high = cell(samples=[1.0, 2.0, 3.0, 4.0, 5.0], s="a", sampling=Sampling("seeds"))
    low = cell(samples=[-0.5, 0.5, 1.5, 2.5, 3.5], s="b", sampling=Sampling("seeds"))
    found = ours([high, low], **DIRECTION)
    assert found.verdict == "undecided"
    assert found.lines[0].low == pytest.approx(1.5 - 2.306, abs=1e-3)
    shared = [
        Cell(c.dataset, c.measure, c.factors, c.value, c.n, c.samples, sampling=Sampling("seeds", "one draw"))
        for c in (high, low)
    ]
    assert ours(shared, **DIRECTION).verdict == "reproduced"


def test_targets_of_one_kind_are_one_sample(ours, cell):
    """Four kinds of ten targets are four samples: too few, where forty would have told anything."""
    names = [f"{kind}/{i}" for kind in "wxyz" for i in range(10)]

    def targets(shift, s):
        samples = {name: shift + 0.01 * (i % 3) for i, name in enumerate(names)}
        sampling = Sampling("targets", "images", clustered=True)
        return Cell(
            "images",
            "error",
            {"s": s},
            float(np.mean(list(samples.values()))),
            40,
            samples,
            sampling=sampling,
        )

    found = ours([targets(0.5, "a"), targets(0.4, "b")], **DIRECTION)
    assert (found.verdict, found.text) == ("not testable", "4 targets are too few: 5 are needed.")


def test_times_are_the_rounds_ratios(ours, cell):
    """Every round is faster by a tenth, though the machine slowed down half-way: told by ratios alone."""
    pace = [1.0] * 5 + [2.0] * 6
    times = {
        s: cell(
            samples=[f * p * (1 + 0.001 * i) for i, p in enumerate(pace)],
            s=s,
            sampling=Sampling("rounds", "unit"),
        )
        for s, f in (("a", 0.9), ("b", 1.0))
    }
    found = ours(list(times.values()), **{**DIRECTION, "region": {"below": 0}})
    assert (found.verdict, found.unit) == ("reproduced", "ratio")
    assert found.lines[0].estimate == pytest.approx(0.9)
    assert found.region == (0.0, 1.0)
