"""Claims and verdicts as tables and sentences, all generated from the ledger and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from reprise.claims.claim import Claim
from reprise.claims.verdict import NOT_REPRODUCED, UNDECIDED, Verdict
from reprise.errors import ParameterError
from reprise.report.badges import SMOKE_NOTE, badge_html, badge_text
from reprise.report.forest import STYLE, forest_html
from reprise.report.grid import Column, Grid, Piece, Text
from reprise.report.verdicts import APART, Judged

NO_CLAIMS = "This study makes no claims: it has no ledger."
MOST_NAMED = 8
SOURCES = {"published": "On the paper's own numbers", "ours": "On ours"}
ASIDES = {
    "ours": "(ours, not the paper's)",
    "second-hand": "(second-hand: not read in the paper)",
    "by construction": "(fixed by the set-up: a check of the code)",
}


def claims_grid(judged: Judged) -> Grid:
    """The ledger: claim, where it stands, and what the paper's own numbers say of it."""
    published = judged.on("published")
    rows = [
        [
            Text(claim.id),
            Text(claim.claim, aside=ASIDES.get(claim.counted, "")),
            Text(claim.contrast),
            Text(str(claim.source)),
            Text(published[claim.id].shown if claim.id in published else ""),
        ]
        for claim in judged.ledger
    ]
    columns = [Column(title) for title in ("id", "claim", "contrast", "where", "published")]
    return Grid("Claims", columns, rows, () if rows else (NO_CLAIMS,), "claims")


def verdicts_grid(judged: Judged) -> Grid:
    """Each claim with its verdict on both sources, and what it rests on."""
    published, ours = judged.on("published"), judged.on("ours")
    rows = [
        [
            Text(claim.id),
            Text(claim.claim),
            *(
                _verdict_cell(verdicts[claim.id]) if claim.id in verdicts else Text("")
                for verdicts in (published, ours)
            ),
        ]
        for claim in judged.ledger
    ]
    profile = judged.results.profile if judged.results else ""
    columns = [
        Column("id"),
        Column("claim"),
        Column("the paper's numbers"),
        Column(f"ours ({profile})" if profile else "ours"),
    ]
    notes = [] if rows else [NO_CLAIMS]
    if rows and profile == "smoke":
        notes.append(SMOKE_NOTE)
    notes += [f"{v.id}: {v.suspicious}." for v in ours.values() if v.suspicious]
    return Grid("Verdicts", columns, rows, notes, "verdicts")


def _verdict_cell(verdict: Verdict) -> Text:
    return Text(verdict.shown, verdict=verdict.verdict)


def sentences(judged: Judged, ids: Sequence[str]) -> Piece:
    """What was found on the named claims, one item a claim and source; `ParameterError` for an unknown id."""
    known = [claim.id for claim in judged.ledger]
    unknown = sorted(set(ids) - set(known))
    if unknown:
        raise ParameterError("the ledger has no such claim", given=unknown, remedy=f"choose from {known}")
    items = [(c, [v for v in judged.verdicts if v.id == c.id]) for c in judged.ledger if c.id in ids]
    html = "".join(_claim_html(claim, verdicts) for claim, verdicts in items)
    return Piece(
        f"<style>{STYLE}</style>{html}",
        "\n".join(_claim_markdown(claim, verdicts) for claim, verdicts in items),
    )


def _claim_html(claim: Claim, verdicts: Sequence[Verdict]) -> str:
    from html import escape

    found = "".join(
        f"<li>{SOURCES[v.judged_on]}: {badge_html(v.verdict, v.meaningful)} {escape(v.text)}"
        + (f" <em>Suspicious: {escape(v.suspicious)}.</em>" if v.suspicious else "")
        + forest_html(v)
        + "</li>"
        for v in verdicts
    )
    return f'<div class="claim"><p><b>{escape(claim.id)}</b>: {escape(claim.claim)}</p><ul>{found}</ul></div>'


def _claim_markdown(claim: Claim, verdicts: Sequence[Verdict]) -> str:
    found = [
        f"- {SOURCES[v.judged_on]}: **{badge_text(v.verdict)}**"
        + ("" if v.meaningful else " (not meaningful at this size)")
        + f". {v.text}"
        + (f" Suspicious: {v.suspicious}." if v.suspicious else "")
        for v in verdicts
    ]
    return "\n".join([f"**{claim.id}**: {claim.claim}", "", *found, ""])


def summary_text(judged: Judged) -> str:
    """One paragraph: how many claims came out how, on both sources, and which of ours did not."""
    if not judged.ledger:
        return NO_CLAIMS
    total = sum(claim.counted == "paper" for claim in judged.ledger)
    apart = ", ".join(f"{n} {APART[name]}" for name, n in judged.apart.items())
    counted = f"; counted apart: {apart}" if apart else ""
    parts = [f"The ledger holds {_count(total, 'claim')} of the paper{counted}."]
    if judged.on("published"):
        parts.append(f"On the paper's own numbers {_counted(judged.counts('published'))}.")
    if judged.results is not None:
        profile = judged.results.profile
        parts.append(f"On ours (profile {profile}) {_counted(judged.counts('ours'))}.")
        if profile != "smoke":
            parts += _named(judged, NOT_REPRODUCED) + _named(judged, UNDECIDED)
        if profile == "smoke":
            parts.append(SMOKE_NOTE)
    return " ".join(parts)


def _named(judged: Judged, word: str) -> list[str]:
    """The claims of ours with a verdict, in a sentence; the first few by name."""
    ids = [v.id for v in judged.on("ours").values() if v.verdict == word and v.counted == "paper"]
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return [f"{word.capitalize()}: {', '.join(ids[:MOST_NAMED])}{more}."] if ids else []


def overall(judged: Judged, source: str) -> str:
    """The counts of a source in a few words: "7 reproduced, 1 partly".

    Claims of the paper only; what counts apart follows in brackets.
    """
    counts = judged.counts(source)
    apart = ", ".join(f"{n} {APART[name]}" for name, n in judged.apart.items())
    said = ", ".join(f"{n} {word}" for word, n in counts.items() if n) or "no verdicts"
    return said + (f" (apart: {apart})" if apart and source == "ours" else "")


def _counted(counts: dict[str, int]) -> str:
    named = [
        f"{counts[word]} {'is' if counts[word] == 1 else 'are'} {_said(word)}"
        for word in counts
        if counts[word]
    ]
    return ", ".join(named) or "nothing can be judged"


def _said(word: str) -> str:
    return "partly reproduced" if word == "partly" else word


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
