"""Scatter: measure against measure, a point a system; the paper's points hollow.

For trade-offs (size against effectiveness). Points are named when there are few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.report.names import Names, names_for
from reprise.report.plots.labels import add_labels
from reprise.report.plots.select import Select, chosen, order_of, varying
from reprise.report.plots.style import Look, add_legend, applied, make_figure
from reprise.report.spread import interval_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(
    results: Results,
    published: Cells,
    *,
    x: str,
    y: str,
    cells: str = "cells",
    select: Select | None = None,
    colour_by: str = "",
    marker_by: str = "",
    label_by: str = "",
    log_x: bool = False,
    intervals: bool = True,
) -> Figure:
    """Draw the points; `label_by` names the factor whose value is written beside each point."""
    drawn = chosen(results.cells_of(cells), {**(select or {}), "measure": [x, y]})
    theirs = published.select(**(select or {}), measure=[x, y])
    parts = varying([*drawn, *theirs])
    colour_by = colour_by or (parts[0] if parts else "dataset")
    marker_by = marker_by or colour_by
    points = [
        (*pair, filled)
        for source, filled in ((drawn, True), (theirs, False))
        for pair in _pairs(source, x, y)
    ]
    if not points:
        raise ParameterError(f"no system has both {x} and {y}", given=dict(select or {}))
    looks = [Look(order_of(results, published, name)) for name in (colour_by, marker_by)]
    names = names_for(results)
    with applied():
        figure, axes = make_figure(1, 1, 3.4)
        axis = axes[0][0]
        for across, up, filled in points:
            colour, marker = looks[0].colour(up[colour_by]), looks[1].marker(up[marker_by])
            _point(axis, across, up, colour, marker, filled, intervals and filled)
        axis.set_xlabel(x)
        axis.set_ylabel(y)
        if log_x:
            axis.set_xscale("log")
        axis.margins(0.08)
        # a factor that is written beside the points needs no legend
        legend = [name for name in dict.fromkeys((colour_by, marker_by)) if name != label_by]
        add_legend(figure, _handles(points, legend, colour_by, looks, names))
        if label_by:
            add_labels(
                axis, [(a.value, u.value, names.value(u[label_by])) for a, u, _ in points if u[label_by]]
            )
    return figure


def _pairs(cells: Cells, x: str, y: str) -> list[tuple[Cell, Cell]]:
    """The cells by x and by y of every system that has both."""
    upright = {(c.dataset, *sorted(c.factors.items())): c for c in cells.select(measure=y)}
    pairs = [(c, upright.get((c.dataset, *sorted(c.factors.items())))) for c in cells.select(measure=x)]
    return [(across, up) for across, up in pairs if up]


def _point(
    axis: Axes, across: Cell, up: Cell, colour: str, marker: str, filled: bool, intervals: bool
) -> None:
    if intervals and (spread := interval_of(up)):
        axis.plot([across.value] * 2, spread, color=colour, linewidth=1, alpha=0.5)
    axis.plot([across.value], [up.value], marker, color=colour, mfc=colour if filled else "white")


def _handles(
    points: Sequence[tuple[Cell, Cell, bool]],
    legend: Sequence[str],
    colour_by: str,
    looks: list[Look],
    names: Names,
) -> list[Any]:
    """A handle a value of each factor of the legend, grey for what only the marker says."""
    from matplotlib.lines import Line2D

    handles = []
    for name in legend:
        coloured, marked = name == colour_by, name != colour_by or len(legend) == 1
        for value in dict.fromkeys(up[name] for _, up, _ in points if up[name]):
            ours = any(filled for _, up, filled in points if up[name] == value)
            colour = looks[0].colour(value) if coloured else "#444444"
            handles.append(
                Line2D(
                    [],
                    [],
                    linestyle="",
                    marker=looks[1].marker(value) if marked else "o",
                    color=colour,
                    mfc=colour if ours else "white",
                    label=names.value(value),
                )
            )
    if not all(filled for _, _, filled in points):
        handles.append(
            Line2D([], [], linestyle="", marker="o", color="#444444", mfc="white", label="published")
        )
    return handles
