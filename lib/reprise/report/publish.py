"""The files of a report: tables in four formats, figures as SVG and PNG, and the verdicts as JSON.

They are made from results.json, the ledger and the published numbers alone and hold no time, machine or
path, so the same results give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from html import escape
from pathlib import Path

from reprise.errors import InputError
from reprise.experiment.canonical import canonical_json
from reprise.experiment.results import Results
from reprise.report.formats import to_csv, to_html, to_latex, to_markdown
from reprise.report.grid import Grid
from reprise.report.reading import Reading
from reprise.report.tables import Table
from reprise.report.verdicts import Judged, judge_study

_PAGE = '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n{body}\n</html>\n'


def write_study(results: Results, folder: Path, root: Path | None = None) -> None:
    """Write tables/, figures/ and verdicts.json of these results into `folder`.

    The study's ledger and published numbers are those of the project at `root` (found when left out).
    """
    for name, content in report_files(open_stored(results, root)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def open_stored(results: Results, root: Path | None = None) -> Reading:
    """The reading of results that are there; nothing is run."""
    from reprise import studies
    from reprise.experiment.project import find_root

    judged = judge_study(results.study, root or find_root(), results)
    return Reading(studies.load_study(results.study), results, judged)


def report_files(reading: Reading) -> dict[str, bytes]:
    """Every file of a study's report by its name."""
    files: dict[str, bytes] = {}
    for spec in reading.study.tables(reading.results):
        files |= _table_files(reading.table(spec.name))
    for grid in published_tables(reading):
        files |= _grid_files(grid)
    if reading.judged.ledger:
        files |= _grid_files(reading.verdicts())
        files["verdicts.json"] = canonical_json(verdicts_json(reading.judged), 6)
    for spec in reading.study.figures(reading.results):
        picture = reading.figure(spec.name)
        files[f"figures/{spec.name}.svg"] = picture.svg
        files[f"figures/{spec.name}.png"] = picture.png
    return files


def published_tables(reading: Reading) -> list[Grid]:
    """The paper's numbers in the layout of the tables that they fill.

    A table whose rows do not tell the paper's cells apart is left out; asked for by name it is an error.
    """
    from reprise.report.published_table import make_published_table
    from reprise.report.reading import as_results

    if not len(reading.published):
        return []
    specs = reading.study.tables(as_results(reading.results, reading.published))
    grids = []
    for spec in specs:
        with suppress(InputError):
            grids.append(make_published_table(spec, reading.published, reading.judged.unread))
    return [grid for grid in grids if grid.rows]


def verdicts_json(judged: Judged) -> Mapping[str, object]:
    """Every verdict with the single comparisons that it rests on."""
    profile = judged.results.profile if judged.results else None
    return {
        "study": judged.study,
        "profile": profile,
        "counts": {source: judged.counts(source) for source in ("published", "ours")},
        "verdicts": [verdict.to_dict() for verdict in judged.verdicts],
    }


def _table_files(table: Table) -> dict[str, bytes]:
    return _files(
        table.name,
        html=_PAGE.format(title=escape(table.caption), body=table._repr_html_()),
        md=table._repr_markdown_(),
        tex=table.to_latex(),
        csv=table.to_csv(),
    )


def _grid_files(grid: Grid) -> dict[str, bytes]:
    return _files(
        grid.name,
        html=_PAGE.format(title=escape(grid.caption), body=to_html(grid)),
        md=to_markdown(grid),
        tex=to_latex(grid),
        csv=to_csv(grid),
    )


def _files(name: str, **contents: str) -> dict[str, bytes]:
    return {f"tables/{name}.{kind}": text.encode() for kind, text in contents.items()}
