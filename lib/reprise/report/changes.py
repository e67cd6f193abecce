"""Which verdicts of stored results are others now than they were, and which rule changed each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprise.claims.verdict import BORNE_OUT, NOT_BORNE_OUT, NOT_REPRODUCED, REPRODUCED, Verdict
from reprise.report.verdicts import Judged

_OLD_WORDS = {REPRODUCED: BORNE_OUT, NOT_REPRODUCED: NOT_BORNE_OUT}
"""Results made before words of their own were given to the paper's numbers use those of reproduction."""


def changed_verdicts(judged: Judged, folder: Path) -> list[str]:
    """A line for every verdict that differs from the one in verdicts.json; none without that file.

    A claim whose row is new or gone is named as such.
    """
    file = folder / "verdicts.json"
    if not file.is_file():
        return []
    before = {_key(record): record for record in json.loads(file.read_bytes())["verdicts"]}
    now = {(v.judged_on, v.id): v for v in judged.verdicts}
    lines = [line for key, verdict in now.items() if (line := _line(verdict, before.get(key)))]
    gone = [f"{name} ({source}): the row is gone" for source, name in before if (source, name) not in now]
    return lines + gone


def _key(record: Mapping[str, Any]) -> tuple[str, str]:
    return record["judged_on"], record["id"]


def _line(verdict: Verdict, before: Mapping[str, Any] | None) -> str:
    where = f"{verdict.id} ({verdict.judged_on})"
    if before is None:
        return f"{where}: {verdict.verdict}, a new row"
    old = before["verdict"]
    if "rule" not in before and verdict.judged_on == "published":
        old = _OLD_WORDS.get(old, old)
    if old == verdict.verdict:
        return ""
    was = f" ({before['shown']})" if before.get("shown") else ""
    now = f" ({verdict.shown})" if verdict.shown else ""
    return f"{where}: {old}{was} -> {verdict.verdict}{now}; {verdict.rule}"
