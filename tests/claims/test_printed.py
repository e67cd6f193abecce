"""What the paper's own digits and marks say: words of their own, rounding, first places, audits."""

import pytest

DIRECTION = {"system": {"s": "a"}, "than": {"s": "b"}, "region": {"above": 0}}
SETS = {"for_every": {"dataset": "all"}}


def table(cell, rows, decimals=2):
    """Cells of a printed table: {"a": [.5, .4], ...}, a column a dataset; "0.5*" is marked significant."""
    found = []
    for system, values in rows.items():
        for i, value in enumerate(values):
            marks = ("significant",) if str(value).endswith("*") else ()
            number = float(str(value).rstrip("*"))
            found.append(cell(number, dataset=f"d{i}", decimals=decimals, marks=marks, s=system))
    return found


@pytest.mark.parametrize(
    ("a", "verdict", "shown"),
    [
        ([0.5, 0.5, 0.5], "borne out by its table", "3 of 3"),
        ([0.5, 0.5, 0.3], "partly", "2 of 3"),
        ([0.5, 0.3, 0.3], "not borne out", "1 of 3"),
        ([0.4, 0.4, 0.4], "not testable", "0 of 3"),
        ([0.41, 0.5, 0.4], "partly", "2 of 3"),
    ],
)
def test_a_direction(printed, cell, a, verdict, shown):
    """A difference of one in the last digit is one; equal digits are a tie that nobody can break."""
    found = printed(table(cell, {"a": a, "b": [0.4] * 3}), **DIRECTION, **SETS)
    assert (found.verdict, found.shown) == (verdict, shown)


def test_coarser_digits_can_hide_a_sign(printed, cell):
    """0.718 stands for up to 0.7185, so 0.7184 is not surely above it; 0.7186 is."""
    coarse = cell(0.718, decimals=3, s="b")
    for value, word in ((0.7184, "open"), (0.7186, "for")):
        found = printed([cell(value, decimals=4, s="a"), coarse], **DIRECTION)
        assert [line.word for line in found.lines] == [word]


@pytest.mark.parametrize(
    ("region", "verdict"),
    [
        ({"at_least": 2}, "borne out by its table"),
        ({"at_least": 2.2}, "not borne out"),
        ({"about": 2, "within": "10%", "reason": "printed with two digits"}, "borne out by its table"),
        # with both sides rounded it is anything from .795 / .405 = 1.96 to .805 / .395 = 2.04
        ({"at_least": 2.02}, "not testable"),
    ],
)
def test_a_ratio_at_its_digits(printed, cell, region, verdict):
    cells = table(cell, {"a": [0.80], "b": [0.40]})
    assert printed(cells, **{**DIRECTION, "contrast": "ratio", "region": region}).verdict == verdict


def test_a_chain_holds_where_every_link_does(printed, cell):
    cells = table(cell, {"a": [0.5, 0.5], "b": [0.4, 0.4], "c": [0.3, 0.45]})
    found = printed(cells, order=[{"s": "a"}, {"s": "b"}, {"s": "c"}], **SETS)
    assert (found.verdict, found.shown) == ("not borne out", "1 of 2")


MOST = {"system": {"s": "a"}, "than": [{"s": "b"}, {"s": "c"}], "region": {"above": 0}, "needs": "most"}


@pytest.mark.parametrize(
    ("a", "verdict"),
    [
        ([9, 9, 9, 1, 1], "borne out by its table"),
        # 2 of 5, b first in 2 of the others and c in 1: no more than b
        ([9, 9, 1, 1, 1], "not borne out"),
        ([9, 1, 1, 1, 1], "not borne out"),
    ],
)
def test_first_in_most(printed, cell, a, verdict):
    cells = table(cell, {"a": a, "b": [5, 5, 5, 5, 2], "c": [3, 3, 3, 3, 3]}, decimals=0)
    assert printed(cells, **MOST, **SETS).verdict == verdict


def test_first_more_often_than_any_other_is_partly(printed, cell):
    """Two places of four for a, one for b and one for c: not more than half, and more than any other."""
    cells = table(cell, {"a": [9, 9, 1, 1], "b": [5, 5, 5, 2], "c": [3, 3, 3, 3]}, decimals=0)
    found = printed(cells, **MOST, **SETS)
    assert (found.verdict, found.shown) == ("partly", "2 of 4")


def test_marks_are_what_the_paper_calls_significant(printed, cell):
    cells = table(cell, {"a": ["0.5*", 0.5, "0.3*"], "b": [0.4] * 3})
    found = printed(cells, **DIRECTION, **SETS, mark="significant")
    assert (found.verdict, found.shown) == ("not borne out", "1 of 3 with the mark significant")


@pytest.mark.parametrize(("holds", "verdict"), [(2, "borne out by its table"), (1, "not borne out")])
def test_an_audit_counts_again(printed, cell, holds, verdict):
    cells = table(cell, {"a": [0.5, 0.4, 0.3], "b": [0.4] * 3, "c": [0.1] * 3})
    audit = {"holds": holds, "of": 3, "shared": True}
    assert printed(cells, **MOST, **SETS, origin="ours", audit=audit).verdict == verdict


def test_numbers_that_were_not_read_and_numbers_that_are_not_there(printed, cell):
    cells = table(cell, {"a": [0.5], "b": [0.4]})
    absent = {**DIRECTION, "than": {"s": "x"}}
    assert printed(cells, **absent, unread="Table 5 was not legible").verdict == "unread"
    assert printed(cells, **DIRECTION, unread="Table 5 was not legible").verdict == "borne out by its table"
    found = printed(cells, **absent)
    assert (found.verdict, found.text) == ("not testable", "The paper prints no such numbers.")


@pytest.mark.parametrize(
    ("stated", "verdict"), [(0.5, "borne out by its table"), (0.6, "not borne out"), (None, "not testable")]
)
def test_a_value_that_the_text_states(printed, cell, stated, verdict):
    """Published values are what ours are compared with; only one that the text states is asked of them."""
    fields = {"contrast": "value", "system": {"s": "a"}, "region": {"within": 0.01, "reason": "a hundredth"}}
    fields |= {} if stated is None else {"value": stated}
    assert printed(table(cell, {"a": [0.5]}), **fields).verdict == verdict


def test_whatever_the_dataset(printed, cell):
    cells = table(cell, {"a": [0.5, 0.3], "b": [0.4] * 2})
    assert printed(cells, **DIRECTION, **SETS, within=["dataset"]).verdict == "partly"
