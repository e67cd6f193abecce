"""Bars: systems against measures, ours filled with intervals over samples, the paper's hollow beside them.

One panel a measure, or with `columns` "dataset" one a dataset, and one row of bars a system. `colour_by`
names the factor that colours the bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.report.entries import twin_of
from reprise.report.names import Names, names_for
from reprise.report.plots.select import Select, chosen, order_of, varying
from reprise.report.plots.style import Look, add_legend, applied, make_figure
from reprise.report.spread import interval_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNGROUPED = 12
System = tuple[tuple[str, str], ...]


def draw(
    results: Results,
    published: Cells,
    *,
    measures: Sequence[str],
    cells: str = "cells",
    select: Select | None = None,
    colour_by: str = "",
    columns: Literal["measure", "dataset"] = "measure",
    log: bool = False,
) -> Figure:
    """Draw the bars; the paper's stand beside ours where it has the same system on the same dataset.

    Raises `ParameterError` for several measures where the panels are datasets.
    """
    if columns == "dataset" and len(measures) > 1:
        raise ParameterError("where each dataset has a panel there is room for one measure", given=measures)
    drawn = chosen(results.cells_of(cells), {**(select or {}), "measure": list(measures)})
    theirs = Cells(twin for cell in drawn if (twin := twin_of(cell, published)))
    datasets = drawn.values("dataset")
    parts = [name for name in varying(drawn) if name != "dataset"]
    parts += ["dataset"] if columns == "measure" and len(datasets) > 1 else []
    panels = [{columns: value} for value in (datasets if columns == "dataset" else measures)]
    colour_by = colour_by or (parts[0] if parts else "dataset")
    systems = list(dict.fromkeys(_system(c, parts) for c in drawn))
    rows = _rows(systems)
    place = {system: i for i, system in enumerate(rows) if isinstance(system, tuple)}
    look, names = Look(order_of(results, published, colour_by)), names_for(results)
    labels = [_label(row, names, grouped=len(rows) > len(systems)) for row in rows]
    lines = sum(1 + label.count("\n") for label in labels)
    with applied():
        height = max(1.2, 0.2 * lines * (1.5 if len(theirs) else 1) + 0.04 * len(rows))
        figure, axes = make_figure(1, len(panels), height, sharey=True, sharex=columns == "dataset")
        for axis, panel in zip(axes[0], panels, strict=True):
            for source, filled in ((drawn, True), (theirs, False)):
                for cell in source.select(**panel):
                    at = place[_system(cell, parts)]
                    _bar(axis, at, cell, look.colour(cell[colour_by]), filled, bool(len(theirs)))
            if columns == "dataset":
                axis.set_title("\n".join(wrap(names.value(panel[columns]), 60 // len(panels))))
            else:
                axis.set_xlabel(panel[columns])
            axis.grid(axis="y", visible=False)
            axis.tick_params(axis="y", length=0)
            if log:
                axis.set_xscale("log")
            else:
                axis.locator_params(axis="x", nbins=4 if len(panels) < 3 else 3)
        if columns == "dataset":
            figure.supxlabel(measures[0], fontsize=10.5)
        axes[0][0].set_yticks(range(len(rows)), labels, fontsize=9)
        axes[0][0].set_ylim(len(rows) - 0.4, -0.6)
        for row, text in zip(rows, axes[0][0].get_yticklabels(), strict=True):
            text.set_fontweight("bold" if isinstance(row, str) else "normal")
        if len(theirs):
            from matplotlib.patches import Patch

            add_legend(
                figure,
                [Patch(color="#555555", label="ours"), Patch(fc="white", ec="#555555", label="published")],
            )
    return figure


def _rows(systems: Sequence[System]) -> list[System | str]:
    """The systems from above; many of them in groups by their first factor, each under its value."""
    groups = list(dict.fromkeys(system[0][1] for system in systems if system))
    if len(systems) <= MOST_UNGROUPED or len(systems[0]) < 2 or not 1 < len(groups) <= len(systems) // 3:
        return list(systems)
    return [row for group in groups for row in (group, *(s for s in systems if s[0][1] == group))]


def _label(row: System | str, names: Names, grouped: bool) -> str:
    if isinstance(row, str):
        return names.value(row)
    named = [names.value(value) for _, value in row[grouped:] if value]
    return "\n".join(wrap(", ".join(named) or "all", 34))


def _system(cell: Cell, parts: Sequence[str]) -> System:
    return tuple((name, cell[name]) for name in parts)


def _bar(axis: Axes, place: int, cell: Cell, colour: str, filled: bool, shared: bool) -> None:
    at = place + ((-0.2 if filled else 0.2) if shared else 0)
    axis.barh(
        at,
        cell.value,
        0.36 if shared else 0.66,
        color=colour if filled else "white",
        edgecolor=colour,
        linewidth=1.2,
    )
    spread = interval_of(cell) if filled else None
    if spread:
        axis.plot(spread, [at, at], color="#222222", linewidth=1.2)
