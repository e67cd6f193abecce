"""The figures of the study: image tasks, ablations, and the synthetic model."""

from __future__ import annotations

from typing import Any

from reprise.experiment.study import FigureSpec
from reprise.studies.lasso_units.plan import PAPERS


def make_figures(results: Any) -> list[FigureSpec]:
    """All figures, in the order of the notebook."""
    first = next(iter(results.body["grids"]), "")
    synthetic = {"dataset": "synthetic"}
    return [
        FigureSpec(
            "images",
            f"{first}: a digit of each class under every kind of corruption",
            "image_grid",
            {"grid": first},
        ),
        FigureSpec(
            "error-by-epoch",
            "Balanced error of the target by strategy and epoch",
            "curve",
            {
                "cells": "curves",
                "x": "epoch",
                "measure": "balanced error",
                "series": "strategy",
                "select": {"strategy": list(PAPERS)},
            },
        ),
        FigureSpec(
            "targets",
            "Difference of the balanced error from uniform sampling, target by target, in order",
            "target_gains",
            {"measure": "balanced error", "baseline": "uniform", "strategies": ["L2", "L1"]},
        ),
        FigureSpec(
            "relevance",
            "Relevance of the sources to some targets: 16 kinds by 10 digits, one map a target and strategy",
            "source_map",
            {"representation": "linear", "strategies": ["L2", "L1"]},
        ),
        FigureSpec(
            "sources-chosen",
            "How many sources a strategy names, and how many its samples amount to",
            "bars",
            {
                "measures": ["sources chosen", "effective sources"],
                "select": {"representation": ["linear", "convnet"], "strategy": list(PAPERS)},
                "colour_by": "strategy",
            },
        ),
        *(
            FigureSpec(
                f"ablation-{axis}",
                f"Balanced error against {title}",
                "curve",
                {
                    "cells": "ablations",
                    "x": axis,
                    "measure": "balanced error",
                    "series": "strategy",
                    "select": {"ablation": axis},
                    "x_label": title,
                    "log": axis != "epochs",
                },
            )
            for axis, title in (
                ("k", "the dimension k of the representation"),
                ("penalty", "the Lasso penalty, as a share of the largest"),
                ("epochs", "the number of epochs"),
                ("samples", "the mean number of samples a source"),
            )
            if any(c["factors"].get("ablation") == axis for c in results.body["ablations"])
        ),
        FigureSpec(
            "beyond",
            "Other ways to choose sources, linear representation",
            "bars",
            {
                "measures": ["balanced error", "AUC"],
                "select": {"representation": "linear"},
                "colour_by": "strategy",
            },
        ),
        *(
            FigureSpec(
                f"risk-{relevance}",
                f"Synthetic model, relevance {relevance}: excess risk against the budget",
                "curve",
                {
                    "x": "budget",
                    "measure": "excess risk",
                    "series": "strategy",
                    "select": {**synthetic, "relevance": relevance, "strategy": list(PAPERS)},
                    "log": True,
                },
            )
            for relevance in ("known", "estimated")
        ),
        FigureSpec(
            "slopes",
            "Slope of log needed samples along each axis: measured and expected",
            "bars",
            {"measures": ["slope"], "colour_by": "strategy"},
        ),
        *(
            FigureSpec(
                "hardest",
                "What uniform and squared-L2 sampling pay over L1 on the instance built against L2",
                "curve",
                {
                    "x": "sources",
                    "measure": "needed samples over L1",
                    "series": "strategy",
                    "select": {"experiment": "hardest"},
                    "log": True,
                },
            )
            for name in results.cells.values("experiment")
            if name == "hardest"
        ),
        FigureSpec(
            "recovery",
            "Efficiency of the allocation by estimated relevance: 1 is as good as with known relevance",
            "curve",
            {"x": "samples", "measure": "efficiency", "series": "penalty", "log": True},
        ),
        FigureSpec(
            "costs",
            "Excess risk that the same money buys",
            "heatmap",
            {"rows": "strategy", "columns": "family", "measure": "excess risk at equal money"},
        ),
    ]
