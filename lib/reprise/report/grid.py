"""A table as it is shown anywhere: columns with a group above them, cells with a little mark-up, notes below.

Every table of the report (numbers, claims, comparisons, provenance) is a `Grid`; `reprise.report.formats`
writes it as HTML, Markdown, LaTeX and CSV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """What stands in a cell: `above` is a superscript, `aside` follows it smaller.

    `verdict` is one of the words of `reprise.claims.verdict` and is shown as a badge before the text.
    """

    text: str
    bold: bool = False
    above: str = ""
    aside: str = ""
    verdict: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.verdict, self.text, self.aside) if part)


@dataclass(frozen=True)
class Column:
    """A column: `group` is the heading it shares with its neighbours, `number` aligns it to the right."""

    title: str
    group: str = ""
    number: bool = False


@dataclass(frozen=True)
class Heading:
    """A row that is one heading over all columns."""

    text: str


Row = Heading | Sequence[Text]


@dataclass(frozen=True)
class Grid:
    """A table; the first column names the row. It shows itself in a notebook."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    name: str = ""

    def _repr_html_(self) -> str:
        from reprise.report.formats import to_html

        return to_html(self)

    def _repr_markdown_(self) -> str:
        from reprise.report.formats import to_markdown

        return to_markdown(self)

    def __repr__(self) -> str:
        return f"<table {self.name or self.caption!r}, {len(self.rows)} rows>"


@dataclass(frozen=True)
class Piece:
    """Something shown that is no table: the same content as HTML and as Markdown."""

    html: str
    markdown: str

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown
