"""The paper's Table 1 as it was copied: what it prints in two places has to agree."""

from math import fsum

import pytest

from reprise.claims.published import load_published

SETS = 18


@pytest.fixture(scope="module")
def columns():
    """{(method, adaptation, backbone): {dataset: nDCG@10}} of the systems that are printed set by set."""
    found = {}
    for cell in load_published("learning_to_hash").select(measure="nDCG@10"):
        system = cell["method"], cell["adaptation"], cell["backbone"]
        found.setdefault(system, {})[cell.dataset] = cell.value
    return {system: column for system, column in found.items() if "scifact" in column}


def test_every_system_has_every_set(columns):
    assert len(columns) == 16  # 14 of Table 1, 2 of Table 3
    names = {name for column in columns.values() for name in column if not name.startswith("BEIR-18,")}
    assert len(names) == SETS + 2  # MS MARCO and the average
    for system, column in columns.items():
        assert names <= set(column), system


def test_the_means_of_the_sets_are_the_printed_averages(columns):
    off = {
        system: round(mean, 4)
        for system, column in columns.items()
        if abs((mean := mean_of_sets(column)) - column["BEIR-18"]) > 0.0005 + 1e-9
    }
    assert off == {("pq", "none", ""): 0.3618}  # 0.361 is printed


def mean_of_sets(column):
    values = [v for name, v in column.items() if name != "msmarco" and not name.startswith("BEIR-18")]
    assert len(values) == SETS
    return fsum(values) / SETS
