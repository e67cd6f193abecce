"""A claim in a few words, judged on toy cells: `judge(system=..., ...)` on `ours` and `published`."""

import pytest

from reprise.claims.judge import judge as judge_ledger
from reprise.claims.ledger import parse_ledger
from reprise.evaluation.cells import Cell, Cells, Sampling

COMMON = {
    "id": "a-claim",
    "claim": "One thing is better than another.",
    "refuted_by": "the other one being better",
}
PAPER = {"arxiv": "2205.00235", "version": "v1"}


def make_cell(
    value=None,
    samples=None,
    *,
    dataset="dl19",
    measure="MAP",
    decimals=None,
    marks=(),
    sampling=None,
    **factors,
):
    """A cell; `samples` is a list of values by topic, whose mean is its value unless it has one."""
    by_topic = {f"q{i}": v for i, v in enumerate(samples or [])}
    value = sum(samples) / len(samples) if value is None else value
    n = len(by_topic) or None
    if not by_topic and sampling is None and decimals is None:
        sampling = Sampling("count")
    return Cell(dataset, measure, factors, value, n, by_topic, "", tuple(marks), decimals, sampling=sampling)


@pytest.fixture
def cell():
    """Builds one cell; without samples it is a count."""
    return make_cell


@pytest.fixture
def ledger():
    """Builds a ledger from rows and gates."""

    def build(*rows, gates=()):
        rows = [{**COMMON, "source": "Table 1", **row} for row in rows]
        return parse_ledger({"paper": PAPER, "claims": rows, "gates": list(gates)})

    return build


@pytest.fixture
def judged(ledger):
    """The verdicts on one claim: (on published, on ours); None for a source that is not given."""

    def run(ours=None, published=None, profile="paper", others=None, gates=(), **fields):
        verdicts = judge_ledger(
            ledger(fields, gates=gates),
            None if ours is None else Cells(ours),
            None if published is None else Cells(published),
            profile,
            {name: Cells(cells) for name, cells in (others or {}).items()},
        )
        by_source = {v.judged_on: v for v in verdicts}
        return by_source.get("published"), by_source.get("ours")

    return run


@pytest.fixture
def ours(judged):
    """The verdict on ours alone."""
    return lambda cells, **fields: judged(ours=cells, **fields)[1]


@pytest.fixture
def printed(judged):
    """The verdict on published cells alone."""
    return lambda cells, **fields: judged(published=cells, **fields)[0]
