"""What a run prints at its end: every claim with what the paper's numbers and ours make of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
    Verdict,
)
from reprise.errors import RepriseError, passed_over
from reprise.experiment.results import Results
from reprise.report.badges import SMOKE_NOTE, badge_text
from reprise.report.ledger_tables import overall
from reprise.report.verdicts import Judged, judge_study

_COLOURS = {
    REPRODUCED: "green",
    BORNE_OUT: "green",
    PARTLY: "yellow",
    NOT_REPRODUCED: "red",
    NOT_BORNE_OUT: "red",
    UNDECIDED: "cyan",
    NOT_TESTABLE: "dim",
    UNREAD: "dim",
    CHECK_HOLDS: "dim",
    CHECK_FAILS: "red",
}
_ASIDE = {"ours": "ours", "second-hand": "second-hand", "by construction": "a check of the code"}


def print_claims(
    results: Sequence[Results], root: Path | None = None, failures: dict[str, RepriseError] | None = None
) -> list[Judged]:
    """Print a table for every study that has a ledger, and one line on each; nothing is run.

    With `failures` a study that cannot be judged is kept there and passed over. Returned are those that were
    judged.
    """
    from rich.console import Console

    from reprise.experiment.project import find_root

    console = Console(width=None if Console().is_terminal else 140, highlight=False)
    root = root or find_root()
    found = []
    for one in results:
        with passed_over(one.study, failures):
            judged = judge_study(one.study, root, one)
            if judged.ledger:
                _print_study(console, judged)
            found.append(judged)
    return found


def _print_study(console: object, judged: Judged) -> None:
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    results = judged.results
    table = Table(
        "claim",
        "the paper's numbers",
        "ours",
        "verdict",
        title=f"{judged.study} on {results.profile}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    published, ours = judged.on("published"), judged.on("ours")
    for claim in judged.ledger:
        ink, mine = published.get(claim.id), ours.get(claim.id)
        table.add_row(
            escape(claim.claim)
            + (f" [dim]({_ASIDE[claim.counted]})[/dim]" if claim.counted in _ASIDE else ""),
            Text(
                ": ".join(filter(None, (badge_text(ink.verdict), ink.shown))) if ink else "",
                _COLOURS[ink.verdict] if ink else "",
            ),
            mine.shown if mine else "",
            _verdict(mine),
        )
    console.print(table)
    said = (
        f"{judged.study}: the paper's numbers {overall(judged, 'published')}; ours {overall(judged, 'ours')}"
    )
    console.print(said, markup=False)
    if results.profile == "smoke":
        console.print(SMOKE_NOTE, style="dim")
    console.print()


def _verdict(verdict: Verdict | None) -> object:
    from rich.text import Text

    if verdict is None:
        return ""
    if not verdict.meaningful:
        return Text(f"({badge_text(verdict.verdict)})", "dim")
    return Text(badge_text(verdict.verdict), _COLOURS[verdict.verdict])
