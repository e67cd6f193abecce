"""Tables by hand-made cells: every number, mark and format can be redone with pencil and paper."""

import csv
import io

import pytest

from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.study import TableSpec
from reprise.report.grid import Heading
from reprise.report.published_table import make_published_table
from reprise.report.tables import make_table

ROWS = [
    ("Alone", {}),
    ("dense & co", {"stage": "dense"}),
    ("Fused", {}),
    ("BM25_fused", {"stage": "fused", "sparse": "bm25"}),
]
SPEC = TableSpec("t", "Effectiveness", ROWS, ["MAP", "nDCG@10"])


def texts(table, grid=0):
    return [
        [row.text] if isinstance(row, Heading) else [c.text for c in row] for row in table.grids[grid].rows
    ]


def test_our_means_stand_under_their_measures(cells):
    table = make_table(SPEC, cells, Cells([]))
    assert texts(table) == [
        ["Alone"],
        ["dense & co", "0.4000", "0.6000"],
        ["Fused"],
        ["BM25_fused", "0.5000", "0.5500"],
    ]
    bold = [[c.bold for c in row] for row in table.grids[0].rows if not isinstance(row, Heading)]
    assert bold == [[False, False, True], [False, True, False]]


def test_less_is_better_where_the_table_says_so(cells):
    spec = TableSpec("t", "c", ROWS, ["MAP"], lower=["MAP"])
    rows = [r for r in make_table(spec, cells, Cells([])).grids[0].rows if not isinstance(r, Heading)]
    assert [row[1].bold for row in rows] == [True, False]


def test_a_measure_that_ranks_nothing_has_no_best(cells):
    spec = TableSpec("t", "c", ROWS, ["MAP"], unranked=["MAP"])
    rows = [r for r in make_table(spec, cells, Cells([])).grids[0].rows if not isinstance(r, Heading)]
    assert not any(row[1].bold for row in rows)


def test_where_all_print_alike_none_is_best():
    same = Cells([Cell("toy", "MAP", {"stage": s}, 0.50001 + i / 1e6) for i, s in enumerate("ab")])
    spec = TableSpec("t", "c", [(s, {"stage": s}) for s in "ab"], ["MAP"])
    assert not any(cell.bold for row in make_table(spec, same, Cells([])).grids[0].rows for cell in row)


def test_values_that_print_alike_share_the_best_place():
    close = Cells(
        [Cell("toy", "MAP", {"stage": s}, v) for s, v in zip("abc", (0.50001, 0.500012, 0.4), strict=True)]
    )
    spec = TableSpec("t", "c", [(s, {"stage": s}) for s in "abc"], ["MAP"])
    rows = make_table(spec, close, Cells([])).grids[0].rows
    assert [row[1].bold for row in rows] == [True, True, False]


def test_best_within_a_block():
    spec = TableSpec(
        "t",
        "c",
        [("x", {}), ("a", {"s": "a"}), ("b", {"s": "b"}), ("y", {}), ("c", {"s": "c"}), ("d", {"s": "d"})],
        ["MAP"],
        best="block",
    )
    four = Cells([Cell("toy", "MAP", {"s": s}, v) for s, v in zip("abcd", (0.1, 0.2, 0.9, 0.8), strict=True)])
    rows = [r for r in make_table(spec, four, Cells([])).grids[0].rows if not isinstance(r, Heading)]
    assert [row[1].bold for row in rows] == [False, True, True, False]


def test_student_intervals_of_four_topics(cells):
    """dense by MAP: sd 0.163299, t(0.975, 3) = 3.182446: 0.4 -+ 3.182446 * 0.163299 / 2."""
    rows = make_table(SPEC, cells, Cells([])).grids[0].rows
    half = 3.182446 * 0.163299 / 2
    assert rows[1][1].aside == f"[{0.4 - half:.4f}, {0.4 + half:.4f}]"
    assert any("Student's t, n = 4" in note for note in make_table(SPEC, cells, Cells([])).grids[0].notes)


def test_published_ours_difference_interval_verdict(cells):
    published = Cells(
        [
            Cell("toy", "MAP", {"stage": "dense"}, 0.391, decimals=3),
            Cell("toy", "MAP", {"stage": "fused", "sparse": "bm25"}, 0.9, decimals=3),
        ]
    )
    table = make_table(SPEC, cells, published)
    assert [c.title for c in table.grids[0].columns[1:6]] == [
        "published",
        "ours",
        "difference",
        "interval",
        "verdict",
    ]
    assert texts(table)[1][1:4] == ["0.391", "0.400", "+0.009"]
    assert texts(table)[1][5] == "✓ in interval"
    assert texts(table)[3][1:4] == ["0.900", "0.500", "−0.400"]
    assert texts(table)[3][5] == "✗ below"


def test_a_published_number_of_another_dataset_is_no_twin(cells):
    elsewhere = Cells([Cell("dl19", "MAP", {"stage": "dense"}, 0.4)])
    assert [c.title for c in make_table(SPEC, cells, elsewhere).grids[0].columns] == [
        "system",
        "MAP",
        "nDCG@10",
    ]


def test_a_value_claim_decides_where_it_speaks_of_the_cell(cells):
    from reprise.claims.judge import judge
    from reprise.claims.ledger import parse_ledger

    ledger = parse_ledger(
        {
            "paper": {"arxiv": "1", "version": "v1"},
            "claims": [
                {
                    "id": "v",
                    "claim": "The values are these.",
                    "source": "Table 1",
                    "contrast": "value",
                    "system": {"stage": "dense"},
                    "region": {"within": 0.005, "reason": "the digits as printed"},
                    "refuted_by": "a value further off",
                }
            ],
        }
    )
    published = Cells([Cell("toy", "MAP", {"stage": "dense"}, 0.391, decimals=3)])
    verdicts = judge(ledger, cells, published, "default")
    assert texts(make_table(SPEC, cells, published, verdicts=verdicts))[1][5] == "✗ above tolerance"


def test_a_row_that_fits_two_cells_is_refused(cells):
    two = Cells([*cells, Cell("toy", "MAP", {"stage": "dense", "k": "3"}, 0.1)])
    with pytest.raises(InputError, match="'t' does not say which cell"):
        make_table(SPEC, two, Cells([]))


def test_csv_has_one_row_a_number(cells):
    rows = list(csv.DictReader(io.StringIO(make_table(SPEC, cells, Cells([])).to_csv())))
    assert [(r["row"], r["measure"], r["ours"], r["n"], r["best"]) for r in rows] == [
        ("Alone: dense & co", "MAP", "0.4", "4", ""),
        ("Alone: dense & co", "nDCG@10", "0.6", "4", "best"),
        ("Fused: BM25_fused", "MAP", "0.5", "4", "best"),
        ("Fused: BM25_fused", "nDCG@10", "0.55", "4", ""),
    ]


def test_latex_is_escaped_and_has_booktabs_rules(cells):
    latex = make_table(SPEC, cells, Cells([])).to_latex()
    assert r"dense \& co & 0.4000" in latex and r"BM25\_fused" in latex and r"\textbf{0.5000}" in latex
    assert [latex.count(rule) for rule in (r"\toprule", r"\bottomrule")] == [1, 1]


def test_html_is_escaped_and_names_its_rows_and_columns(cells):
    html = make_table(SPEC, cells, Cells([]))._repr_html_()
    assert "dense &amp; co" in html and "<b>0.5000</b>" in html
    assert html.count('scope="row"') == 2 and html.count('scope="col"') == 3 and "<caption" in html


def test_counts_are_printed_as_counts():
    counts = Cells(
        [Cell("toy", "documents", {"domain": d}, v) for d, v in (("numpy", 612.0), ("scipy", 7012.0))]
    )
    spec = TableSpec("sizes", "c", [(d, {"domain": d}) for d in ("numpy", "scipy")], ["documents"])
    assert texts(make_table(spec, counts, Cells([]))) == [["numpy", "612"], ["scipy", "7012"]]


def test_a_published_row_takes_the_cell_without_other_factors():
    spec = TableSpec("t", "c", [("dense", {"stage": "dense"})], ["MAP"])
    plain, other = ({"stage": "dense"}, {"stage": "dense", "k": "3"})
    both = Cells([Cell("dl19", "MAP", plain, 0.4, decimals=2), Cell("dl19", "MAP", other, 0.5, decimals=2)])
    assert make_published_table(spec, both).rows[0][1].text == "0.40"
    two = Cells([Cell("dl19", "MAP", {"stage": "dense", "k": k}, 0.4) for k in ("3", "5")])
    with pytest.raises(InputError, match="several published cells"):
        make_published_table(spec, two)


def test_a_table_says_what_was_not_read():
    spec = TableSpec("t", "c", [("dense", {"stage": "dense"})], ["MAP"])
    cells = [Cell("dl19", "MAP", {"stage": "dense"}, 0.4)]
    notes = make_published_table(spec, Cells(cells), ["its appendix could not be opened"]).notes
    assert notes == ["What else the paper prints was not read: its appendix could not be opened."]
    assert make_published_table(spec, Cells(cells)).notes == []
