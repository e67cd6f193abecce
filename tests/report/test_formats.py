"""A grid in every format: escapes, alignment, groups, badges."""

import pytest

from reprise.report.formats import escape_latex, to_csv, to_html, to_latex, to_markdown
from reprise.report.grid import Column, Grid, Heading, Text

GRID = Grid(
    "A & B",
    [
        Column("system"),
        Column("MAP", "dl19", True),
        Column("R@100", "dl19", True),
        Column("MAP", "dl20", True),
    ],
    [
        Heading("100 % <b>"),
        [
            Text("x_1|y"),
            Text("0.5", bold=True, above="a b", aside="[0.4, 0.6]"),
            Text("1"),
            Text("", verdict="partly"),
        ],
    ],
    ["p < 0.05"],
    "t",
)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50 % & _x_", r"50 \% \& \_x\_"),
        ("a\\b", r"a\textbackslash{}b"),
        ("x^2 ~ {y} #1 $", r"x\textasciicircum{}2 \textasciitilde{} \{y\} \#1 \$"),
        ("−0.1 ↑ ✓", r"$-$0.1 $\uparrow$ $+$"),
    ],
)
def test_latex_escapes(text, latex):
    assert escape_latex(text) == latex


def test_latex_has_groups_rules_and_no_bare_special():
    latex = to_latex(GRID)
    assert r" & \multicolumn{2}{c}{dl19} & \multicolumn{1}{c}{dl20} \\" in latex
    assert r"\cmidrule(lr){2-3} \cmidrule(lr){4-4}" in latex
    assert (
        r"x\_1|y & \textbf{0.5}\textsuperscript{a b} {\scriptsize [0.4, 0.6]} & 1 & $\pm$ partly \\" in latex
    )
    assert r"\begin{tabular}{lrrr}" in latex and r"\caption{A \& B}" in latex


def test_markdown_keeps_its_columns():
    lines = to_markdown(GRID).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in table} == {5}
    assert r"x\_1\|y | **0.5**<sup>a b</sup> [0.4, 0.6] | 1 | ◐ partly |" in lines[-3]


def test_html_is_escaped_and_grouped():
    html = to_html(GRID)
    assert "100 % &lt;b&gt;" in html and 'colspan="2" style="text-align:center">dl19</th>' in html
    assert "◐ partly" in html and "p &lt; 0.05" in html


def test_csv():
    assert to_csv(GRID).splitlines() == [
        "system,dl19 MAP,dl19 R@100,dl20 MAP",
        "100 % <b>",
        'x_1|y,"0.5 [0.4, 0.6]",1,partly',
    ]


def test_a_table_without_rows_shows_its_note_alone():
    empty = Grid("c", [Column("a")], [], ["nothing here"])
    assert to_html(empty) == "<p>nothing here</p>" and to_markdown(empty) == "nothing here\n"
