"""Superscripts: letters without limit, arrows against a baseline, only for what is significant."""

from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.study import TableSpec
from reprise.report.marks import find_marks


def record(left, right, difference, p):
    return {
        "dataset": "toy",
        "measure": "MAP",
        "left": left,
        "right": right,
        "difference": difference,
        "p_adjusted": p,
        "test": "paired t-test",
        "correction": "holm",
        "family": "all (2 comparisons)",
    }


def systems(*names):
    return Cells([Cell("toy", "MAP", {"s": n}, 0.5) for n in names])


def test_a_number_carries_the_letters_of_the_rows_it_beats():
    spec = TableSpec("t", "c", [(n, {"s": n}) for n in "xyz"], ["MAP"])
    found = find_marks(
        spec,
        systems(*"xyz"),
        [
            record({"s": "x"}, {"s": "y"}, -0.1, 0.01),
            record({"s": "z"}, {"s": "x"}, 0.1, 0.01),
            record({"s": "z"}, {"s": "y"}, 0.1, 0.06),
        ],
    )
    place = ("toy", "MAP")
    assert [found.of(i, place) for i in range(3)] == ["", "a", "a"]
    assert "a x, b y, c z" in found.legend and "holm over all (2 comparisons)" in found.legend


def test_there_is_no_limit_on_the_number_of_systems():
    names = [f"s{i}" for i in range(60)]
    spec = TableSpec("t", "c", [(n, {"s": n}) for n in names], ["MAP"])
    records = [record({"s": names[0]}, {"s": n}, 0.1, 0.001) for n in names[1:]]
    found = find_marks(spec, systems(*names), records)
    marks = found.of(0, ("toy", "MAP")).split()
    assert len(set(marks)) == 59 and "bh" in marks


def test_lower_is_better_turns_the_winner_round():
    spec = TableSpec("t", "c", [(n, {"s": n}) for n in "xy"], ["MAP"], lower=["MAP"])
    found = find_marks(spec, systems(*"xy"), [record({"s": "x"}, {"s": "y"}, 0.1, 0.01)])
    assert [found.of(i, ("toy", "MAP")) for i in range(2)] == ["", "a"]


def test_arrows_against_the_baseline_of_the_same_block():
    rows = [(f"{d}{s}", {"d": d, "s": s}) for d in "pq" for s in ("no", "pre", "post")]
    cells = Cells([Cell("toy", "MAP", f, 0.5) for _, f in rows])
    spec = TableSpec("t", "c", rows, ["MAP"], baseline={"s": "no"})
    records = [
        record({"d": "p", "s": "pre"}, {"d": "p", "s": "no"}, -0.1, 0.01),
        record({"d": "p", "s": "no"}, {"d": "p", "s": "post"}, -0.1, 0.01),
        record({"d": "q", "s": "pre"}, {"d": "q", "s": "post"}, 0.1, 0.01),
        record({"d": "q", "s": "pre"}, {"d": "p", "s": "no"}, 0.1, 0.01),
    ]
    found = find_marks(spec, cells, records)
    assert [found.of(i, ("toy", "MAP")) for i in range(6)] == ["", "↓", "↑", "", "", ""]


def test_rows_with_the_same_label_are_told_apart_by_their_block():
    rows = [("one", {}), ("x", {"b": "1", "s": "x"}), ("two", {}), ("x", {"b": "2", "s": "x"})]
    cells = Cells([Cell("toy", "MAP", f, 0.5) for _, f in rows if f])
    spec = TableSpec("t", "c", rows, ["MAP"])
    found = find_marks(spec, cells, [record(rows[1][1], rows[3][1], 0.1, 0.01)])
    assert "a x (one), b x (two)" in found.legend


def test_no_significant_difference_is_said_once_a_kind_of_family():
    spec = TableSpec("t", "c", [(n, {"s": n}) for n in "xyz"], ["MAP"])
    records = [record({"s": "x"}, {"s": n}, 0.1, 0.5) for n in "yz"]
    records[1]["family"] = "all (5 comparisons)"
    found = find_marks(spec, systems(*"xyz"), records)
    assert found.legend == (
        "No two rows differ significantly (paired t-test, holm over all (2 or 5 comparisons); level 0.05)."
    )


def test_without_comparisons_there_are_no_marks():
    spec = TableSpec("t", "c", [(n, {"s": n}) for n in "xy"], ["MAP"])
    assert find_marks(spec, systems(*"xy"), []).legend == ""


def test_a_row_that_two_baselines_fit_has_no_arrow():
    """A retriever alone against its fusions by two sparse models: above one and below the other."""
    rows = [("alone", {"d": "p", "s": "alone"})]
    rows += [(f"{m} {s}", {"d": "p", "m": m, "s": s}) for m in ("x", "y") for s in ("no", "post")]
    cells = Cells([Cell("toy", "MAP", f, 0.5) for _, f in rows])
    spec = TableSpec("t", "c", rows, ["MAP"], baseline={"s": "no"})
    records = [record(rows[0][1], rows[1][1], 0.1, 0.01), record(rows[0][1], rows[3][1], -0.1, 0.01)]
    records += [record(rows[2][1], rows[1][1], 0.1, 0.01), record(rows[4][1], rows[3][1], -0.1, 0.01)]
    found = find_marks(spec, cells, records)
    assert [found.of(i, ("toy", "MAP")) for i in range(5)] == ["", "", "↑", "", "↓"]
    assert found.legend.endswith("Rows that have several baselines have no arrow.")
