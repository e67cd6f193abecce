"""Which verdicts are others than in verdicts.json, and by which rule."""

import json

from reprise.experiment.results import Results
from reprise.report.changes import changed_verdicts
from reprise.report.verdicts import judge_study


def changes(project, change):
    """The changes against a verdicts.json that was edited by `change`."""
    folder = project / "results" / "default" / "fusion"
    file = folder / "verdicts.json"
    body = json.loads(file.read_bytes())
    change(body["verdicts"])
    file.write_text(json.dumps(body))
    return changed_verdicts(judge_study("fusion", project, Results.read(folder)), folder)


def test_nothing_changes_by_itself(project):
    assert changes(project, lambda verdicts: None) == []


def test_a_changed_verdict_says_what_decided(project):
    def by_signs(verdicts):
        for verdict in verdicts:
            verdict.pop("rule")
            if verdict["id"] == "fusion-helps":
                verdict["verdict"], verdict["shown"] = "not reproduced", "1 of 2"

    # on the paper's numbers the old word is the new one's: "not borne out" is no change
    assert changes(project, by_signs) == [
        "fusion-helps (ours): not reproduced (1 of 2) -> partly (1 for, 1 against, 0 open); "
        "some intervals are inside, some outside"
    ]


def test_rows_that_come_and_go_are_named(project):
    def renamed(verdicts):
        for verdict in verdicts:
            verdict["id"] = verdict["id"].replace("fusion-helps", "old-name")

    found = changes(project, renamed)
    assert "fusion-helps (ours): partly, a new row" in found and "old-name (ours): the row is gone" in found


def test_results_without_a_report_have_nothing_to_differ_from(project):
    folder = project / "results" / "default" / "fusion"
    (folder / "verdicts.json").unlink()
    assert changed_verdicts(judge_study("fusion", project, Results.read(folder)), folder) == []
