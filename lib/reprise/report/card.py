"""The card at the head of a study, and its provenance: the only parts that show times and machines."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from reprise.experiment.results import Results
from reprise.experiment.study import Study
from reprise.report.badges import SMOKE_NOTE, badge_html, badge_text
from reprise.report.grid import Column, Grid, Heading, Piece, Row, Text
from reprise.report.numbers import duration
from reprise.report.verdicts import Judged


def card(study: Study, judged: Judged, results: Results) -> Piece:
    """Title, paper, question, verdicts, profile, run time and date."""
    paper = study.paper
    lines: list[tuple[str, str, str]] = []
    if paper:
        link = f"https://arxiv.org/abs/{paper.arxiv}"
        lines += [
            (
                "Paper",
                f'{escape(paper.title)} (<a href="{link}">arXiv {paper.arxiv}</a>)',
                f"{paper.title} ([arXiv {paper.arxiv}]({link}))",
            ),
            ("Authors", escape(paper.authors), paper.authors),
            ("Venue", escape(paper.venue), paper.venue),
            ("Question", escape(paper.question), paper.question),
        ]
    for source, name in (("published", "On the paper's numbers"), ("ours", "On ours")):
        counts = judged.counts(source)
        meaningful = source == "published" or results.profile != "smoke"
        html = " ".join(f"{n} × {badge_html(word, meaningful=True)}" for word, n in counts.items() if n)
        text = ", ".join(f"{n} × {badge_text(word)}" for word, n in counts.items() if n)
        if text:
            note = "" if meaningful else f" {SMOKE_NOTE}"
            lines.append((name, html + escape(note), text + note))
    if left_out := results.body.get("left_out"):
        text = f"{', '.join(left_out)}: not here when this was run"
        lines.append(("Left out", escape(text), text))
    lines += [("Odd in the data", escape(text), text) for text in odd_lines(results)]
    made = str(results.manifest.get("created", ""))[:10]
    took = duration(results.manifest.get("wall_seconds"))
    lines.append(("Profile", escape(results.profile), results.profile))
    if made:
        lines.append(("Run", f"{took} of computing, {made}", f"{took} of computing, {made}"))
    html = "".join(
        f'<tr><th scope="row" style="text-align:left;vertical-align:top">{name}</th>'
        f'<td style="text-align:left">{value}</td></tr>'
        for name, value, _ in lines
    )
    title = escape(paper.title if paper else study.name)
    markdown = "\n".join(["| | |", "| :--- | :--- |", *(f"| **{n}** | {text} |" for n, _, text in lines)])
    return Piece(
        f'<div class="card"><table aria-label="{title}"><tbody>{html}</tbody></table></div>', markdown + "\n"
    )


def odd_lines(results: Results) -> list[str]:
    """What was odd in the files of each dataset's collection, a sentence a dataset."""
    datasets = results.body.get("datasets", {})
    return [
        f"{name}: {'; '.join(about['oddities'])}" for name, about in datasets.items() if about.get("oddities")
    ]


def provenance(results: Results) -> Grid:
    """The manifest: command, source, software, machine, parameters, data and units."""
    manifest = results.manifest
    source = _inside(manifest, "implementation", "source")
    platform = _inside(manifest, "platform")
    hardware = _inside(platform, "hardware")
    software = _inside(platform, "software")
    changed = source.get("uncommitted changes")
    rows: list[Row] = [
        Heading("Run"),
        _row("command", _inside(manifest, "implementation", "executable").get("cmd", "")),
        _row("created", manifest.get("created", "")),
        _row("computing time of all units", duration(manifest.get("wall_seconds"))),
        _row("peak memory of a unit", f"{manifest.get('peak_memory_gb', 0):.1f} GB"),
        _row("units", str(len(manifest.get("units", {})))),
        Heading("Source"),
        _row("commit", source.get("commit") or "not known"),
        _row("uncommitted changes", "not known" if changed is None else "yes" if changed else "no"),
        _row("modules that the results depend on", str(len(source.get("modules", {})))),
        Heading("Software and machine"),
        _row("Python", software.get("python", "")),
        *(
            _row(name, version)
            for group in ("libraries", "other")
            for name, version in sorted(_inside(software, group).items())
            if version
        ),
        _row("operating system", " ".join(map(str, _inside(platform, "operating system").values()))),
        _row("processor", _processor(_inside(hardware, "cpu"))),
        _row("encoders' precision on it", _inside(hardware, "cpu").get("precision", "")),
        _row("memory", str(hardware.get("ram", ""))),
        _row("GPUs", str(hardware.get("gpu", 0))),
        Heading("Data"),
        *(
            _row(name, f"fingerprint {str(data.get('fingerprint', 'none'))[:16]}")
            for name, data in _inside(manifest, "data", "test collection").items()
        ),
        Heading("Parameters"),
        *(_row(name, _short(value)) for name, value in sorted(results.parameters.items())),
        Heading("Files"),
        _row("results.json, sha256", manifest.get("files", {}).get("results.json", "")),
    ]
    return Grid("Provenance", [Column("what"), Column("value")], rows, (), "provenance")


def _row(name: str, value: object) -> list[Text]:
    return [Text(name), Text(str(value))]


def _inside(mapping: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        mapping = mapping.get(name) or {}
    return mapping


def _processor(cpu: Mapping[str, Any]) -> str:
    return f"{cpu.get('model', '')} ({cpu.get('architecture', '')}, {cpu.get('number of cores', '?')} cores)"


def _short(value: object) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
