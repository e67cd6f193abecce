"""What of the README is generated: tables of verdicts, and single numbers that come from results.

    <!-- reprise:verdicts -->
    <!-- /reprise:verdicts -->
    <!-- reprise:claims -->
    <!-- /reprise:claims -->
    <!-- reprise:table default/scaling/work -->
    <!-- /reprise:table -->
    about <!-- reprise:value minutes:default --><!-- /reprise:value --> minutes

Keys of values: `minutes:<profile>` and `minutes:<profile>:<study>` (computing time; a unit that studies share
counts once), `documents:<collection>` (of the default profile), `gigabytes:<profile>` (of what it needs from
outside and publishes a size). A table is one of a study's. Smoke results never stand in the README.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from reprise.claims.verdict import CHECK_FAILS, CHECK_HOLDS, UNDECIDED, UNREAD, VERDICTS
from reprise.errors import InputError
from reprise.report.badges import MARKS
from reprise.report.formats import escape_markdown
from reprise.report.verdicts import APART, Judged
from reprise.site.front_page import PROFILES, Shelf

_BLOCK = re.compile(r"(<!-- reprise:verdicts -->\n).*?(<!-- /reprise:verdicts -->)", re.DOTALL)
_CLAIMS = re.compile(r"(<!-- reprise:claims -->\n).*?(<!-- /reprise:claims -->)", re.DOTALL)
_TABLE = re.compile(r"(<!-- reprise:table (\w+)/(\w+)/([\w-]+) -->\n).*?(<!-- /reprise:table -->)", re.DOTALL)
_VALUE = re.compile(r"(<!-- reprise:value (\S+) -->).*?(<!-- /reprise:value -->)", re.DOTALL)
NOT_THERE = "(not run yet)"


def rewrite_readme(root: Path) -> bool:
    """Bring the generated parts of README.md up to date; whether anything changed."""
    file = Path(root) / "README.md"
    old = file.read_text(encoding="utf-8")
    new = current_readme(old, root)
    if new != old:
        file.write_text(new, encoding="utf-8")
    return new != old


def readme_is_current(root: Path) -> bool:
    """Whether README.md says what the stored results and the ledgers say."""
    text = (Path(root) / "README.md").read_text(encoding="utf-8")
    return text == current_readme(text, root)


def current_readme(text: str, root: Path) -> str:
    """The README with its generated parts made anew; `InputError` for a value that has no such key."""
    from reprise.site.pages import open_shelves

    shelves = open_shelves(Path(root))
    text = _BLOCK.sub(lambda m: m[1] + verdict_table(shelves) + m[2], text)
    text = _CLAIMS.sub(lambda m: m[1] + claim_tables(shelves) + m[2], text)
    text = _TABLE.sub(lambda m: m[1] + _table(m[2], m[3], m[4], shelves) + m[5], text)
    return _VALUE.sub(lambda m: m[1] + value_of(m[2], shelves, Path(root)) + m[3], text)


def verdict_table(shelves: list[Shelf]) -> str:
    """The papers with the counts of their verdicts, as Markdown."""
    judged = [shelf for shelf in shelves if shelf.judged.ledger]
    profiles = [p for p in PROFILES if p != "smoke" and any(p in shelf.readings for shelf in judged)]
    if not judged:
        return "No claims have been judged yet.\n"
    heads = ["paper", "on its own numbers", *(f"ours, {profile}" for profile in profiles), "apart"]
    lines = [_line(heads), _line([":---"] * len(heads))]
    for shelf in judged:
        cells = [_counts(shelf.judged, "published")]
        cells += [_ours(shelf, profile) for profile in profiles]
        apart = " · ".join(f"{n} {APART[name]}" for name, n in shelf.judged.apart.items())
        lines.append(_line([_title(shelf), *cells, apart]))
    legend = ", ".join(
        f"{MARKS[word]} {word}{' (these data cannot tell)' * (word == UNDECIDED)}" for word in VERDICTS
    )
    lines += [
        "",
        f"Numbers of claims of the paper: {legend}. The first column asks whether the "
        f"paper's own tables bear a claim out ({MARKS[UNREAD]}: not read). Apart stand rows that are none; "
        f"checks of the code come out {MARKS[CHECK_HOLDS]} or {MARKS[CHECK_FAILS]}.",
    ]
    if not profiles:
        lines += ["No results but those of the smoke profile are stored yet; `make` makes them."]
    return "\n".join([*lines, ""])


def claim_tables(shelves: list[Shelf]) -> str:
    """Every claim of each paper with its verdict on the paper's numbers and at each profile, side by side."""
    tables = []
    for shelf in shelves:
        if not shelf.judged.ledger:
            continue
        profiles = [p for p in PROFILES if p != "smoke" and p in shelf.readings]
        sources = [shelf.judged.on("published"), *(shelf.readings[p].judged.on("ours") for p in profiles)]
        heads = ["claim", "the paper's numbers", *(f"ours, {profile}" for profile in profiles)]
        lines = [_line(heads), _line([":---", *([":---:"] * len(sources))])]
        for claim in shelf.judged.ledger:
            found = [source.get(claim.id) for source in sources]
            lines.append(
                _line([escape_markdown(claim.claim), *(MARKS[v.verdict] if v else "" for v in found)])
            )
        summary = f"<details><summary>{escape(shelf.title)}</summary>"
        tables.append("\n".join([summary, "", *lines, "", "</details>", ""]))
    return "\n".join(tables)


def value_of(key: str, shelves: list[Shelf], root: Path) -> str:
    """A number for the README; `NOT_THERE` while its results are not stored."""
    kind, _, rest = key.partition(":")
    if kind == "minutes" and rest:
        profile, _, study = rest.partition(":")
        return _minutes(profile, study, shelves)
    if kind == "documents" and rest:
        return _documents(rest, shelves)
    if kind == "gigabytes" and rest:
        return _gigabytes(rest, root)
    raise InputError(
        "the README asks for a value that is not known",
        given=key,
        remedy="known are minutes:<profile>[:<study>], documents:<collection> and gigabytes:<profile>",
    )


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _title(shelf: Shelf) -> str:
    paper = shelf.study.paper
    return f"{shelf.title} ({paper.venue})" if paper else shelf.title


def _counts(judged: Judged, source: str) -> str:
    counts = [f"{n} {MARKS[word]}" for word, n in judged.counts(source).items() if n]
    return " · ".join(counts) or "no numbers"


def _ours(shelf: Shelf, profile: str) -> str:
    reading = shelf.readings.get(profile)
    if reading is None:
        return "not run"
    counts = _counts(reading.judged, "ours")
    notebook = f"results/{profile}/{shelf.study.name}/notebook.ipynb"
    return f"[{counts}]({notebook})" if (reading.results.folder / "notebook.ipynb").is_file() else counts


def _minutes(profile: str, study: str, shelves: list[Shelf]) -> str:
    manifests = [
        shelf.readings[profile].results.manifest
        for shelf in shelves
        if profile in shelf.readings and study in ("", shelf.study.name)
    ]
    units: dict[str, Mapping[str, Any]] = {
        u["key"]: u for m in manifests for u in m.get("units", {}).values()
    }
    if not units:
        return NOT_THERE
    seconds = sum(unit.get("wall_seconds", 0.0) for unit in units.values())
    return str(max(1, round(seconds / 60)))


def _gigabytes(profile: str, root: Path) -> str:
    """What the studies' requirements on a profile weigh together."""
    from reprise import studies
    from reprise.experiment.parameters import load_parameters, profiles_of
    from reprise.experiment.requirement import download_size

    chosen = [studies.load_study(name) for name in studies.names() if profile in profiles_of(name, root)]
    needs = [r for study in chosen for r in study.requirements(load_parameters(study, profile, root))]
    return f"{download_size(needs) / 1e9:,.0f}"


def _table(profile: str, study: str, name: str, shelves: list[Shelf]) -> str:
    """A table of a study as Markdown; `InputError` when the study has none of that name."""
    reading = next((s.readings.get(profile) for s in shelves if s.study.name == study), None)
    if reading is None:
        return f"{NOT_THERE}\n"
    known = [spec.name for spec in reading.study.tables(reading.results)]
    if name not in known:
        raise InputError(
            "the README asks for a table that is not known", given=f"{study}/{name}", remedy=f"one of {known}"
        )
    return reading.table(name)._repr_markdown_()


def _documents(collection: str, shelves: list[Shelf]) -> str:
    for shelf in shelves:
        reading = shelf.readings.get("default")
        for data in (reading.results.datasets if reading else {}).values():
            if isinstance(data, Mapping) and data.get("collection") == collection:
                return f"{data['statistics']['documents']:,}"
    return NOT_THERE
