"""Source map: the relevance of every source to a target, kinds by digits; a column a target, a row a
strategy.

The results keep the maps under `relevance`: {"target", "strategy", "representation", "kinds", "shares"},
where shares sum to 1. A panel's scale is its own, from 0 to its largest share, which is printed above it; the
target's own kind gives no sources and is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.report.names import names_for
from reprise.report.plots.style import applied, make_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(
    results: Results, published: Cells, *, representation: str, strategies: Sequence[str], dataset: str = ""
) -> Figure:
    """Draw the maps of one representation, of the first dataset that has any unless one is named.

    Raises `ParameterError` when the results hold none.
    """
    import numpy as np
    from matplotlib.patches import Rectangle

    maps = [m for m in results.body.get("relevance", []) if m["representation"] == representation]
    dataset = dataset or (maps[0]["dataset"] if maps else "")
    found = {(m["strategy"], m["target"]): m for m in maps if m["dataset"] == dataset}
    targets = list(dict.fromkeys(target for _, target in found))
    if not targets:
        raise ParameterError("the results hold no relevance of sources", given=(dataset, representation))
    names = names_for(results)
    with applied():
        figure, axes = make_figure(len(strategies), len(targets), 3.0, sharex=True, sharey=True)
        for i, strategy in enumerate(strategies):
            for j, target in enumerate(targets):
                axis, here = axes[i][j], found.get((strategy, target))
                axis.grid(visible=False)
                if here is None:
                    axis.set_axis_off()
                    continue
                shares = np.array(here["shares"])
                axis.imshow(shares, cmap="cividis", vmin=0, vmax=shares.max(), aspect="auto")
                own = here["kinds"].index(target.split("/")[0])
                axis.add_patch(
                    Rectangle(
                        (-0.5, own - 0.5), shares.shape[1], 1, fc="#DDDDDD", ec="#777777", hatch="///", lw=0
                    )
                )
                axis.set_title(f"{target.replace('_', ' ')}\nat most {shares.max():.2f}", fontsize=9)
                axis.set_xticks(range(shares.shape[1]))
                axis.tick_params(labelsize=7.5)
                axis.set_yticks(range(len(here["kinds"])), [k.replace("_", " ") for k in here["kinds"]])
            axes[i][-1].annotate(
                names.value(strategy),
                (1.04, 0.5),
                xycoords="axes fraction",
                rotation=270,
                va="center",
                ha="left",
            )
        figure.supxlabel("digit of the source", fontsize=10.5)
    return figure
