"""Equivalence is shown or it is not; no difference found is not equivalence."""

OPTIONS = {
    "kind": "equivalence",
    "system": {"stage": "a"},
    "other": {"stage": "b"},
    "margin": 0.02,
    "reason": "two points are the least worth having",
    "for_every": {"dense": "all"},
}
BASE = [0.10, 0.25, 0.30, 0.45, 0.60, 0.75]
ALIKE = [v + d for v, d in zip(BASE, (0.001, -0.001, 0.002, -0.002, 0.001, -0.001), strict=True)]
NOISY = [v + d for v, d in zip(BASE, (0.2, -0.2, 0.15, -0.1, 0.1, -0.2), strict=True)]
APART = [v + d for v, d in zip(BASE, (0.10, 0.11, 0.09, 0.10, 0.12, 0.10), strict=True)]


def cells(cell, *lefts):
    return [
        cell(sum(v) / 6, v, dense=f"d{i}", stage=s)
        for i, left in enumerate(lefts)
        for v, s in ((left, "a"), (BASE, "b"))
    ]


def test_shown_undecided_and_refuted(ours, cell):
    assert ours(cells(cell, ALIKE), **OPTIONS).verdict == "reproduced"
    found = ours(cells(cell, NOISY), **OPTIONS)
    assert found.verdict == "partly", "the data decide nothing: no difference is shown, nor equivalence"
    assert (found.holds, found.details[0].significant) == (0, 0)
    assert ours(cells(cell, APART), **OPTIONS).verdict == "not reproduced"
    below = [2 * b - v for v, b in zip(APART, BASE, strict=True)]
    assert ours(cells(cell, below), **OPTIONS).verdict == "not reproduced", "it is two-sided"


def test_counted_over_combinations(ours, cell):
    found = ours(cells(cell, ALIKE, ALIKE, APART), **OPTIONS)
    assert (found.verdict, found.shown) == ("partly", "2 of 3")
    assert "1 differ significantly" in found.text and "the largest difference is 0.1033" in found.text
    found = ours(cells(cell, ALIKE, APART), **OPTIONS)
    assert found.verdict == "not reproduced", "half of them, and one differs"


def test_the_margin_decides(ours, cell):
    assert ours(cells(cell, ALIKE), **{**OPTIONS, "margin": 0.0005}).verdict == "partly"
    assert ours(cells(cell, APART), **{**OPTIONS, "margin": 0.2}).verdict == "reproduced"


def test_means_alone_cannot_show_it(judged, cell):
    means = [cell(0.5, dense="d", stage="a"), cell(0.49, dense="d", stage="b")]
    on_published, on_ours = judged(means, means, **OPTIONS)
    assert (on_published.verdict, on_ours.verdict) == ("not testable", "not testable")
    assert "up to 0.0100" in on_published.shown
    once = [cell(0.5, [0.5], dense="d", stage="a"), cell(0.5, [0.5], dense="d", stage="b")]
    assert judged(once, None, **OPTIONS)[1].verdict == "not testable", "one value has no spread"
