"""Target gains: a measure's difference from a baseline for every sample (a target task), in order of size.

What a mean hides: on how many targets a strategy is better, and by how much. Each strategy is ordered by
itself, so a place on the axis is a rank and not one target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.report.names import names_for
from reprise.report.plots.select import Select, chosen, order_of
from reprise.report.plots.style import Look, add_legend, applied, make_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(
    results: Results,
    published: Cells,
    *,
    measure: str,
    baseline: str,
    strategies: Sequence[str],
    facet: str = "representation",
    select: Select | None = None,
) -> Figure:
    """Draw strategy minus baseline, a panel each dataset and value of `facet`.

    Raises `ParameterError` when no strategy has the samples of its baseline.
    """
    from matplotlib.lines import Line2D

    cells = chosen(results.cells, {**(select or {}), "strategy": [baseline, *strategies]}, measure)
    panels = [
        (dataset, value)
        for dataset in cells.values("dataset")
        for value in cells.select(dataset=dataset).values(facet)
    ]
    look, names = Look(order_of(results, published, "strategy")), names_for(results)
    drawn = 0
    with applied():
        figure, axes = make_figure(1, max(len(panels), 1), 2.8, sharey=True)
        for axis, (dataset, value) in zip(axes[0], panels, strict=True):
            here = {"dataset": dataset, facet: value}
            base = cells.get(**here, strategy=baseline)
            for strategy in strategies:
                cell = cells.get(**here, strategy=strategy)
                if cell is None or base is None or set(cell.samples) != set(base.samples) or not cell.samples:
                    continue
                gaps = sorted(cell.samples[t] - base.samples[t] for t in cell.samples)
                axis.plot(range(1, len(gaps) + 1), gaps, look.line(strategy), color=look.colour(strategy))
                drawn += 1
            axis.axhline(0, color="#555555", linewidth=0.8)
            axis.set_title(", ".join(names.value(v) for v in (dataset, value)))
        if not drawn:
            raise ParameterError("no strategy has the samples of its baseline", given=(baseline, *strategies))
        figure.supxlabel(f"targets, ordered by the difference in {measure}", fontsize=10.5)
        figure.supylabel(f"difference from {names.value(baseline)}", fontsize=10.5)
        add_legend(
            figure,
            [
                Line2D([], [], color=look.colour(s), linestyle=look.line(s), label=names.value(s))
                for s in strategies
            ],
        )
    return figure
