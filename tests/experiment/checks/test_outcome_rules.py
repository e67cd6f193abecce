"""The checks of what a run left, on results made by hand and broken one thing at a time."""

import json

import pytest

from reprise.experiment.canonical import canonical_json
from reprise.experiment.checks import outcome_rules as rules
from reprise.experiment.checks.outcome import Outcome, without_timings
from reprise.experiment.publish import publish
from reprise.experiment.samples import pack_samples
from reprise.experiment.study import FigureSpec, TableSpec


def cell(system, value, measure="score", **more):
    return {"dataset": "made-up", "measure": measure, "factors": {"system": system}, "value": value, **more}


def body():
    return {
        "schema": "reprise/results/1",
        "study": "made_up",
        "profile": "smoke",
        "parameters": {"topics": 444},
        "datasets": {"made-up": {"topics": {}, "statistics": {"documents": 7012}}},
        "cells": [
            cell("baseline", 0.4125, n=2, samples={"a": 0.4, "b": 0.425}),
            cell("method", 0.5, n=2, samples={"a": 0.4, "b": 0.6}),
        ],
        "comparisons": [
            {
                "dataset": "made-up",
                "measure": "score",
                "left": {"system": "method"},
                "right": {"system": "baseline"},
                "difference": 0.0875,
                "interval": [-1.0, 1.0],
                "n": 2,
                "test": "paired t-test",
                "correction": "holm",
                "family": "all of them",
                "p": 0.5,
                "p_adjusted": 0.5,
            }
        ],
    }


UNIT = {k: "x" for k in ("key", "function", "code", "seed", "threads", "value", "wall_seconds")}
ABOUT = {
    **{k: {} for k in ("platform", "research goal", "implementation", "method", "data")},
    "units": {"measure": UNIT},
    "wall_seconds": 1.0,
    "created": "2026",
}
EXECUTED = {
    "cells": [
        {"cell_type": "markdown", "source": "# T"},
        {
            "cell_type": "code",
            "source": "a",
            "execution_count": 1,
            "outputs": [{"output_type": "display_data", "data": {"text/html": "method-above-baseline"}}],
        },
        {"cell_type": "code", "source": "b", "execution_count": 2, "outputs": []},
    ]
}


@pytest.fixture
def made(project, monkeypatch):
    """Publishes results, notebook and report; gives the outcome."""
    table = TableSpec(
        "table1", "Caption", [("Head", {}), ("ours", {"system": "method"})], ["score"], "Table 1"
    )
    monkeypatch.setattr(type(project.study), "tables", lambda self, results: [table])
    monkeypatch.setattr(type(project.study), "figures", lambda self, results: [])
    folder = project.root / "results" / "smoke" / "made_up"

    def build(results=None, notebook=EXECUTED, about=ABOUT, tables=("table1.md",)):
        publish(
            folder,
            "results",
            "k",
            {"results.json": canonical_json(pack_samples(results or body()))},
            about=about,
        )
        publish(folder, "notebook", "k", {"notebook.ipynb": json.dumps(notebook).encode()})
        publish(folder, "report", "k", {f"tables/{name}": b"table" for name in tables})
        return Outcome(project.files, folder)

    return build


@pytest.mark.parametrize("check", rules.OUTCOME_CHECKS)
def test_a_whole_outcome_passes(made, check):
    assert check(made()) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"dataset": "other"}, "the dataset is not described"),
        ({"factors": {"system": 3}}, "a factor is no text"),
        ({"n": 3}, "n is 3, there are 2 samples"),
        ({"factors": {"system": "method"}}, "the cell stands twice"),
    ],
)
def test_cells(made, change, complaint):
    results = body()
    results["cells"][0] |= change
    assert any(complaint in problem for problem in rules.check_cells(made(results)))


def test_there_must_be_cells(made):
    assert rules.check_cells(made({**body(), "cells": []})) == ["there are no cells"]


@pytest.mark.parametrize("name", ["n", "test", "correction", "family", "p_adjusted"])
def test_a_comparison_says_what_it_is(made, name):
    results = body()
    del results["comparisons"][0][name]
    assert f"does not say {name}" in rules.check_comparisons(made(results))[0]


def test_the_manifest(made):
    about = {**ABOUT, "units": {"measure": {k: v for k, v in UNIT.items() if k != "seed"}}}
    del about["platform"]
    outcome = made(about=about)
    assert rules.check_manifest(outcome) == [
        "the manifest does not say 'platform'",
        "unit measure: the manifest does not say seed",
    ]
    (outcome.folder / "tables" / "table1.md").write_text("better")
    assert "tables/table1.md differs from the manifest" in rules.check_manifest(outcome)
    (outcome.folder / "manifest.json").unlink()
    assert rules.check_manifest(outcome) == ["there is no manifest"]


@pytest.mark.parametrize("text", ["made in {root}", "see /home/ada/x", "'/tmp/abc'", "on {host}"])
def test_nothing_private(made, text, monkeypatch):
    monkeypatch.setattr(rules.socket, "gethostname", lambda: "lovelace-7")
    outcome = made()
    assert rules.check_nothing_private(outcome) == []
    text = text.format(root=outcome.files.root, host="lovelace-7")
    (outcome.folder / "tables" / "table1.md").write_text(text)
    assert rules.check_nothing_private(outcome)


@pytest.mark.parametrize(
    "text", ["https://a.org/home/x", "./tmp/x", "and/or/var/", "~/usr/x", "<cache>/tmp/x"]
)
def test_what_is_not_private(made, text):
    outcome = made()
    (outcome.folder / "tables" / "table1.md").write_text(text)
    assert rules.check_nothing_private(outcome) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"execution_count": None}, "executed as [1, None]"),
        ({"outputs": [{"output_type": "error", "ename": "ValueError"}]}, "ended with ValueError"),
        (
            {"outputs": [{"output_type": "stream", "name": "stderr", "text": ["careful"]}]},
            "wrote on stderr: 'careful'",
        ),
    ],
)
def test_the_executed_notebook(made, change, complaint):
    notebook = json.loads(json.dumps(EXECUTED))
    notebook["cells"][2] |= change
    assert complaint in rules.check_notebook_was_executed(made(notebook=notebook))[0]


def test_a_claim_that_nothing_can_judge(made, project):
    project.edit("params/claims/made_up.yaml", "{system: method}", "{system: metod}")
    (problem,) = rules.check_every_claim_has_a_verdict(made())
    assert problem == "method-above-baseline: can be judged neither on the paper's numbers nor on ours"


def test_a_claim_with_a_factor_that_nobody_has(made, project):
    project.edit("params/claims/made_up.yaml", "{dataset: all}", "{datset: all}")
    assert "method-above-baseline: no cell has the factor 'datset'" in rules.check_every_claim_has_a_verdict(
        made()
    )


def test_every_claim_is_shown(made):
    notebook = json.loads(json.dumps(EXECUTED).replace("method-above-baseline", "nothing"))
    assert rules.check_claims_are_shown(made(notebook=notebook)) == [
        "the notebook never shows method-above-baseline"
    ]
    words = json.loads(
        json.dumps(EXECUTED).replace("method-above-baseline", "The method scores higher than the baseline.")
    )
    assert rules.check_claims_are_shown(made(notebook=words)) == []


@pytest.mark.parametrize(
    ("rows", "measures", "complaint"),
    [
        ([("ours", {"system": "metod"})], ["score"], "the row 'ours' picks no cell"),
        ([("ours", {"dataset": "made-up"})], ["score"], "picks several cells on made-up by score"),
        ([("ours", {"system": "method"})], ["scores"], "there is no measure scores"),
        ([("Head", {})], ["score"], "it has no rows"),
    ],
)
def test_rows_of_tables(made, project, monkeypatch, rows, measures, complaint):
    outcome = made()
    table = TableSpec("table1", "Caption", rows, measures)
    monkeypatch.setattr(type(project.study), "tables", lambda self, results: [table])
    assert any(complaint in problem for problem in rules.check_tables_and_figures(outcome))


def test_tables_and_figures_are_shown_and_written(made, project, monkeypatch):
    figures = [FigureSpec("gain", "Caption", "no_such_plot")]
    monkeypatch.setattr(type(project.study), "figures", lambda self, results: figures)
    assert rules.check_tables_and_figures(made(tables=())) == [
        "the figure 'gain' is of the unknown plot 'no_such_plot'",
        "the figure 'gain' was not written",
        "the notebook never shows the figure 'gain'",
        "the table 'table1' was not written",
    ]
    project.edit("notebooks/made_up.ipynb", 'reading.table(\\"table1\\")', 'reading.table(\\"table2\\")')
    found = rules.check_tables_and_figures(made())
    assert "the notebook shows a table 'table2', which the study does not have" in found
    assert "the notebook never shows the table 'table1'" in found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The baseline has 0.4125.", ["0.4125"]),
        ("The baseline has 0.412.", ["0.412"]),  # rounded to the digits that are typed
        ("That is 41.2 %.", ["41.2 %"]),
        ("On 7,012 documents.", ["7,012"]),
        ("The paper prints 0.4000.", ["0.4000"]),
        ("On 444 topics, of 0.777 and 7,013.", []),  # a parameter, and numbers that nobody found
    ],
)
def test_prose_has_no_results(made, project, text, found):
    project.add_cell("markdown", text)
    problems = rules.check_prose_has_no_results(made())
    assert len(problems) == len(found)
    assert all(f"has {number} typed" in problem for number, problem in zip(found, problems, strict=True))


def test_timings_are_left_out_wherever_they_stand():
    results = {
        "cells": [cell("a", 1.0), cell("a", 3.2, measure="ms")],
        "more": {"sweep": [{"measure": "ms"}, {"measure": "score", "samples": {"ms": 1}}]},
    }
    assert without_timings(results, ("ms",)) == {
        "cells": [cell("a", 1.0)],
        "more": {"sweep": [{"measure": "score", "samples": {"ms": 1}}]},
    }
    assert without_timings(results, ()) == results


def test_an_entry_that_is_a_timing_is_left_out_with_all_that_it_holds():
    results = {"machine": {"level": "avx512", "peak": [117.0, 117.8]}, "timing": {"calls": 9}}
    assert without_timings(results, ("peak", "timing")) == {"machine": {"level": "avx512"}}
