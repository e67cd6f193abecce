"""What a notebook calls: one object that shows a study's claims, tables, figures and verdicts.

    reading = open_reading("prf_interpolation", profile)
    reading.table("table1-stated")

Everything it returns shows itself as HTML and as Markdown, and comes from results.json, the ledger and the
published numbers alone. Only `card` and `provenance` show times and machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.experiment.study import FigureSpec, Study, TableSpec
from reprise.report.card import card, provenance
from reprise.report.differences import comparisons_grid, reproducibility_grid
from reprise.report.figures import Picture, draw_figure
from reprise.report.grid import Grid, Piece
from reprise.report.ledger_tables import claims_grid, sentences, summary_text, verdicts_grid
from reprise.report.names import names_of
from reprise.report.published_table import make_published_table
from reprise.report.tables import Table, make_table
from reprise.report.verdicts import Judged, judge_study

Spec = TypeVar("Spec", TableSpec, FigureSpec)


def open_reading(
    study: str,
    profile: str = "default",
    overrides: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Reading:
    """The reading of a study on a profile; what is missing of its results is run first.

    `overrides` are parameters that differ from the profile's (None leaves what the profile says), and so are
    `settings`, in which None is a value. Raises `ParameterError` for what the study does not take, before
    anything runs.
    """
    from reprise import studies
    from reprise.experiment.parameters import load_parameters
    from reprise.experiment.project import find_root
    from reprise.experiment.run import run_study

    root = find_root()
    loaded = studies.load_study(study)
    said = {name: value for name, value in (overrides or {}).items() if value is not None}
    said |= settings or {}
    parameters = load_parameters(loaded, profile, root, said)
    results = run_study(loaded, parameters, profile=profile, root=root)
    return Reading(loaded, results, judge_study(study, root, results))


class Reading:
    """A study with its results and verdicts, ready to be shown."""

    def __init__(self, study: Study, results: Results, judged: Judged) -> None:
        self.study, self.judged = study, judged
        self.results = replace(results, sampling=study.sampling)
        self.published: Cells = judged.published
        self.names = names_of(study)

    def card(self) -> Piece:
        """Title, paper, question, verdicts, profile, run time and date."""
        return card(self.study, self.judged, self.results)

    def claims(self) -> Grid:
        """The ledger: id, claim, kind, where it stands, and what the paper's numbers show."""
        return claims_grid(self.judged)

    def table(self, name: str) -> Table | Piece:
        """A table of the study; a note that lists the tables where these results have none of that name."""
        specs = self.study.tables(self.results)
        spec = _find(name, specs)
        return make_study_table(spec, self.results, self.judged) if spec else _note(name, specs, "table")

    def published_table(self, name: str) -> Grid:
        """The paper's own numbers in the layout of that table; its rows are the paper's systems.

        `ParameterError` lists the tables when there is none of that name.
        """
        specs = self.study.tables(as_results(self.results, self.published))
        if (spec := _find(name, specs)) is None:
            raise ParameterError(
                f"there is no table {name!r}", remedy=f"choose from {[spec.name for spec in specs]}"
            )
        return make_published_table(spec, self.published, self.judged.unread)

    def figure(self, name: str) -> Picture | Piece:
        """A figure of the study; a note that lists the figures where these results have none of that name."""
        specs = self.study.figures(self.results)
        spec = _find(name, specs)
        return draw_figure(spec, self.results, self.published) if spec else _note(name, specs, "figure")

    def say(self, *claims: str) -> Piece:
        """Generated sentences on the named claims (all when none is named), on both sources."""
        return sentences(self.judged, claims or [claim.id for claim in self.judged.ledger])

    def comparisons(self, measure: str = "", **select: str) -> Grid:
        """The significance tests by a measure, of systems with the selected factors."""
        return comparisons_grid(self.results, self.names, measure, **select)

    def reproducibility(self) -> Grid:
        """How closely ours agree with the original where that is known; says so where it is not."""
        return reproducibility_grid(self.results, self.published, self.names)

    def verdicts(self) -> Grid:
        """Every claim with its verdict on the paper's numbers and on ours."""
        return verdicts_grid(self.judged)

    def summary(self) -> Piece:
        """One generated paragraph on what holds."""
        from html import escape

        text = summary_text(self.judged)
        return Piece(f"<p>{escape(text)}</p>", text + "\n")

    def provenance(self) -> Grid:
        """The manifest: what the results were made from, by what, and where."""
        return provenance(self.results)

    def __repr__(self) -> str:
        return f"<reading of {self.study.name} on {self.results.profile}>"


def make_study_table(spec: TableSpec, results: Results, judged: Judged) -> Table:
    """A study's table from its results and verdicts."""
    return make_table(
        spec,
        results.cells_of(spec.cells),
        judged.published,
        comparisons=results.comparisons,
        verdicts=judged.verdicts,
    )


def as_results(results: Results, published: Cells) -> Results:
    """The paper's cells in the place of ours, so that a study lays out its tables for the paper's systems."""
    cells = [
        {"dataset": c.dataset, "measure": c.measure, "factors": dict(c.factors), "value": c.value, "n": c.n}
        for c in published
    ]
    return Results(results.folder, {**results.body, "cells": cells, "comparisons": []}, results.manifest)


def _find(name: str, specs: Sequence[Spec]) -> Spec | None:
    return next((spec for spec in specs if spec.name == name), None)


def _note(name: str, specs: Sequence[Spec], kind: str) -> Piece:
    """What stands in the place of a table or figure that needs what this profile leaves out."""
    from html import escape

    text = f"These results have no {kind} {name!r}; they have {', '.join(spec.name for spec in specs)}."
    return Piece(f"<p>{escape(text)}</p>", text + "\n")
