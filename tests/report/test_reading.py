"""A reading shows everything of a study, from stored results alone."""

from dataclasses import replace

import pytest

from reprise.errors import ParameterError
from reprise.experiment.results import Results
from reprise.report.card import card
from reprise.report.publish import open_stored


@pytest.fixture
def reading(project):
    return open_stored(Results.load(project / "results" / "default" / "fusion"), project)


def test_every_part_shows_itself_as_html_and_as_markdown(reading):
    parts = [
        reading.card(),
        reading.claims(),
        reading.table("table1"),
        reading.published_table("table1"),
        reading.say(),
        reading.comparisons(measure="nDCG@10"),
        reading.reproducibility(),
        reading.verdicts(),
        reading.summary(),
        reading.provenance(),
    ]
    for part in parts:
        assert part._repr_html_().startswith("<") and part._repr_markdown_().strip()
        assert "object at 0x" not in repr(part)


def test_the_card_names_what_was_left_out(reading):
    assert "Left out" not in reading.card()._repr_markdown_()
    results = replace(reading.results, body={**reading.results.body, "left_out": ["beir/fiqa"]})
    text = card(reading.study, reading.judged, results)._repr_markdown_()
    assert "| **Left out** | beir/fiqa: not here when this was run |" in text


def test_the_card_has_title_verdicts_and_date(reading):
    text = reading.card()._repr_markdown_()
    for words in ("Fuse & be better", "SIGIR 2022", "Does fusion help?", "10 min", "2026-01-02", "default"):
        assert words in text
    assert "Fuse &amp; be better" in reading.card()._repr_html_()


def test_verdicts_on_both_sources(reading):
    rows = {row[0].text: [cell.verdict for cell in row[2:]] for row in reading.verdicts().rows}
    # published: 0.90 > 0.40 by MAP and 0.45 < 0.50 by nDCG@10; ours the same way round, both told
    assert rows["fusion-helps"] == ["not borne out", "partly"]
    assert rows["best-by-far"] == ["not testable", "not testable"]


def test_say_has_a_sentence_a_source_and_refuses_what_is_no_claim(reading):
    text = reading.say("fusion-helps")._repr_markdown_()
    assert "1 of 2; 1 against." in text and "1 for, 1 against, 0 open" in text and "best-by-far" not in text
    with pytest.raises(ParameterError, match="no such claim"):
        reading.say("fusion-helpz")


def test_in_place_of_a_table_or_figure_that_a_profile_lacks_stand_those_that_there_are(reading):
    assert "have no table 'table2'; they have table1" in reading.table("table2")._repr_markdown_()
    assert "have no figure 'pie'; they have bars" in reading.figure("pie")._repr_markdown_()
    with pytest.raises(ParameterError, match="table1"):
        reading.published_table("table2")


def test_the_published_table_keeps_digits_and_bold(reading):
    rows = [row for row in reading.published_table("table1").rows if not hasattr(row, "text")]
    assert [cell.text for cell in rows[1]] == ["BM25", "0.90", "0.45"]
    assert [cell.bold for cell in rows[1]] == [False, True, False]


def test_effect_ratio_from_means_where_the_paper_prints_the_same_systems(reading):
    """Published effect 0.45 - 0.50 = -0.05 and ours -0.05: ratio 1."""
    (row,) = reading.reproducibility().rows
    assert [row[4].text, row[5].text] == ["means only", "1.000"]


def test_without_originals_it_says_so(project):
    (project / "params" / "published" / "fusion.yaml").unlink()
    reading = open_stored(Results.load(project / "results" / "default" / "fusion"), project)
    assert reading.reproducibility().rows == []
    assert "replication on other data" in reading.reproducibility()._repr_html_()


def test_smoke_is_marked_as_not_meaningful(project):
    reading = open_stored(Results.load(project / "results" / "smoke" / "fusion"), project)
    for part in (reading.card(), reading.verdicts(), reading.summary(), reading.say("fusion-helps")):
        assert "not meaningful" in part._repr_html_() and "not meaningful" in part._repr_markdown_()


def test_a_significant_difference_is_marked(reading):
    rows = [row for row in reading.table("table1").grids[0].rows if not hasattr(row, "text")]
    assert "b" in {cell.above for cell in rows[0]}
    assert all(cell.above == "" for cell in rows[1])


def test_a_changed_published_number_moves_the_verdict(project):
    file = project / "params" / "published" / "fusion.yaml"
    file.write_text(file.read_text().replace("nDCG@10: 0.45", "nDCG@10: 0.55"))
    reading = open_stored(Results.load(project / "results" / "default" / "fusion"), project)
    assert reading.judged.on("published")["fusion-helps"].verdict == "borne out by its table"
    assert reading.judged.on("ours")["fusion-helps"].verdict == "partly"


def test_open_reading_runs_what_is_missing(toy, monkeypatch):
    from reprise import studies
    from reprise.report.reading import open_reading

    monkeypatch.setattr(studies, "load_study", lambda name: toy.study)
    reading = open_reading("toy", "default", {"steps": 2, "weight": None})
    assert sorted(toy.ran()) == ["base", "step/0", "step/1", "total"]
    assert reading.results.parameters["steps"] == 2
    assert "no ledger" in reading.summary()._repr_markdown_()
    with pytest.raises(ParameterError, match="did you mean 'steps'"):
        open_reading("toy", "default", {"stesp": 2})
