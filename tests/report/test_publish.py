"""The files of a report: complete, the same on every run, and free of times and places."""

import json

import pytest

from reprise.experiment.results import Results
from reprise.report.publish import write_study


@pytest.fixture
def made(finished):
    """The report's files of the finished project."""
    folder = finished / "results" / "default" / "fusion"
    of_a_run = {"results.json", "manifest.json", "notebook.ipynb", "index.html", "notebook.html"}
    return {name: content for name, content in written(folder).items() if name not in of_a_run}


def written(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_tables_in_four_formats_figures_in_two_and_the_verdicts(made):
    names = ("table1", "table1-published", "verdicts")
    tables = [f"tables/{n}.{k}" for n in names for k in ("csv", "html", "md", "tex")]
    assert sorted(made) == sorted([*tables, "figures/bars.png", "figures/bars.svg", "verdicts.json"])
    assert json.loads(made["verdicts.json"])["counts"]["ours"] == {
        "not reproduced": 0,
        "not testable": 1,
        "partly": 1,
        "reproduced": 0,
        "undecided": 0,
    }


def test_again_gives_the_same_bytes(project, made, tmp_path):
    write_study(Results.load(project / "results" / "default" / "fusion"), tmp_path / "out", project)
    assert written(tmp_path / "out") == made


def test_no_time_no_machine_no_path(made, finished):
    for name, content in made.items():
        for trace in (str(finished).encode(), b"2026-01-02", b"dc:date", b"tEXtSoftware"):
            assert trace not in content, name
