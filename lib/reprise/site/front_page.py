"""The front page: every claim of every paper, on the paper's numbers and at each profile that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reprise.claims.verdict import CHECKS, PRINTED_VERDICTS, VERDICTS, Verdict
from reprise.errors import RepriseError
from reprise.experiment.study import Study
from reprise.report.badges import SMOKE_NOTE
from reprise.report.ledger_tables import ASIDES
from reprise.report.reading import Reading
from reprise.report.verdicts import APART, Judged

PROFILES = ("smoke", "default", "open", "paper")


@dataclass(frozen=True)
class Shelf:
    """A study with what there is of it: its ledger judged on published numbers, and a reading a profile."""

    study: Study
    judged: Judged
    readings: Mapping[str, Reading]

    @property
    def title(self) -> str:
        return self.study.paper.title if self.study.paper else self.study.name


def profiles_shown(shelves: Sequence[Shelf]) -> list[str]:
    """The profiles of the front page: smoke only where nothing else was run, as it says nothing."""
    run = [p for p in PROFILES if any(p in shelf.readings for shelf in shelves)]
    return [p for p in run if p != "smoke"] or run


def front_context(shelves: Sequence[Shelf], unshown: Mapping[str, RepriseError]) -> dict[str, Any]:
    """What the template of the front page is filled with; `unshown` says why a study is not there."""
    profiles = profiles_shown(shelves)
    sources = [{"key": "published", "title": "the paper's numbers"}]
    sources += [{"key": profile, "title": f"ours, {profile}"} for profile in profiles]
    studies = [_study(shelf, profiles) for shelf in shelves]
    return {
        "sources": sources,
        "studies": studies,
        "others": [_other(shelf, profiles) for shelf in shelves if not shelf.judged.ledger],
        "verdicts": list(dict.fromkeys((*VERDICTS, *PRINTED_VERDICTS, *CHECKS))),
        "total": sum(len(study["claims"]) for study in studies),
        "unshown": [{"name": name, "why": error.what} for name, error in unshown.items()],
        "smoke_note": SMOKE_NOTE if "smoke" in profiles else "",
    }


def _study(shelf: Shelf, profiles: Sequence[str]) -> dict[str, Any]:
    paper = shelf.study.paper
    counts = [_counts(shelf.judged, "published", "", "no numbers published")]
    counts += [
        _counts(shelf.readings[p].judged, "ours", link(shelf, p), "") if p in shelf.readings else _nothing()
        for p in profiles
    ]
    return {
        "name": shelf.study.name,
        "title": shelf.title,
        "venue": paper.venue if paper else "",
        "counts": counts,
        "apart": [f"{n} {APART[name]}" for name, n in shelf.judged.apart.items()],
        "claims": [
            {
                "id": claim.id,
                "text": claim.claim,
                "aside": ASIDES.get(claim.counted, ""),
                "cells": _cells(shelf, claim.id, profiles),
            }
            for claim in shelf.judged.ledger
        ],
    }


def _cells(shelf: Shelf, claim: str, profiles: Sequence[str]) -> list[dict[str, Any]]:
    any_page = next((link(shelf, p) for p in profiles if p in shelf.readings), "")
    published = shelf.judged.on("published").get(claim)
    cells = [_cell("published", "the paper's numbers", published, any_page, claim)]
    for profile in profiles:
        reading = shelf.readings.get(profile)
        verdict = reading.judged.on("ours").get(claim) if reading else None
        cells.append(
            _cell(profile, f"ours, {profile}", verdict, link(shelf, profile) if reading else "", claim)
        )
    return cells


def _cell(key: str, title: str, verdict: Verdict | None, page: str, claim: str) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "verdict": verdict.verdict if verdict else "",
        "shown": verdict.shown if verdict else "",
        "link": f"{page}#claim-{claim}" if page else "",
    }


def _counts(judged: Judged, source: str, page: str, empty: str) -> dict[str, Any]:
    counts = [(word, n) for word, n in judged.counts(source).items() if n]
    return {"counts": counts, "link": page, "empty": empty}


def _nothing() -> dict[str, Any]:
    return {"counts": [], "link": "", "empty": "not run"}


def link(shelf: Shelf, profile: str) -> str:
    """The page of a study's results, seen from the front page."""
    return f"{profile}/{shelf.study.name}/index.html"


def _other(shelf: Shelf, profiles: Sequence[str]) -> dict[str, str]:
    page = next((link(shelf, p) for p in profiles if p in shelf.readings), "")
    return {"title": shelf.title, "link": page}
