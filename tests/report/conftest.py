"""A small study by hand: a dense retriever and two fused ones on twelve topics, a ledger, published numbers.

`project` is a whole project with that study's results, report and executed notebook, and no other study.
"""

import json
import shutil

import numpy as np
import pytest

from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.canonical import canonical_json
from reprise.experiment.publish import publish
from reprise.experiment.results import Results
from reprise.experiment.samples import pack_samples
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec

TOPICS = ("t1", "t2", "t3", "t4")
NAMES = {"bm25": "BM25", "fused": "fused <list>"}

LEDGER = """
study: fusion
paper: {arxiv: "2205.00235", version: v1}
claims:
  - id: fusion-helps
    claim: Fusing with BM25 makes the dense retriever better.
    source: Table 1
    system: {stage: fused}
    than: {stage: dense}
    region: {above: 0}
    for_every: {dataset: all, measure: all}
    refuted_by: a loss on one of the measures
  - id: best-by-far
    claim: The effectiveness of the fused list is 0.9.
    source: Section 5
    contrast: value
    system: {stage: fused}
    region: {within: 0.01, reason: the digits as printed}
    refuted_by: a value that is further off
    profiles: [paper]
    elsewhere: the numbers are of another collection
"""
PUBLISHED = """
study: fusion
topics: {toy: 12}
tables:
  - source: "arXiv 2205.00235, Table 1"
    rows:
      - system: {stage: dense}
        toy: {MAP: 0.40, nDCG@10: 0.50}
      - system: {stage: fused, sparse: bm25}
        toy: {MAP: 0.90 b, nDCG@10: 0.45}
"""


class Fusion(Study):
    """The study of this file."""

    name = "fusion"
    paper = Paper("Fuse & be better", "A, B", "SIGIR 2022", "2205.00235", "Does fusion help?")

    def tables(self, results):
        rows = [
            ("Alone", {}),
            ("dense & co", {"stage": "dense"}),
            ("BM25", {"stage": "fused", "sparse": "bm25"}),
        ]
        return [TableSpec("table1", "Effectiveness", rows, results.cells.values("measure"), "Table 1")]

    def figures(self, results):
        return [FigureSpec("bars", "Both systems", "bars", {"measures": ["MAP"]}, alt="Two bars")]


def make_cell(measure, factors, samples, dataset="toy"):
    """A cell whose value is the mean of its samples."""
    named = dict(zip(TOPICS, samples, strict=False))
    return Cell(dataset, measure, factors, round(float(np.mean(samples)), 6), len(samples), named)


@pytest.fixture
def cells():
    """MAP: dense 0.4, fused 0.5; nDCG@10: dense 0.6, fused 0.55."""
    return Cells(
        [
            make_cell("MAP", {"stage": "dense"}, [0.2, 0.4, 0.4, 0.6]),
            make_cell("MAP", {"stage": "fused", "sparse": "bm25"}, [0.3, 0.5, 0.5, 0.7]),
            make_cell("nDCG@10", {"stage": "dense"}, [0.5, 0.6, 0.6, 0.7]),
            make_cell("nDCG@10", {"stage": "fused", "sparse": "bm25"}, [0.4, 0.5, 0.6, 0.7]),
        ]
    )


def body_of_results(profile="default"):
    """Fused is higher by 0.1 on MAP in every topic but the last, and by 0.05 lower on nDCG@10 in all."""
    topics = {f"q{i:02d}": f"how to sum </script> {i}" for i in range(12)}
    dense = {t: 0.3 + 0.02 * i for i, t in enumerate(topics)}
    fused = {t: round(v + (0.1 if t != "q11" else -0.1), 6) for t, v in dense.items()}
    low = {t: round(v - 0.05, 6) for t, v in dense.items()}
    rows = [
        ("MAP", {"stage": "dense"}, dense),
        ("MAP", {"stage": "fused", "sparse": "bm25"}, fused),
        ("nDCG@10", {"stage": "dense"}, dense),
        ("nDCG@10", {"stage": "fused", "sparse": "bm25"}, low),
    ]
    cells = [
        {
            "dataset": "toy",
            "measure": measure,
            "factors": factors,
            "value": round(float(np.mean(list(samples.values()))), 6),
            "n": 12,
            "samples": samples,
        }
        for measure, factors, samples in rows
    ]
    comparison = {
        "dataset": "toy",
        "measure": "nDCG@10",
        "left": rows[3][1],
        "right": rows[2][1],
        "difference": -0.05,
        "interval": [-0.05, -0.05],
        "interval_kind": "95% t",
        "p": 0.0,
        "p_adjusted": 0.0,
        "test": "paired t-test",
        "correction": "holm",
        "family": "all (1 comparison)",
        "n": 12,
        "effect_size": None,
    }
    datasets = {"toy": {"collection": "pydocs", "topics": topics, "statistics": {"documents": 7012}}}
    return {
        "schema": "reprise/results/1",
        "study": "fusion",
        "profile": profile,
        "parameters": {"weight": 0.5},
        "datasets": datasets,
        "cells": cells,
        "comparisons": [comparison],
    }


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [
        {
            "id": "a",
            "cell_type": "markdown",
            "metadata": {},
            "source": "# Fusion\n\nBy $\\alpha q + \\frac{1}{k} d$: [ledger](../params/claims/fusion.yaml).",
        },
        {
            "id": "b",
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": "1 + 1",
            "outputs": [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": "2"},
                }
            ],
        },
    ],
}


def store(root, profile="default", seconds=600.0):
    """Results of the study on a profile, as a run leaves them."""
    folder = root / "results" / profile / "fusion"
    about = {
        "study": "fusion",
        "profile": profile,
        "created": "2026-01-02T03:04:05+00:00",
        "wall_seconds": seconds,
        "units": {"a": {"key": "ka", "wall_seconds": seconds}},
        "implementation": {"executable": {"cmd": f"reprise run fusion --profile {profile}"}},
    }
    publish(
        folder,
        "results",
        "k",
        {"results.json": canonical_json(pack_samples(body_of_results(profile)), 6)},
        about,
    )
    publish(folder, "notebook", "k", {"notebook.ipynb": json.dumps(NOTEBOOK).encode()})
    return Results.load(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The project with results on default and smoke and all that is made from them; not to be changed."""
    from reprise.report.publish import write_study
    from reprise.site.pages import write_site

    root = tmp_path_factory.mktemp("finished") / "project"
    for kind, text in (("claims", LEDGER), ("published", PUBLISHED), ("default", "{}"), ("smoke", "{}")):
        (root / "params" / kind).mkdir(parents=True)
        (root / "params" / kind / "fusion.yaml").write_text(text)
    (root / "pyproject.toml").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        only_this_study(patch)
        for profile in ("default", "smoke"):
            results = store(root, profile)
            write_study(results, results.folder, root)
        write_site(root)
    return root


def only_this_study(patch):
    """Make the study of this file the only one that there is."""
    from reprise import studies

    patch.setattr(studies, "names", lambda: ["fusion"])
    patch.setattr(studies, "load_study", lambda name: Fusion())


@pytest.fixture
def project(finished, tmp_path, monkeypatch):
    """A copy of the finished project, the working directory of this process."""
    only_this_study(monkeypatch)
    root = tmp_path / "project"
    shutil.copytree(finished, root)
    monkeypatch.chdir(root)
    return root
