"""Heat map: one measure over two factors, the value written in every square.

Other factors that vary (and datasets) make a panel each. The scale is cividis, which reads alike with and
without colour vision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.report.names import Names, names_for
from reprise.report.numbers import decimals_for, number
from reprise.report.plots.select import Select, as_number, chosen, order_of, varying
from reprise.report.plots.style import applied, make_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 9


def draw(
    results: Results,
    published: Cells,
    *,
    rows: str,
    columns: str,
    measure: str,
    cells: str = "cells",
    select: Select | None = None,
    decimals: int | None = None,
) -> Figure:
    """Draw the map; `ParameterError` when more than nine panels would be needed."""
    drawn = Cells(c for c in chosen(results.cells_of(cells), select, measure) if c[rows] and c[columns])
    others = varying(drawn, without=(rows, columns))
    panels = list(dict.fromkeys(tuple((n, c[n]) for n in others) for c in drawn))
    if not panels or len(panels) > MOST_PANELS:
        raise ParameterError(
            f"a heat map of {rows} and {columns} needs {len(panels)} panels",
            given=others,
            remedy="select one value of the others",
        )
    down, across = (_ordered(results, published, drawn, name) for name in (rows, columns))
    values = [c.value for c in drawn]
    digits = decimals if decimals is not None else min(decimals_for(values), 3)
    names = names_for(results)
    wide = min(len(panels), 3 if len(across) <= 4 else 2)
    deep = -(-len(panels) // wide)
    with applied():
        figure, axes = make_figure(deep, wide, 0.34 * len(down) + 0.75)
        for index in range(deep * wide):
            axis = axes[index // wide][index % wide]
            if index >= len(panels):
                axis.set_axis_off()
                continue
            here = drawn.select(**dict(panels[index]))
            # a panel has only the rows and columns that it has numbers for
            shown = [
                (rows, [v for v in down if v in here.values(rows)]),
                (columns, [v for v in across if v in here.values(columns)]),
            ]
            _panel(axis, here, *shown, (min(values), max(values)), digits, names)
            axis.set_title(", ".join(names.value(v) for _, v in panels[index] if v))
        figure.supxlabel(columns, fontsize=10.5)
        figure.supylabel(rows, fontsize=10.5)
        figure.suptitle(measure, fontsize=10.5)
    return figure


def _ordered(results: Results, published: Cells, drawn: Cells, name: str) -> list[str]:
    """The values of a factor, numbers by size and words in the fixed order."""
    values = [v for v in order_of(results, published, name) if v in drawn.values(name)]
    numbers = [as_number(v) for v in values]
    return sorted(values, key=float) if None not in numbers else values


def _panel(
    axis: Axes,
    cells: Cells,
    rows: tuple[str, list[str]],
    columns: tuple[str, list[str]],
    span: tuple[float, float],
    decimals: int,
    names: Names,
) -> None:
    import numpy as np

    (row, down), (column, across) = rows, columns
    values = np.full((len(down), len(across)), np.nan)
    for cell in cells:
        values[down.index(cell[row]), across.index(cell[column])] = cell.value
    axis.imshow(values, cmap="cividis", vmin=span[0], vmax=span[1], aspect="auto")
    middle = span[0] + 0.55 * (span[1] - span[0])
    for (i, j), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = "black" if value > middle else "white"
            axis.text(
                j, i, number(float(value), decimals), ha="center", va="center", color=colour, fontsize=8.5
            )
    axis.set_xticks(range(len(across)), [names.value(v) for v in across])
    axis.set_yticks(range(len(down)), [names.value(v) for v in down])
    axis.grid(visible=False)
    if max(len(names.value(v)) for v in across) > 7:
        axis.tick_params(axis="x", rotation=40)
        for text in axis.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
