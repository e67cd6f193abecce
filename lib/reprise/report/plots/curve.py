"""Curve: a measure against a factor that is a number (k, a weight, a step), one line a series.

The factor with most values beside `x` makes the series; up to two others make columns and rows of panels.
A line that lacks a panel's factor (feedback without a sparse list, say) stands in all panels of it.
Published points on the same axis are hollow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.report.names import Names, names_for
from reprise.report.plots.select import Select, as_number, chosen, order_of, varying
from reprise.report.plots.style import Look, add_legend, applied, make_figure, wrapped
from reprise.report.spread import interval_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(
    results: Results,
    published: Cells,
    *,
    x: str,
    measure: str,
    cells: str = "cells",
    series: str = "",
    facets: Sequence[str] | None = None,
    select: Select | None = None,
    x_label: str = "",
    log: bool = False,
    log_y: bool = False,
    bands: bool = True,
) -> Figure:
    """Draw the curves; `facets` names the factors of the columns and rows of panels, `log` and `log_y` make
    an axis logarithmic.

    Raises `ParameterError` for an `x` that is not a number and for more factors than panels can show.
    """
    drawn = [c for c in chosen(results.cells_of(cells), select, measure) if c[x]]
    theirs = [c for c in published.select(**(select or {}), measure=measure) if c[x]]
    if not drawn or any(as_number(c[x]) is None for c in drawn):
        raise ParameterError(
            f"{x!r} is no number along which a curve can go", given=sorted({c[x] for c in drawn})
        )
    series, facets = _layout([*drawn, *theirs], x, series, facets)
    orders = {
        name: [v for v in order_of(results, published, name) if any(c[name] == v for c in drawn)]
        for name in (series, *facets)
        if name
    }
    # a published value without a panel or a line of ours would stand in the legend alone
    theirs = [c for c in theirs if all(c[name] in (*values, "") for name, values in orders.items())]
    columns = orders[facets[0]] if facets else [""]
    rows = orders[facets[1]] if len(facets) > 1 else [""]
    look, names = Look(order_of(results, published, series)), names_for(results)
    with applied():
        figure, axes = make_figure(len(rows), len(columns), 2.0, sharex=True, sharey=True)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                here = dict(zip(facets, (column, row), strict=False))
                _panel(
                    axes[i][j],
                    drawn,
                    theirs,
                    x,
                    series,
                    here,
                    orders.get(series, [""]),
                    look,
                    names,
                    bands,
                    log,
                )
                if log_y:
                    axes[i][j].set_yscale("log")
                if i == 0 and column:
                    axes[i][j].set_title(names.value(column))
                if j == len(columns) - 1 and row:
                    _title_at_right(axes[i][j], names.value(row))
        figure.supxlabel(x_label or x, fontsize=10.5)
        figure.supylabel(wrapped(measure, 2.0 * len(rows)), fontsize=10.5)
        add_legend(figure, _handles(orders.get(series, []), look, names, bool(theirs)))
    return figure


def _layout(cells: list[Cell], x: str, series: str, facets: Sequence[str] | None) -> tuple[str, list[str]]:
    """Which factor makes the series and which the panels."""
    free = varying(cells, without=(x,))
    if not series and facets is None and free:
        series = max(free, key=lambda name: len({c[name] for c in cells if c[name]}))
    # one line keeps the look that its system has elsewhere
    series = series or next(
        (name for cell in cells for name in cell.factors if name not in (x, *(facets or ()))), ""
    )
    panels = list(facets) if facets is not None else [name for name in free if name != series]
    left = [name for name in free if name not in (series, *panels)]
    if left or len(panels) > 2:
        raise ParameterError(
            "a figure of curves shows a series and two facets; more factors vary",
            given=free,
            remedy="select one value of the others",
        )
    # the wider page holds the facet with more values
    return series, sorted(
        panels, key=lambda name: -len({c[name] for c in cells if c[name]})
    ) if facets is None else panels


def _panel(
    axis: Axes,
    drawn: list[Cell],
    theirs: list[Cell],
    x: str,
    series: str,
    here: Mapping[str, str],
    values: Sequence[str],
    look: Look,
    names: Names,
    bands: bool,
    log: bool,
) -> None:
    fits = [c for c in drawn if all(c[name] in (value, "") for name, value in here.items())]
    for value in values:
        line = sorted((c for c in fits if not series or c[series] == value), key=lambda c: float(c[x]))
        if not line:
            continue
        colour, at = look.colour(value), [float(c[x]) for c in line]
        axis.plot(at, [c.value for c in line], look.line(value), marker=look.marker(value), color=colour)
        spread = [interval_of(c) for c in line]
        if bands and all(spread) and len(values) <= 2:
            axis.fill_between(at, *zip(*spread, strict=True), color=colour, alpha=0.15, linewidth=0)
        dots = sorted(
            (
                c
                for c in theirs
                if (not series or c[series] == value) and all(c[n] in (v, "") for n, v in here.items())
            ),
            key=lambda c: float(c[x]),
        )
        axis.plot(
            [float(c[x]) for c in dots],
            [c.value for c in dots],
            ":",
            marker=look.marker(value),
            color=colour,
            mfc="white",
        )
    if log:
        axis.set_xscale("log")
    ticks = sorted({float(c[x]) for c in drawn})
    if len(ticks) <= 6:
        axis.set_xticks(ticks, [f"{tick:,.0f}" if tick.is_integer() else f"{tick:g}" for tick in ticks])
        axis.minorticks_off()


def _title_at_right(axis: Axes, text: str) -> None:
    axis.annotate(text, (1.02, 0.5), xycoords="axes fraction", rotation=270, va="center", ha="left")


def _handles(values: Sequence[str], look: Look, names: Names, published: bool) -> list[Any]:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], linestyle=look.line(v), marker=look.marker(v), color=look.colour(v), label=names.value(v)
        )
        for v in values
    ]
    if published:
        handles.append(
            Line2D([], [], linestyle=":", marker="o", color="#555555", mfc="white", label="published")
        )
    return handles
