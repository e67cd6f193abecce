"""The site: results/index.html and a page for each study and profile; opens from disk, needs no network.

Written from what is stored. Every page of a study names the key of what it was made from, so a page is
rendered again only when that has changed. Pages hold only relative links, their style and their script.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from reprise.errors import RepriseError, passed_over
from reprise.experiment.keys import digest
from reprise.experiment.publish import MANIFEST
from reprise.experiment.reached import reach_of_package
from reprise.report.badges import badge_html
from reprise.report.publish import open_stored
from reprise.report.reading import Reading
from reprise.report.verdicts import judge_study
from reprise.site.front_page import PROFILES, Shelf, front_context
from reprise.site.notebook_page import highlight_css, notebook_body
from reprise.site.study_page import command, study_context

TEMPLATES = Path(__file__).parent / "templates"


class Page(NamedTuple):
    """A page's study, its name under results/, the key of what it is made from ("" for any), and how it is
    made."""

    study: str
    name: str
    key: str
    make: Callable[[], bytes]


def write_site(
    root: Path, *, anew: bool = False, failures: dict[str, RepriseError] | None = None
) -> list[Path]:
    """Write the site of the project at `root`; the pages that changed. `anew` renders fresh pages too.

    With `failures` a study that cannot be shown is kept there, named on the front page and passed over.
    """
    root, changed = Path(root), []
    for study, name, key, make in _pages(root, failures):
        page = root / "results" / name
        stored = page.read_bytes() if page.is_file() else b""
        if key and not anew and _mark(key).encode() in stored:
            continue
        content = stored
        with passed_over(study, failures):
            content = make()
        if stored == content:
            continue
        page.parent.mkdir(parents=True, exist_ok=True)
        beside = page.with_name(f".{page.name}.{os.getpid()}.tmp")
        beside.write_bytes(content)
        os.replace(beside, page)
        changed.append(page)
    return changed


def site_pages(root: Path) -> dict[str, bytes]:
    """Every page of the site by its name under results/."""
    return {page.name: page.make() for page in _pages(Path(root))}


def open_shelves(root: Path, failures: dict[str, RepriseError] | None = None) -> list[Shelf]:
    """All studies with their stored results, papers first.

    With `failures` a study that cannot be judged is kept there and left out.
    """
    from reprise import studies
    from reprise.experiment.publish import read_manifest
    from reprise.experiment.results import Results

    shelves = []
    for name in studies.names():
        folders = {p: root / "results" / p / name for p in PROFILES}
        with passed_over(name, failures):
            readings = {
                p: open_stored(Results.read(folder), root)
                for p, folder in folders.items()
                if read_manifest(folder) is not None
            }
            shelf = Shelf(studies.load_study(name), judge_study(name, root), readings)
            for judged in (shelf.judged, *(reading.judged for reading in readings.values())):
                judged.verdicts  # noqa: B018 (reckoned here, where a claim that cannot be judged is its study's)
            shelves.append(shelf)
    return sorted(shelves, key=lambda shelf: not shelf.judged.ledger)


def _pages(root: Path, failures: dict[str, RepriseError] | None = None) -> Iterator[Page]:
    unshown: dict[str, RepriseError] = {}
    shelves = open_shelves(root, None if failures is None else unshown)
    if failures is not None:
        failures.update({**unshown, **failures})
    code = digest({"code": reach_of_package("reprise.site").digest, "templates": _templates()})
    front = front_context(shelves, unshown)
    yield Page("", "index.html", "", lambda: _render("front.html.j2", front, "front.js"))
    for shelf in shelves:
        for profile, reading in shelf.readings.items():
            # what `make smoke` leaves is not kept with the project, so no kept page points to it
            others = [p for p in shelf.readings if p not in (profile, "smoke")]
            yield from _pages_of(shelf, profile, reading, others, code)


def _pages_of(
    shelf: Shelf, profile: str, reading: Reading, others: Sequence[str], code: str
) -> Iterator[Page]:
    folder, stored = f"{profile}/{shelf.study.name}", reading.results.folder
    # the manifest vouches for results, notebook, tables and figures, and names what each was made from
    key = digest({"manifest": _sha(stored / MANIFEST), "others": others, "code": code})

    def study() -> bytes:
        return _render("study.html.j2", study_context(reading, others), "drill.js", key)

    def notebook() -> bytes:
        about = {
            "body": _safe(notebook_body((stored / "notebook.ipynb").read_bytes())),
            "study": shelf.study.name,
            "profile": profile,
            "pygments": _safe(highlight_css()),
            "command": command(reading),
        }
        return _render("notebook.html.j2", about, key=key)

    yield Page(shelf.study.name, f"{folder}/index.html", key, study)
    if (stored / "notebook.ipynb").is_file():
        yield Page(shelf.study.name, f"{folder}/notebook.html", key, notebook)


def _mark(key: str) -> str:
    """How a page says what it was made from."""
    return f'<meta name="made-from" content="{key}">'


def _render(template: str, context: Mapping[str, Any], script: str = "", key: str = "") -> bytes:
    js = _safe((TEMPLATES / script).read_text(encoding="utf-8").strip()) if script else ""
    css = _safe((TEMPLATES / "style.css").read_text(encoding="utf-8").strip())
    mark = _safe(_mark(key)) if key else ""
    html = _environment().get_template(template).render({**context, "css": css, "js": js, "mark": mark})
    return (html.strip() + "\n").encode()


def _templates() -> dict[str, str]:
    return {file.name: _sha(file) for file in sorted(TEMPLATES.iterdir()) if file.is_file()}


def _sha(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


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
