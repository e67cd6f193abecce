"""Improved Active Multi-Task Representation Learning via Lasso (arXiv 2306.02556), and its predecessor
(2202.00911).

Which source tasks should give the samples from which a representation for one target is learned? The first
paper samples by the square of the least-L2-norm relevance, the second by the least-L1-norm relevance,
estimated by Lasso. Here: both, known and estimated, on the synthetic model where the truth is known; the
theorems' rates as measured slopes; and the papers' vision design of 16 corruptions x 10 digits = 160 targets.

Deviations: only the openings of both papers and one theorem could be read, so budgets, k, epochs, floors, the
penalty and the network are ours (`reprise.studies.lasso_units.plan`), the rates are derived and not quoted,
and the default profile's images are digits-C, a small stand-in for MNIST-C. A target's sources are the 150
tasks of the other 15 kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from reprise.errors import EnvironmentNotReady
from reprise.evaluation.cells import Cell, Sampling
from reprise.experiment.image_sources import image_source
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit
from reprise.studies.lasso_units.figures import make_figures
from reprise.studies.lasso_units.parameters import LassoParameters
from reprise.studies.lasso_units.plan import OUTSIDE, image_units, synthetic_units
from reprise.studies.lasso_units.tables import NAMES, make_tables

__all__ = ["NAMES", "STUDY"]

LICENCES = {
    "mnist-C": "CC BY-SA 3.0 (MNIST)",
    "mnist-test-C": "CC BY-SA 3.0 (MNIST)",
    "fashion-C": "MIT (Fashion-MNIST)",
    "mnist-C-released": "Apache-2.0 (MNIST-C)",
}


SOURCES = {
    "mnist-C": ("mnist",),
    "mnist-test-C": ("mnist", "t10k"),
    "fashion-C": ("fashion-mnist",),
    "mnist-C-released": ("mnist_c",),
}
"""Folder of the images, and the part of them, that each set is made from."""


class LassoTaskSelection(Study):
    """The study; see the module's docstring."""

    name = "lasso_task_selection"
    paper = Paper(
        title="Improved Active Multi-Task Representation Learning via Lasso",
        authors="Wang, Chen, Jamieson, Du",
        venue="ICML 2023",
        arxiv="2306.02556",
        question="When a representation for one target is learned from many source tasks, does sampling "
        "them by their least-L1-norm relevance, estimated by Lasso, beat the least-L2-norm rule and uniform "
        "sampling?",
    )
    Parameters = LassoParameters

    def requirements(self, parameters: LassoParameters) -> list[Requirement]:
        return [
            Requirement(
                "collection",
                spec.name,
                partial(_is_there, spec.name),
                "reprise fetch, or put its files under REPRISE_DATA/images (see reprise.data.images)",
                licence=LICENCES[spec.name],
                optional=parameters.skip_missing,
                **image_source(*SOURCES[spec.name]),
            )
            for spec in parameters.image_sets
            if spec.name in OUTSIDE
        ]

    def units(self, parameters: LassoParameters) -> list[Unit]:
        parameters = _present(parameters)
        return [
            *(unit for spec in parameters.image_sets for unit in image_units(parameters, spec)),
            *synthetic_units(parameters.synthetic),
        ]

    def collect(self, parameters: LassoParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        asked, parameters = parameters.image_sets, _present(parameters)
        kinds = list(parameters.images.kinds)
        body: dict[str, Any] = {
            "datasets": {"design": {"tasks": 10 * len(kinds)}},
            "cells": [],
            "comparisons": [],
            "curves": [],
            "wins": [],
            "ablations": [],
            "relevance": [],
            "grids": {},
            "left_out": [spec.name for spec in asked if spec not in parameters.image_sets],
        }
        for spec in parameters.image_sets:
            prepared = values[f"images/{spec.name}/0"]
            body["datasets"][spec.name] = {
                "tasks": 10 * len(kinds),
                "train images": prepared["train"],
                "test images": prepared["test"],
                "inputs": prepared["inputs"],
            }
            body["grids"][spec.name] = prepared["grid"]
            design = {"corruptions": sum(kind != "identity" for kind in kinds), "tasks": 10 * len(kinds)}
            body["cells"] += [
                {
                    "dataset": "design",
                    "measure": measure,
                    "factors": {"images": "MNIST-C design"},
                    "value": value,
                }
                for measure, value in design.items()
                if spec is parameters.image_sets[0]
            ]
            for representation in ("linear", "convnet"):
                found = values.get(f"summary/{spec.name}/{representation}")
                if found:
                    body["cells"] += found["cells"]
                    body["curves"] += found["curves"]
                    body["comparisons"] += found["comparisons"]
                    body["wins"] += found["wins"]
                    body["relevance"] += _relevance(values, spec.name, representation, kinds)
            body["ablations"] += _summaries(values, f"summary/{spec.name}/", "=")
        model = parameters.synthetic.model
        body["datasets"]["synthetic"] = {"inputs": model.d, "k": model.k, "sources": model.sources}
        for name, value in values.items():
            if name.split("/")[0] in ("synthetic", "recovery", "costs", "slopes"):
                for cell in value["cells"]:
                    body["curves" if "epoch" in cell["factors"] else "cells"].append(cell)
        return body

    def sampling(self, cell: Cell) -> Sampling:
        """Instances of the synthetic model, by family or axis; image targets, drawn by their kind; counts.

        The ten targets of a kind share their images and their sources, so a kind is one sample.
        """
        if cell.dataset == "design":
            return Sampling("count")
        if cell.dataset == "synthetic":
            return Sampling("instances", f"synthetic {cell['family'] or cell['experiment']}")
        return Sampling("targets", cell.dataset, clustered=True)

    def tables(self, results: Any) -> list[TableSpec]:
        return make_tables(results)

    def figures(self, results: Any) -> list[FigureSpec]:
        return make_figures(results)


def _is_there(name: str) -> bool:
    return name not in OUTSIDE or OUTSIDE[name]() != "missing"


def _present(parameters: LassoParameters) -> LassoParameters:
    """The parameters with the image sets that are here; the same ones unless `skip_missing`.

    Raises `EnvironmentNotReady` when none is.
    """
    if not parameters.skip_missing:
        return parameters
    here = tuple(spec for spec in parameters.image_sets if _is_there(spec.name))
    if not here:
        raise EnvironmentNotReady(
            "none of the image sets of this profile is here",
            given=[spec.name for spec in parameters.image_sets],
            remedy="set REPRISE_DATA to the folder that holds them",
        )
    return parameters.model_copy(update={"image_sets": here})


def _summaries(values: Mapping[str, Any], prefix: str, mark: str) -> list[dict[str, Any]]:
    """Cells of all summaries of ablations, without the measures that no figure shows."""
    wanted = ("balanced error", "AUC", "sources chosen")
    return [
        cell
        for name, value in values.items()
        if name.startswith(prefix) and mark in name
        for cell in value["cells"]
        if cell["measure"] in wanted
    ]


def _relevance(
    values: Mapping[str, Any], dataset: str, representation: str, kinds: list[str]
) -> list[dict[str, Any]]:
    """Maps of relevance as records: target, strategy, and a row of ten digits for each kind."""
    maps: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith(f"{representation}/{dataset}/0/"):
            maps |= value["relevance"]
    return [
        {
            "dataset": dataset,
            "representation": representation,
            "target": f"{kinds[int(target) // 10]}/{int(target) % 10}",
            "strategy": strategy,
            "kinds": kinds,
            "shares": shares,
        }
        for target, strategies in maps.items()
        for strategy, shares in strategies.items()
    ]


STUDY = LassoTaskSelection()
