"""The page of a study on a profile: what it shows, put together from a reading and the files beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reprise.claims.verdict import Line, Says, Verdict
from reprise.report.badges import badge_html
from reprise.report.forest import STYLE, forest_html
from reprise.report.formats import to_html
from reprise.report.ledger_tables import ASIDES, SOURCES, summary_text
from reprise.report.publish import published_tables
from reprise.report.reading import Reading
from reprise.site.drilldown import drill_down

FORMATS = (("html", "HTML"), ("md", "Markdown"), ("tex", "LaTeX"), ("csv", "CSV"))


def study_context(reading: Reading, profiles: Sequence[str]) -> dict[str, Any]:
    """What the template of a study's page is filled with; `profiles` are the others that have results."""
    results, folder = reading.results, reading.results.folder
    drill = drill_down(reading)
    claims = _claims(reading)
    figures = [f for f in _figures(reading) if (folder / f["svg"]).is_file()]
    tables = _tables(reading)
    sections = [
        ("claims", "Claims", claims),
        ("tables", "Tables", tables),
        ("figures", "Figures", figures),
        ("topics", "Topics" if drill and drill.noun == "topic" else "Samples", drill),
        ("provenance", "Provenance", True),
    ]
    return {
        "title": title_of(reading),
        "study": results.study,
        "profile": results.profile,
        "profiles": profiles,
        "sections": [(id_, name) for id_, name, there in sections if there],
        "card": Markup(reading.card()._repr_html_()),
        "summary": summary_text(reading.judged),
        "claims": claims,
        "forest_style": Markup(STYLE),
        "tables": tables,
        "figures": figures,
        "topics": Markup(_script_json(drill.data)) if drill else "",
        "topics_note": drill.note if drill else "",
        "noun": drill.noun if drill else "",
        "notebook": (folder / "notebook.ipynb").is_file(),
        "verdicts_file": (folder / "verdicts.json").is_file(),
        "command": command(reading),
        "provenance": Markup(to_html(reading.provenance())),
    }


def title_of(reading: Reading) -> str:
    """The paper's title, or the study's name."""
    return reading.study.paper.title if reading.study.paper else reading.study.name


def command(reading: Reading) -> str:
    """What makes the study's results, tables and figures."""
    return f"make {reading.results.study} PROFILE={reading.results.profile}"


def _claims(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "id": claim.id,
            "text": claim.claim,
            "where": str(claim.source),
            "contrast": claim.contrast,
            "aside": ASIDES.get(claim.counted, ""),
            "refuted_by": claim.refuted_by,
            "found": [_found(v) for v in reading.judged.verdicts if v.id == claim.id],
        }
        for claim in reading.judged.ledger
    ]


def _found(verdict: Verdict) -> dict[str, Any]:
    return {
        "source": SOURCES[verdict.judged_on],
        "badge": Markup(badge_html(verdict.verdict, verdict.meaningful)),
        "text": verdict.text,
        "forest": Markup(forest_html(verdict)),
        "suspicious": verdict.suspicious,
        "lines": [_line(line) for line in (*verdict.lines, *verdict.joint)],
    }


def _line(line: Line) -> dict[str, str]:
    """A contrast as a row of text."""
    interval = "" if line.low is None else f"{line.low:.4g} to {line.high:.4g}"
    return {
        "place": f"{line.place} (together, {line.text})" if line.text.endswith("alone") else line.place,
        "estimate": "" if line.estimate is None else f"{line.estimate:.4g}",
        "interval": interval,
        "paper": "" if line.paper is None else f"{line.paper:.4g}",
        "word": f"{line.word}: {line.text}" if line.word == Says.UNTESTED else line.word,
    }


def _tables(reading: Reading) -> list[Mapping[str, Any]]:
    folder = reading.results.folder
    tables = [
        {
            "name": spec.name,
            "html": Markup(reading.table(spec.name)._repr_html_()),
            "command": command(reading),
        }
        for spec in reading.study.tables(reading.results)
    ]
    source = f"params/published/{reading.results.study}.yaml"
    tables += [
        {"name": grid.name, "html": Markup(to_html(grid)), "command": "", "source": source}
        for grid in published_tables(reading)
    ]
    return [{**table, "files": _files(folder, f"tables/{table['name']}")} for table in tables]


def _files(folder: Path, stem: str) -> list[dict[str, str]]:
    return [
        {"href": f"{stem}.{kind}", "kind": name}
        for kind, name in FORMATS
        if (folder / f"{stem}.{kind}").is_file()
    ]


def _figures(reading: Reading) -> list[dict[str, str]]:
    return [
        {
            "name": spec.name,
            "caption": spec.caption,
            "alt": spec.alt or f"Figure: {spec.caption}",
            "svg": f"figures/{spec.name}.svg",
            "png": f"figures/{spec.name}.png",
        }
        for spec in reading.study.figures(reading.results)
    ]


def _script_json(data: object) -> str:
    """JSON that can stand in a script element: no "<" in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")
