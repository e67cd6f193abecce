"""What a study is: parameters, units of work, and what of their outcome is published.

A paper's module (`reprise.studies.<name>`) holds one subclass of `Study`. The machinery (runner,
store, claims, report) sees only this interface.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from reprise.evaluation.cells import Cell, Sampling
from reprise.experiment.requirement import Requirement
from reprise.experiment.unit import Unit


class Parameters(BaseModel):
    """Base of every study's parameters: unknown names refused, immutable, defaults validated, no NaN."""

    cell_timeout: int = Field(default=600, ge=1, le=10_000_000, exclude=True)
    """Seconds that one cell of the notebook may take; no part of the results."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False, strict=False
    )


@dataclass(frozen=True)
class Paper:
    """The paper that a study re-runs."""

    title: str
    authors: str
    venue: str
    arxiv: str
    question: str


@dataclass(frozen=True)
class TableSpec:
    """A table of the study: which cells stand in which row, said as data and rendered by `report`.

    `rows` are (label, factors) pairs, a pair with empty factors being a heading; the columns are every
    dataset x measure of `measures`. `paper_table` says which table of the paper it follows. With a
    `baseline` (factors that a row's baseline has) significance is marked against it, without one against
    every row. `datasets` picks and orders the datasets, `lower` names measures of which less is better,
    `best` says among which rows the best value is bold ("column", "block" between two headings, or "none").
    `cells` is the key of results.json that holds the numbers; `decimals` None prints as many as fit the
    values; `row_title` heads the column of the labels; of the measures in `unranked` no value is the best.
    """

    name: str
    caption: str
    rows: Sequence[tuple[str, Mapping[str, str]]]
    measures: Sequence[str]
    paper_table: str = ""
    baseline: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[str] = ()
    lower: Sequence[str] = ()
    best: str = "column"
    cells: str = "cells"
    decimals: int | None = None
    row_title: str = "system"
    unranked: Sequence[str] = ()


@dataclass(frozen=True)
class FigureSpec:
    """A figure of the study: the name of a plot in `reprise.report.plots` and its arguments.

    `alt` is what it shows, for those who cannot see it; the caption when left out.
    """

    name: str
    caption: str
    plot: str
    options: Mapping[str, Any] = field(default_factory=dict)
    alt: str = ""


class Study:
    """One paper. Subclasses set the class variables and override the methods.

    `collect` is given the JSON value of every unit by name and returns the body of results.json:
    {"datasets": {...}, "cells": [...], "comparisons": [...], and what else the study wants to keep}.
    `timings` names the measures (and other entries of results) that are seconds or rates of this machine: no
    second run gives them again, so checks that compare two runs leave their cells and comparisons out.
    `runs` is the list of results that holds the single runs of training (a cell each, with the factor "seed")
    whose means stand among the cells.
    """

    name: ClassVar[str]
    paper: ClassVar[Paper | None] = None
    timings: ClassVar[tuple[str, ...]] = ()
    runs: ClassVar[str] = ""
    Parameters: ClassVar[type[Parameters]] = Parameters

    @property
    def names(self) -> Mapping[str, str]:
        """Printed names of the values of its factors: `NAMES` of its module, where there are some."""
        return getattr(sys.modules[type(self).__module__], "NAMES", {})

    def units(self, parameters: Parameters) -> list[Unit]:
        """The units of work, each after the units that it needs."""
        raise NotImplementedError

    def requirements(self, parameters: Parameters) -> list[Requirement]:
        """What these parameters need from outside the project and its packages."""
        return []

    def collect(self, parameters: Parameters, values: Mapping[str, Any]) -> dict[str, Any]:
        """The body of results.json from the values of the units."""
        raise NotImplementedError

    def sampling(self, cell: Cell) -> Sampling:
        """What the samples of a cell of results are: by itself, the topics of its dataset.

        Said here and not in results.json, so that stored results are judged by what is known today.
        """
        return Sampling("topics", cell.dataset)

    def averaged(self, cell: Cell, results: Any) -> Mapping[str, float]:
        """The datasets that a cell is an average over, with their weights; none for most."""
        return {}

    def tables(self, results: Any) -> list[TableSpec]:
        """The tables to render, in the order of the paper."""
        return []

    def figures(self, results: Any) -> list[FigureSpec]:
        """The figures to draw, in the order of the notebook."""
        return []
