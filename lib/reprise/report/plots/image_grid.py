"""Image grid: small grey images that a study keeps under `grids`, a row a kind, a column an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.report.names import names_for
from reprise.report.plots.style import WIDTH, applied

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(results: Results, published: Cells, *, grid: str, columns: int = 2) -> Figure:
    """Draw the images of one grid, [{"kind", "images" of 0..255}], the kinds in so many columns of strips.

    Raises `ParameterError` when the results hold no such grid.
    """
    import numpy as np
    from matplotlib.figure import Figure

    grids = results.body.get("grids", {})
    if not grids.get(grid):
        raise ParameterError("the results hold no such grid of images", given=grid, remedy=f"{sorted(grids)}")
    strips = {
        entry["kind"]: np.hstack([np.pad(image, 1, constant_values=255) for image in entry["images"]])
        for entry in grids[grid]
    }
    rows = -(-len(strips) // columns)
    names = names_for(results)
    with applied():
        one = next(iter(strips.values()))
        height = WIDTH / columns * one.shape[0] / one.shape[1] + 0.26
        figure = Figure(figsize=(WIDTH, rows * height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).T.ravel()
        for axis in axes:
            axis.set_axis_off()
        for axis, (kind, strip) in zip(axes, strips.items(), strict=False):
            axis.imshow(strip, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axis.set_title(names.value(kind).replace("_", " "), fontsize=9, pad=2)
    return figure
