"""What a run prints: each claim with both sources; smoke is marked."""

from reprise.experiment.results import Results
from reprise.report.summary import print_claims


def test_claims_with_what_the_paper_and_ours_show(project, capsys):
    print_claims([Results.load(project / "results" / "default" / "fusion")], project)
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith("Fusing with BM25"))
    assert "✗ not borne out: 1 of 2" in line and line.rstrip().endswith("◐ partly")
    assert "fusion: the paper's numbers 1 not borne out, 1 not testable; ours 1 partly, 1 not testable" in out
    assert "not meaningful" not in out


def test_smoke_stands_in_brackets_with_the_reason(project, capsys):
    print_claims([Results.load(project / "results" / "smoke" / "fusion")], project)
    out = capsys.readouterr().out
    assert "(◐ partly)" in out and "not meaningful" in out


def test_a_study_without_a_ledger_prints_nothing(project, capsys):
    (project / "params" / "claims" / "fusion.yaml").unlink()
    print_claims([Results.load(project / "results" / "default" / "fusion")], project)
    assert capsys.readouterr().out == ""
