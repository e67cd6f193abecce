"""Verdicts as a reader sees them: a mark, a word and a colour, of which the word alone is enough."""

from __future__ import annotations

from html import escape

from reprise.claims.verdict import (
    BORNE_OUT,
    CHECK_FAILS,
    CHECK_HOLDS,
    NOT_BORNE_OUT,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    UNDECIDED,
    UNREAD,
)

MARKS = {
    REPRODUCED: "✓",
    BORNE_OUT: "✓",
    PARTLY: "◐",
    NOT_REPRODUCED: "✗",
    NOT_BORNE_OUT: "✗",
    UNDECIDED: "?",
    NOT_TESTABLE: "–",
    UNREAD: "…",
    CHECK_HOLDS: "☑",
    CHECK_FAILS: "☒",
}
NOT_RUN = "not run"
SMOKE_NOTE = "On the smoke profile verdicts are computed and not meaningful: the data is cut too small."

# Translucent, so that they lie on light and on dark pages; the text keeps the page's own colour.
_GREEN, _RED, _GREY = "rgba(0,158,115,.22)", "rgba(213,94,0,.25)", "rgba(128,128,128,.15)"
_TINTS = {
    REPRODUCED: _GREEN,
    BORNE_OUT: _GREEN,
    PARTLY: "rgba(230,159,0,.25)",
    NOT_REPRODUCED: _RED,
    NOT_BORNE_OUT: _RED,
    UNDECIDED: "rgba(86,180,233,.28)",
    NOT_TESTABLE: _GREY,
    UNREAD: _GREY,
    CHECK_HOLDS: _GREY,
    CHECK_FAILS: _RED,
}


def badge_text(verdict: str) -> str:
    """The mark and the word.

    >>> badge_text("reproduced"), badge_text("not run")
    ('✓ reproduced', 'not run')
    """
    return f"{MARKS[verdict]} {verdict}" if verdict in MARKS else verdict


def badge_html(verdict: str, meaningful: bool = True) -> str:
    """A badge as HTML with its own inline style, so that it reads in a notebook and on the site."""
    kind = verdict.replace(" ", "-")
    faint = "" if meaningful else " (not meaningful at this size)"
    border = "solid" if meaningful else "dashed"
    return (
        f'<span class="badge {kind}" style="background:{_TINTS.get(verdict, "transparent")};'
        f"border:1px {border} rgba(128,128,128,.6);border-radius:.8em;padding:.05em .55em;"
        f'white-space:nowrap">{escape(badge_text(verdict))}</span>{faint}'
    )
