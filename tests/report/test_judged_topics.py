"""Topics with their judged documents, shown."""

from pathlib import Path

from reprise.experiment.results import Results
from reprise.report.grid import Heading
from reprise.report.judged_topics import judged_topics


def test_each_topic_heads_its_documents_in_the_order_of_the_results():
    documents = [
        {"id": "a.b", "grade": 3, "opening": "Sum ..."},
        {"id": "a.c", "grade": 1, "opening": "Mean ..."},
    ]
    body = {"examples": [{"topic": "add up", "domain": "numpy", "documents": documents}]}
    grid = judged_topics(Results(Path(), body, {}))
    heading, first, second = grid.rows
    assert heading == Heading("add up (numpy)")
    assert [[cell.text for cell in row] for row in (first, second)] == [
        ["a.b", "3", "Sum ..."],
        ["a.c", "1", "Mean ..."],
    ]
