"""How often verdicts are wrong: claims judged on data that are drawn, where the truth is known.

Differences between systems vary over topics as those of nDCG@10 do (standard deviation .2); the paper prints
+.02 on .40. Contrasts are independent (other topics each) or correlated (the same topics). A claim that is
false must not be "reproduced", and one that is true not "not reproduced", in more than 5 % of the draws,
whatever its form, the number of topics and of contrasts; "partly" and "undecided" are neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from reprise.claims.judge import judge
from reprise.claims.ledger import Ledger, parse_ledger
from reprise.claims.verdict import NOT_REPRODUCED, REPRODUCED
from reprise.evaluation.cells import Cell, Cells, Sampling

PAPER, BASE, SPREAD = 0.02, 0.40, 0.2
MOST_WRONG = 0.05
TRUTHS = {"none": 0.0, "half": 0.5, "paper": 1.0, "opposite": -1.0}
"""True effects as multiples of what the paper prints."""


@dataclass(frozen=True)
class Form:
    """A form of claim: its row, the effect of each system in multiples, and of which effects it is true."""

    row: dict[str, Any]
    systems: dict[str, float]
    true_of: tuple[str, ...] = ("half", "paper")
    seeds: int = 0
    turned: bool = False


_TWO = {"system": {"s": "a"}, "than": {"s": "b"}}
_AB = {"a": 1.0, "b": 0.0}
FORMS = {
    "direction": Form({**_TWO, "region": {"above": 0}}, _AB),
    "equivalence": Form(
        {**_TWO, "region": {"within": 0.015, "reason": "three quarters of what is printed"}},
        _AB,
        true_of=("none", "half"),
    ),
    "ratio": Form({**_TWO, "contrast": "ratio", "region": {"at_least": 1.02}}, _AB),
    "majority": Form(
        {"system": {"s": "a"}, "than": [{"s": s} for s in "bcd"], "region": {"above": 0}, "needs": "most"},
        {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0},
    ),
    "order": Form({"order": [{"s": "a"}, {"s": "b"}, {"s": "c"}]}, {"a": 2.0, "b": 1.0, "c": 0.0}),
    "no order": Form(
        {**_TWO, "region": {"above": 0}, "needs": {"at_least": 0.25, "at_most": 0.75}}, _AB, true_of=("none",)
    ),
    "no order, turned": Form(
        {**_TWO, "region": {"above": 0}, "needs": {"at_least": 0.25, "at_most": 0.75}},
        _AB,
        true_of=tuple(TRUTHS),
        turned=True,
    ),
    "slope": Form(
        {"contrast": "slope", "system": {"s": "a"}, "along": "k", "region": {"above": 0}}, {"a": 1.0}
    ),
    "direction, 3 seeds": Form({**_TWO, "region": {"above": 0}}, _AB, seeds=3),
    "direction, 5 seeds": Form({**_TWO, "region": {"above": 0}}, _AB, seeds=5),
}


def benchmark(
    forms: Sequence[str] = tuple(FORMS),
    topics: Sequence[int] = (50, 250, 890),
    contrasts: Sequence[int] = (1, 4, 12),
    runs: int = 200,
) -> list[dict[str, Any]]:
    """A row for every form and number of topics and contrasts: the largest share of wrong verdicts."""
    return [_row(form, n, g, runs) for form in forms for n in topics for g in contrasts]


def _row(form: str, topics: int, contrasts: int, runs: int) -> dict[str, Any]:
    start, said, worst = perf_counter(), [], 0.0
    for truth in TRUTHS:
        for correlated in (False, True)[: 1 + (contrasts > 1)]:
            counts = simulate(form, truth, topics, contrasts, runs, correlated=correlated)
            wrong = counts[NOT_REPRODUCED if truth in FORMS[form].true_of else REPRODUCED] / runs
            worst = max(worst, wrong)
            kinds = f"{truth}{', same topics' if correlated else ''}"
            said.append(f"{kinds} {counts[REPRODUCED] / runs:.0%} / {counts[NOT_REPRODUCED] / runs:.0%}")
    return {
        "name": f"{form}: {topics} topics, {contrasts} contrasts",
        "ours_s": perf_counter() - start,
        "share": worst,
        "most": MOST_WRONG,
        "note": "reproduced / not, by true effect: " + "; ".join(said),
    }


def simulate(
    form: str, truth: str, topics: int, contrasts: int, runs: int, *, correlated: bool = False
) -> Counter[str]:
    """How often each verdict is given in `runs` draws of data with this true effect."""
    chosen, effect = FORMS[form], TRUTHS[truth] * PAPER
    ledger = _ledger(chosen)
    published = Cells(
        Cell("printed", "m0", {"s": s, "k": "1"}, BASE + PAPER * times, decimals=2)
        for s, times in chosen.systems.items()
    )
    found: Counter[str] = Counter()
    for run in range(runs):
        name = f"{form} {truth} {topics} {contrasts} {run} {correlated}"
        generator = np.random.default_rng(list(name.encode()))
        cells = Cells(_cells(chosen, effect, topics, contrasts, correlated, generator))
        verdicts = judge(ledger, cells, published, "default")
        found[next(v.verdict for v in verdicts if v.judged_on == "ours")] += 1
    return found


def _ledger(form: Form) -> Ledger:
    about = {"id": "drawn", "claim": "A claim on data that are drawn.", "source": "no table"}
    row = {**about, **form.row, "for_every": {"dataset": "all", "measure": "all"}}
    row["refuted_by"] = "a true effect that is another one"
    return parse_ledger({"paper": {"arxiv": "0", "version": "v1"}, "claims": [row]})


def _cells(
    form: Form, effect: float, topics: int, contrasts: int, correlated: bool, generator: np.random.Generator
) -> Iterator[Cell]:
    """Cells of all systems in every combination; the differences between two systems have `SPREAD`."""
    names = [f"q{i}" for i in range(topics)]
    own = SPREAD / np.sqrt(2)
    shared = {s: generator.normal(0, own / np.sqrt(2), topics) for s in form.systems}
    for number in range(contrasts):
        dataset, measure = ("d0", f"m{number}") if correlated else (f"d{number}", "m0")
        easy = BASE + generator.normal(0, 0.15, topics)
        sign = -1 if form.turned and number % 2 else 1
        for system, times in form.systems.items():
            for place in (1, 2, 3) if form.row.get("contrast") == "slope" else (1,):
                noise = generator.normal(0, own / np.sqrt(2) if correlated else own, topics)
                values = easy + times * place * sign * effect + noise + (shared[system] if correlated else 0)
                if form.seeds and system == "a":
                    yield _trained(form.seeds, values, dataset, measure, system, names, generator)
                else:
                    samples = dict(zip(names, values.tolist(), strict=True))
                    factors = {"s": system, "k": str(place)}
                    yield Cell(dataset, measure, factors, float(values.mean()), topics, samples)


def _trained(
    seeds: int,
    values: np.ndarray,
    dataset: str,
    measure: str,
    system: str,
    names: list[str],
    generator: np.random.Generator,
) -> Cell:
    """The mean over runs of training that differ by .01 as a whole and by .1 a topic."""
    table = values + generator.normal(0, 0.01, (seeds, 1)) + generator.normal(0, 0.1, (seeds, len(values)))
    factors, sampling = {"s": system, "k": "1"}, Sampling("topics", dataset, trained=True)

    def cell(row: np.ndarray, runs: dict[str, Cell]) -> Cell:
        samples = dict(zip(names, row.tolist(), strict=True))
        return Cell(
            dataset, measure, factors, float(row.mean()), len(row), samples, sampling=sampling, runs=runs
        )

    return cell(table.mean(axis=0), {str(i): cell(row, {}) for i, row in enumerate(table)})
