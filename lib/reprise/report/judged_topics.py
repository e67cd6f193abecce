"""Topics with the documents judged for them, as a table: what a collection looks like."""

from __future__ import annotations

from reprise.experiment.results import Results
from reprise.report.grid import Column, Grid, Heading, Row, Text


def judged_topics(results: Results) -> Grid:
    """The topics under "examples" of results.json, each a heading over its documents, best grade first."""
    rows: list[Row] = []
    for topic in results.body["examples"]:
        rows.append(Heading(f"{topic['topic']} ({topic['domain']})"))
        rows += [
            [Text(document["id"]), Text(str(document["grade"])), Text(document["opening"])]
            for document in topic["documents"]
        ]
    columns = [Column("document"), Column("grade", number=True), Column("how it begins")]
    return Grid("Topics and the documents judged for them", columns, rows, name="judged-topics")
