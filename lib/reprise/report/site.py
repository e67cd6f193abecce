"""The site: results/index.html and a page for each study and profile; opens from disk, needs no network.

Written from what is stored; a page whose bytes would be the same is left alone. Pages hold only relative
links, their style and their script.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from reprise.report.badges import badge_html
from reprise.report.front_page import PROFILES, Shelf, front_context
from reprise.report.notebook_page import highlight_css, notebook_body
from reprise.report.publish import open_stored
from reprise.report.study_page import command, study_context
from reprise.report.verdicts import judge_study

TEMPLATES = Path(__file__).parent / "templates"


def write_site(root: Path) -> list[Path]:
    """Write the site of the project at `root`; the pages that changed."""
    root, changed = Path(root), []
    for name, content in site_pages(root).items():
        page = root / "results" / name
        if page.is_file() and page.read_bytes() == content:
            continue
        page.parent.mkdir(parents=True, exist_ok=True)
        beside = page.with_name(f".{page.name}.{os.getpid()}.tmp")
        beside.write_bytes(content)
        os.replace(beside, page)
        changed.append(page)
    return changed


def site_pages(root: Path) -> dict[str, bytes]:
    """Every page of the site by its name under results/."""
    shelves = open_shelves(root)
    pages = {"index.html": _page("front.html.j2", front_context(shelves), "front.js")}
    for shelf in shelves:
        for profile, reading in shelf.readings.items():
            folder = f"{profile}/{shelf.study.name}"
            # what `make smoke` leaves is not kept with the project, so no kept page points to it
            others = [p for p in shelf.readings if p not in (profile, "smoke")]
            context = study_context(reading, others)
            pages[f"{folder}/index.html"] = _page("study.html.j2", context, "drill.js")
            if context["notebook"]:
                body = notebook_body((reading.results.folder / "notebook.ipynb").read_bytes())
                about = {
                    "body": _safe(body),
                    "study": shelf.study.name,
                    "profile": profile,
                    "pygments": _safe(highlight_css()),
                    "command": command(reading),
                }
                pages[f"{folder}/notebook.html"] = _page("notebook.html.j2", about)
    return pages


def open_shelves(root: Path) -> list[Shelf]:
    """All studies with their stored results, papers first."""
    from reprise import studies
    from reprise.experiment.publish import read_manifest
    from reprise.experiment.results import Results

    shelves = []
    for name in studies.names():
        folders = {p: root / "results" / p / name for p in PROFILES}
        readings = {
            p: open_stored(Results.read(folder), root)
            for p, folder in folders.items()
            if read_manifest(folder) is not None
        }
        shelves.append(Shelf(studies.load_study(name), judge_study(name, root), readings))
    return sorted(shelves, key=lambda shelf: not shelf.judged.ledger)


def _page(template: str, context: Mapping[str, Any], script: str = "") -> bytes:
    js = _safe((TEMPLATES / script).read_text(encoding="utf-8").strip()) if script else ""
    css = _safe((TEMPLATES / "style.css").read_text(encoding="utf-8").strip())
    html = _environment().get_template(template).render({**context, "css": css, "js": js})
    return (html.strip() + "\n").encode()


def _safe(html: str) -> str:
    from markupsafe import Markup

    return Markup(html)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["badge"] = lambda word: _safe(badge_html(word))
    return environment
