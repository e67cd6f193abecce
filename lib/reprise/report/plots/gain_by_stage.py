"""Gain by stage: how much each stage changes a measure, against a baseline stage of the same retrievers.

Columns of panels are datasets (ours filled, with intervals over topics; the paper's hollow), rows are
measures; the horizontal places are the stages, colour is the sparse list and the marker the dense retriever.
A stage without a sparse list (feedback alone) is grey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.report.names import Names, names_for
from reprise.report.plots.select import Select, chosen, order_of
from reprise.report.plots.style import Look, add_legend, applied, make_figure, wrapped
from reprise.report.spread import interval_of_difference

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALONE = "#7F7F7F"
ABREAST = 3
"""Panels that the width has room for."""

Panel = tuple[Cells, str, bool]
"""The cells of a panel, its dataset, and whether they are ours."""


@dataclass(frozen=True)
class Scale:
    """What the factors are drawn as: places of stages, looks of sparse lists and of dense retrievers."""

    stage: str
    colour_by: str
    marker_by: str
    stages: Sequence[str]
    colours: Look
    markers: Look
    order: Sequence[str]


def draw(
    results: Results,
    published: Cells,
    *,
    measures: Sequence[str],
    baseline: Mapping[str, str],
    select: Select | None = None,
    colour_by: str = "sparse",
    marker_by: str = "dense",
) -> Figure:
    """Draw the gains over `baseline`, whose only factor is the one that names the stage."""
    ((stage, start),) = baseline.items()
    cells = chosen(results.cells, {**(select or {}), "measure": list(measures)})
    theirs = published.select(**(select or {}), measure=list(measures))
    both = [*cells, *theirs]
    markers = order_of(results, published, marker_by)
    fused = [
        v
        for v in order_of(results, published, stage)
        if v != start and any(c[stage] == v and c[marker_by] for c in both)
    ]
    scale = Scale(
        stage,
        colour_by,
        marker_by,
        fused,
        Look(order_of(results, published, colour_by)),
        Look(markers),
        markers,
    )
    panels = [(cells, d, True) for d in cells.values("dataset")]
    panels += [(theirs, d, False) for d in theirs.values("dataset")]
    blocks = _blocks(panels)
    columns, height, names = max(map(len, blocks)), len(measures), names_for(results)
    with applied():
        figure, axes = make_figure(len(blocks) * height, columns, 2.3, sharey="row")
        for row, line in enumerate(axes):
            block, measure = blocks[row // height], measures[row % height]
            line[0].set_ylabel(wrapped(f"gain in {measure}", 2.3))
            for axis, (source, dataset, ours) in zip(line, block, strict=False):
                _panel(axis, source.select(dataset=dataset, measure=measure), start, scale, ours)
                last = row % height == height - 1
                axis.set_xticks(
                    range(len(fused)),
                    [names.value(v) for v in fused] if last else [],
                    rotation=40,
                    ha="right",
                    rotation_mode="anchor",
                )
                if row % height == 0:
                    axis.set_title(f"{dataset} ({'ours' if ours else 'published'})")
            for axis in line[len(block) :]:
                axis.set_axis_off()
        add_legend(figure, _handles(cells, theirs, scale, names), columns=3)
    return figure


def _blocks(panels: Sequence[Panel]) -> list[list[Panel]]:
    """The panels in rows: one row where they fit, else ours and the published ones below each other."""
    if len(panels) <= ABREAST:
        return [list(panels)]
    groups = [[p for p in panels if p[2]], [p for p in panels if not p[2]]]
    return [group[i : i + ABREAST] for group in groups for i in range(0, len(group), ABREAST)]


def _panel(axis: Axes, cells: Cells, start: str, scale: Scale, ours: bool) -> None:
    here = [v for v in scale.order if any(c[scale.marker_by] == v for c in cells)]
    lists = ["", *cells.values(scale.colour_by)]
    axis.axhline(0, color="#555555", linewidth=0.9)
    for value in here:
        base = cells.get(**{scale.marker_by: value, scale.stage: start})
        if base is None:
            continue
        for cell in cells.select(**{scale.marker_by: value, scale.stage: list(scale.stages)}):
            group = lists.index(cell[scale.colour_by])
            # the sparse lists side by side within a stage, the dense retrievers side by side within a list
            places = len(here) * max(len(lists) - 1, 1)
            slot = here.index(value) + (len(here) * (group - 1) if group else (places - len(here)) / 2)
            at = scale.stages.index(cell[scale.stage]) + (slot - (places - 1) / 2) * 0.78 / places
            _point(axis, at, cell, base, scale, ours)
    axis.grid(axis="x", visible=False)
    for edge in range(1, len(scale.stages)):
        axis.axvline(edge - 0.5, color="#E6E6E6", linewidth=0.7, zorder=0)
    axis.set_xlim(-0.5, len(scale.stages) - 0.5)


def _point(axis: Axes, at: float, cell: Cell, base: Cell, scale: Scale, ours: bool) -> None:
    value = cell[scale.colour_by]
    colour = scale.colours.colour(value) if value else ALONE
    gain = cell.value - base.value
    spread = interval_of_difference(cell, base)
    if spread:
        axis.plot([at, at], spread, color=colour, linewidth=1.1, alpha=0.75)
    axis.plot(
        [at],
        [gain],
        scale.markers.marker(cell[scale.marker_by]),
        color=colour,
        mfc=colour if ours else "white",
        markersize=4.8,
    )


def _handles(cells: Cells, theirs: Cells, scale: Scale, names: Names) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    seen = [*cells, *theirs]
    colours = list(
        dict.fromkeys(c[scale.colour_by] for c in seen if c[scale.colour_by] and c[scale.marker_by])
    )
    handles: list[Any] = [Patch(color=scale.colours.colour(v), label=names.value(v)) for v in colours]
    if any(not c[scale.colour_by] and c[scale.stage] in scale.stages for c in seen):
        handles.append(Patch(color=ALONE, label=f"no {scale.colour_by} list"))
    for source, filled in ((cells, True), (theirs, False)):
        handles += [
            Line2D(
                [],
                [],
                linestyle="",
                marker=scale.markers.marker(v),
                color="#444444",
                mfc="#444444" if filled else "white",
                label=names.value(v),
            )
            for v in source.values(scale.marker_by)
        ]
    return handles
