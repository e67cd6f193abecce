"""What the card says of a dataset whose files had odd lines."""

from types import SimpleNamespace

from reprise.report.card import odd_lines


def test_odd_lines_are_said_dataset_by_dataset_with_numbers():
    odd = [
        "test: judgements of documents that the corpus lacks: 1 of 1,406",
        "documents without text: 2 of 9",
    ]
    datasets = {"arguana": {"oddities": odd}, "scifact": {"oddities": []}, "synthetic": {}}
    assert odd_lines(SimpleNamespace(body={"datasets": datasets})) == [f"arguana: {odd[0]}; {odd[1]}"]
