"""What samples are, as a study declares it: runs by seed, averages with their parts, single runs."""

import numpy as np
import pytest

from reprise.evaluation.cells import Sampling
from reprise.experiment.results import Results
from reprise.experiment.sampled_cells import sampled_cells
from reprise.experiment.study import Study


class Trained(Study):
    name = "trained"
    runs = "seeds"

    def sampling(self, cell):
        return Sampling("topics", cell.dataset, trained=cell["s"] == "ours")

    def averaged(self, cell, results):
        return {"x": 0.5, "y": 0.5} if cell.dataset == "average" else {}


def record(value, dataset="x", samples=None, **factors):
    found = {"dataset": dataset, "measure": "MAP", "factors": factors, "value": value}
    return {**found, "n": len(samples), "samples": samples} if samples else found


def sampled(tmp_path, **lists):
    body = {"study": "trained", "profile": "default", "datasets": {}, **lists}
    return sampled_cells(Trained(), Results(tmp_path, body, {}))


TOPICS = {"q1": 0.25, "q2": 0.75}


def test_a_mean_over_seeds_keeps_its_runs_and_a_single_run_gets_their_spread(tmp_path):
    """Runs of .4 and .6: the spread of one is sqrt(.02), with one degree of freedom."""
    seeds = [record(v, s="ours", k="3", seed=str(i)) for i, v in enumerate((0.4, 0.6))]
    cells = [record(0.5, samples=TOPICS, s="ours", k=k) for k in ("3", "5")] + [record(0.3, s="base")]
    found = sampled(tmp_path, cells=cells, seeds=seeds)
    mean, single, base = found.cells
    assert {seed: run.value for seed, run in mean.runs.items()} == {
        "0": 0.4,
        "1": 0.6,
    } and mean.spread is None
    assert single.runs == {} and single.spread == pytest.approx((np.sqrt(0.02), 1))
    assert base.runs == {} and base.spread is None, "the baseline is not trained here"
    assert {name: len(cells) for name, cells in found.others.items()} == {"seeds": 2}


def test_an_average_keeps_its_parts_with_their_runs(tmp_path):
    seeds = [
        record(v, d, s="ours", seed=str(i))
        for d, both in (("x", (0.4, 0.6)), ("y", (0.1, 0.5)))
        for i, v in enumerate(both)
    ]
    cells = [record(v, d, TOPICS, s="ours") for d, v in (("x", 0.5), ("y", 0.3), ("average", 0.4))]
    average = list(sampled(tmp_path, cells=cells, seeds=seeds).cells)[-1]
    assert [(weight, part.dataset) for weight, part in average.parts] == [(0.5, "x"), (0.5, "y")]
    assert {seed: run.value for seed, run in average.runs.items()} == pytest.approx({"0": 0.25, "1": 0.55})


def test_the_spread_of_an_average_is_that_of_independent_parts(tmp_path):
    """sqrt(.02) and sqrt(.08), each weighing a half: sqrt(.02 / 4 + .08 / 4)."""
    seeds = [
        record(v, d, s="ours", k="3", seed=str(i))
        for d, both in (("x", (0.4, 0.6)), ("y", (0.1, 0.5)))
        for i, v in enumerate(both)
    ]
    cells = [record(v, d, TOPICS, s="ours", k="5") for d, v in (("x", 0.5), ("y", 0.3), ("average", 0.4))]
    average = list(sampled(tmp_path, cells=cells, seeds=seeds).cells)[-1]
    assert average.spread == pytest.approx((np.sqrt(0.025), 1))


def test_an_average_without_all_its_parts_stays_what_it_is(tmp_path):
    cells = [record(0.5, "x", TOPICS, s="base"), record(0.4, "average", s="base")]
    assert list(sampled(tmp_path, cells=cells).cells)[-1].parts == ()


def test_lists_that_hold_no_cells_are_left_alone(tmp_path):
    found = sampled(tmp_path, cells=[], comparisons=[{"left": {}}], sizes=[record(1.0)], left_out=["x"])
    assert set(found.others) == {"sizes"} and len(found.cells) == 0
