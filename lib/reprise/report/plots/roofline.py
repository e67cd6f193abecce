"""Roofline: useful GFLOP/s of layers against the share of weights kept, under the machine's measured peak.

A kernel that skips zeros for nothing keeps its rate at every sparsity; a dense one does useful work in
proportion to what is kept: the dashed line through the peak. A point is a layer's median.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.report.names import names_for
from reprise.report.plots.select import Select, chosen, order_of
from reprise.report.plots.style import Look, add_legend, applied, make_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURE = "useful GFLOP/s"


def draw(
    results: Results,
    published: Cells,
    *,
    cells: str = "layers",
    select: Select | None = None,
    series: str = "block",
) -> Figure:
    """Draw the points of the sparse kernels, one colour a block, and the peak of results.json's machine."""
    from statistics import median

    drawn = chosen(results.cells_of(cells), {**(select or {}), "implementation": "sparse"}, MEASURE)
    peak = median(results.body["machine"]["peak_gflops"])
    order = [v for v in order_of(results, published, series) if v in drawn.values(series)]
    look, names = Look(order), names_for(results)
    with applied():
        from matplotlib.lines import Line2D

        figure, axes = make_figure(1, 1, 3.2)
        axis = axes[0][0]
        kept = sorted({1 - float(c["sparsity"]) for c in drawn})
        shift = 0.012
        for place, value in enumerate(order):
            points = list(drawn.select(**{series: value}))
            axis.plot(
                [1 - float(c["sparsity"]) + shift * (place - (len(order) - 1) / 2) for c in points],
                [c.value for c in points],
                look.marker(value),
                color=look.colour(value),
                alpha=0.6,
                markersize=4.5,
            )
        axis.axhline(peak, color="#000000", linewidth=1.2)
        axis.annotate(
            f"peak of multiply-adds, {peak:.0f} GFLOP/s",
            (0.99, peak),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=9.5,
        )
        axis.plot([0, 1], [0, peak], "--", color="#7F7F7F", linewidth=1.2)
        axis.set_xlim(0, 1.05)
        axis.set_ylim(0, 1.12 * peak)
        axis.set_xticks(kept, [f"{k:.0%}" for k in kept], rotation=45 if len(kept) > 5 else 0)
        axis.set_xlabel("weights kept")
        axis.set_ylabel(MEASURE)
        handles = [
            Line2D([], [], linestyle="", marker=look.marker(v), color=look.colour(v), label=names.value(v))
            for v in order
        ]
        handles.append(Line2D([], [], linestyle="--", color="#7F7F7F", label="dense code at the peak"))
        add_legend(figure, handles)
    return figure
