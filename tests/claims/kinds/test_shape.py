"""Curves of a few points, with what they do worked out by eye."""

import pytest

from reprise.errors import InputError

OPTIONS = {"kind": "shape", "system": {"stage": "a"}, "along": "k"}


def curve(cell, values, stage="a", **factors):
    return [cell(v, stage=stage, k=str(k), **factors) for k, v in zip((1, 2, 3, 5, 10), values, strict=False)]


@pytest.mark.parametrize(
    ("values", "shape", "holds"),
    [
        ((0.1, 0.2, 0.2, 0.4), {"shape": "rising"}, True),  # a level step is allowed
        ((0.1, 0.2, 0.19, 0.4), {"shape": "rising"}, False),
        ((0.2, 0.2, 0.2), {"shape": "rising"}, False),  # the ends must differ
        ((0.4, 0.2, 0.1), {"shape": "falling"}, True),
        ((0.4, 0.2, 0.3), {"shape": "falling"}, False),
        ((0.1, 0.4, 0.2, 0.1), {"shape": "maximum", "between": [2, 3]}, True),
        ((0.4, 0.1, 0.2, 0.1), {"shape": "maximum", "between": [2, 3]}, False),
        ((0.4, 0.1, 0.4, 0.1), {"shape": "maximum", "between": [2, 3]}, True),  # two places share it
        ((0.4, 0.1, 0.2, 0.3), {"shape": "minimum", "between": [2, 2]}, True),
        ((0.1, 0.4, 0.2, 0.3), {"shape": "minimum", "between": [2, 2]}, False),
    ],
)
@pytest.mark.parametrize("source", [0, 1], ids=["published", "ours"])
def test_one_curve(judged, cell, values, shape, holds, source):
    cells = curve(cell, values)
    found = judged(cells, cells, **OPTIONS, **shape)[source]
    assert found.verdict == ("reproduced" if holds else "not reproduced")


@pytest.mark.parametrize(
    ("values", "other", "between", "holds", "seen"),
    [
        ((4, 3, 2, 1), (1, 2, 3, 4), None, True, "between 2 and 3"),
        ((4, 3, 2, 1), (1, 2, 3, 4), [3, 5], True, "between 2 and 3"),
        ((4, 3, 2, 1), (1, 2, 3, 4), [5, 10], False, "between 2 and 3"),
        ((1, 2, 3, 4), (4, 3, 2, 1), None, False, "between 2 and 3"),  # from below to above
        ((4, 1, 4, 1), (2, 2, 2, 2), None, False, "between 1 and 2, between 2 and 3, between 3 and 5"),
        ((4, 4, 4, 4), (1, 2, 3, 3), None, False, "nowhere"),
        ((4, 2, 1), (1, 2, 3), [2, 2], True, "between 1 and 3"),  # level at 2: there they cross
        ((4, 2, 4), (1, 2, 1), None, False, "nowhere"),  # they touch and do not cross
    ],
)
def test_a_crossing(ours, cell, values, other, between, holds, seen):
    cells = curve(cell, values) + curve(cell, other, stage="b")
    bounds = {} if between is None else {"between": between}
    found = ours(cells, shape="crosses", other={"stage": "b"}, **bounds, **OPTIONS)
    assert found.verdict == ("reproduced" if holds else "not reproduced")
    assert found.details[0].text == f"changes sides {seen}"


def test_places_are_sorted_as_numbers(ours, cell):
    cells = [cell(v, stage="a", k=k) for k, v in (("10", 0.4), ("2", 0.2), ("1", 0.1))]
    assert ours(cells, shape="rising", **OPTIONS).verdict == "reproduced"


def test_curves_are_counted_and_those_with_one_place_left_out(ours, cell):
    cells = [
        *curve(cell, (0.1, 0.2), dense="x"),
        *curve(cell, (0.1, 0.2), dense="y"),
        *curve(cell, (0.2, 0.1), dense="z"),
        *curve(cell, (0.2,), dense="short"),
    ]
    found = ours(cells, shape="rising", for_every={"dense": "all"}, **OPTIONS)
    assert (found.verdict, found.shown) == ("partly", "2 of 3")
    assert "not in z (from 0.2000 to 0.1000, turns at 2)" in found.text
    assert found.text.endswith("; 1 with fewer than two places left out.")
    assert ours(curve(cell, (0.2,)), shape="rising", **OPTIONS).verdict == "not testable"


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ([{"k": "few"}, {"k": "many"}], "which is not a number"),
        ([{"k": "1", "seed": "1"}, {"k": "1", "seed": "2"}], "several cells at one place"),
    ],
)
def test_what_is_no_curve_is_refused(ours, cell, cells, complaint):
    with pytest.raises(InputError, match=complaint):
        ours([cell(0.1, stage="a", **factors) for factors in cells], shape="rising", **OPTIONS)
