"""A grid written down: HTML, Markdown, LaTeX (booktabs) and CSV.

LaTeX needs \\usepackage{booktabs} and nothing else; marks outside ASCII are written as commands.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from reprise.report.badges import badge_html, badge_text
from reprise.report.grid import Column, Grid, Heading, Text

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "✓": r"$+$",
    "✗": r"$-$",
    "◐": r"$\pm$",
    "–": "--",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≥": r"$\ge$",
    "≤": r"$\le$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "Δ": r"$\Delta$",
}


def to_html(grid: Grid) -> str:
    """The grid as an HTML table: caption, header cells with scope, notes in a paragraph below."""
    if not grid.rows:  # an empty table says nothing, its notes say why
        return "".join(f"<p>{escape(note)}</p>" for note in grid.notes)
    head = _html_head(grid.columns)
    body = "".join(_html_row(row, grid.columns) for row in grid.rows)
    notes = "".join(f'<p class="note"><small>{escape(note)}</small></p>' for note in grid.notes)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(grid.caption)}" '
        f'style="overflow-x:auto"><table><caption style="caption-side:top;text-align:left">'
        f"{escape(grid.caption)}</caption><thead>{head}</thead><tbody>{body}</tbody></table></div>{notes}"
    )


def to_markdown(grid: Grid) -> str:
    """The grid as a GitHub table; a group's heading is repeated in its columns."""
    if not grid.rows:
        return "\n\n".join(map(escape_markdown, grid.notes)) + "\n"
    titles = [f"{c.group} {c.title}".strip() for c in grid.columns]
    lines = [
        f"**{escape_markdown(grid.caption)}**",
        "",
        _markdown_row(map(escape_markdown, titles)),
        _markdown_row("---:" if c.number else ":---" for c in grid.columns),
    ]
    for row in grid.rows:
        if isinstance(row, Heading):
            lines.append(_markdown_row([f"*{escape_markdown(row.text)}*", *[""] * (len(grid.columns) - 1)]))
        else:
            lines.append(_markdown_row(map(_markdown_cell, row)))
    for note in grid.notes:
        lines += ["", escape_markdown(note)]
    return "\n".join(lines) + "\n"


def to_latex(grid: Grid) -> str:
    """The grid as a LaTeX table environment with booktabs rules; the notes follow the tabular."""
    columns = "".join("r" if c.number else "l" for c in grid.columns)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escape_latex(grid.caption)}}}",
        rf"\label{{tab:{re.sub('[^a-zA-Z0-9-]+', '-', grid.name or grid.caption)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *_latex_head(grid.columns),
        r"\midrule",
    ]
    for number, row in enumerate(grid.rows):
        if isinstance(row, Heading):
            lines += [r"\midrule"] * (number > 0)
            lines.append(
                rf"\multicolumn{{{len(grid.columns)}}}{{l}}{{\textit{{{escape_latex(row.text)}}}}} \\"
            )
        else:
            lines.append(" & ".join(map(_latex_cell, row)) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip{{\footnotesize {escape_latex(note)}}}" for note in grid.notes]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def to_csv(grid: Grid) -> str:
    """The texts of the grid as CSV; headings are rows with one cell."""
    rows: list[Sequence[str]] = [[f"{c.group} {c.title}".strip() for c in grid.columns]]
    rows += [[row.text] if isinstance(row, Heading) else [str(cell) for cell in row] for row in grid.rows]
    return records_to_csv(rows)


def records_to_csv(rows: Sequence[Sequence[object]]) -> str:
    """Rows of values as CSV with Unix line ends; None is an empty field."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def escape_latex(text: str) -> str:
    """Text that LaTeX prints as it is.

    >>> escape_latex("R@100 of 50 % & more_or_less")
    'R@100 of 50 \\\\% \\\\& more\\\\_or\\\\_less'
    """
    return "".join(_LATEX.get(letter, letter) for letter in text)


def _groups(columns: Sequence[Column]) -> Iterator[tuple[str, int, int]]:
    """(heading, first column, how many) of neighbours with the same group."""
    for group, members in groupby(range(len(columns)), key=lambda i: columns[i].group):
        places = list(members)
        yield group, places[0], len(places)


def _html_head(columns: Sequence[Column]) -> str:
    grouped = any(c.group for c in columns)
    above = "".join(
        f'<th scope="colgroup" colspan="{size}" style="text-align:center">{escape(group)}</th>'
        if group
        else f'<td colspan="{size}"></td>'
        for group, _, size in _groups(columns)
    )
    titles = "".join(f'<th scope="col"{_align(c)}>{escape(c.title)}</th>' for c in columns)
    return (f"<tr>{above}</tr>" if grouped else "") + f"<tr>{titles}</tr>"


def _html_row(row: Heading | Sequence[Text], columns: Sequence[Column]) -> str:
    if isinstance(row, Heading):
        return (
            f'<tr class="heading"><th scope="rowgroup" colspan="{len(columns)}" style="text-align:left">'
            f"{escape(row.text)}</th></tr>"
        )
    first = f'<th scope="row" style="text-align:left;font-weight:normal">{_html_cell(row[0])}</th>'
    rest = [f"<td{_align(c)}>{_html_cell(t)}</td>" for c, t in zip(columns[1:], row[1:], strict=True)]
    return f"<tr>{first}{''.join(rest)}</tr>"


def _align(column: Column) -> str:
    return ' class="number" style="text-align:right"' if column.number else ' style="text-align:left"'


def _html_cell(cell: Text) -> str:
    text = f"<b>{escape(cell.text)}</b>" if cell.bold else escape(cell.text)
    parts = [
        badge_html(cell.verdict) + " " * bool(cell.text) if cell.verdict else "",
        text,
        f"<sup>{escape(cell.above)}</sup>" if cell.above else "",
        f" <small>{escape(cell.aside)}</small>" if cell.aside else "",
    ]
    return "".join(parts)


def escape_markdown(text: str) -> str:
    """Text for a cell of a Markdown table: on one line, with nothing in it read as markup.

    >>> escape_markdown("|nu_1|")
    '\\\\|nu\\\\_1\\\\|'
    """
    return re.sub(r"([|*_<])", r"\\\1", " ".join(text.split()))


def _markdown_row(cells: object) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_cell(cell: Text) -> str:
    text = f"**{escape_markdown(cell.text)}**" if cell.bold and cell.text else escape_markdown(cell.text)
    above = f"<sup>{escape_markdown(cell.above)}</sup>" if cell.above else ""
    badge = badge_text(cell.verdict) if cell.verdict else ""
    return " ".join(part for part in (badge, text + above, escape_markdown(cell.aside)) if part)


def _latex_head(columns: Sequence[Column]) -> list[str]:
    lines = []
    if any(c.group for c in columns):
        groups = list(_groups(columns))
        lines.append(
            " & ".join(
                rf"\multicolumn{{{n}}}{{c}}{{{escape_latex(g)}}}" if g else " & ".join([""] * n)
                for g, _, n in groups
            )
            + r" \\"
        )
        lines.append(" ".join(rf"\cmidrule(lr){{{start + 1}-{start + n}}}" for g, start, n in groups if g))
    lines.append(" & ".join(escape_latex(c.title) for c in columns) + r" \\")
    return lines


def _latex_cell(cell: Text) -> str:
    text = rf"\textbf{{{escape_latex(cell.text)}}}" if cell.bold and cell.text else escape_latex(cell.text)
    above = rf"\textsuperscript{{{escape_latex(cell.above)}}}" if cell.above else ""
    aside = rf"{{\scriptsize {escape_latex(cell.aside)}}}" if cell.aside else ""
    badge = escape_latex(badge_text(cell.verdict)) if cell.verdict else ""
    return " ".join(part for part in (badge, text + above, aside) if part)
