"""A claim in a few words, judged on toy cells: `judge(kind=..., ...)` on `ours` and `published`."""

import pytest

from reprise.claims.judge import judge as judge_ledger
from reprise.claims.ledger import parse_ledger
from reprise.evaluation.cells import Cell, Cells

COMMON = {"id": "a-claim", "claim": "One thing is better than another."}
PAPER = {"arxiv": "2205.00235", "version": "v1"}


def make_cell(value, samples=None, *, dataset="dl19", measure="MAP", decimals=None, marks=(), **factors):
    """A cell; `samples` is a list of values by topic."""
    by_topic = {f"q{i}": v for i, v in enumerate(samples or [])}
    return Cell(dataset, measure, factors, value, len(by_topic) or None, by_topic, "", tuple(marks), decimals)


@pytest.fixture
def cell():
    """Builds one cell."""
    return make_cell


@pytest.fixture
def claim():
    """Builds one claim from its fields, as a ledger's row would."""

    def build(**fields):
        row = {**COMMON, "source": "Table 1", **fields}
        return parse_ledger({"paper": PAPER, "claims": [row]})[0]

    return build


@pytest.fixture
def judged(claim):
    """The verdicts on one claim: (on published, on ours); None for a source that is not given."""

    def run(ours=None, published=None, profile="paper", comparisons=(), **fields):
        verdicts = judge_ledger(
            [claim(**fields)],
            None if ours is None else Cells(ours),
            None if published is None else Cells(published),
            profile,
            comparisons,
        )
        by_source = {v.judged_on: v for v in verdicts}
        return by_source.get("published"), by_source.get("ours")

    return run


@pytest.fixture
def ours(judged):
    """The verdict on ours alone."""
    return lambda cells, **fields: judged(ours=cells, **fields)[1]
