"""One style for every figure: fonts, palette, markers, and how a figure becomes the same bytes every time.

Colours are Okabe and Ito's (2008), chosen to be told apart by the colour-blind, without their yellow,
which is too faint on white; markers differ too, so that colour is never alone in saying what a series is.
Text is sized so that a figure can still be read at half a page's width.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
LINES = ("-", "--", "-.", ":")
WIDTH = 6.4
"""Inches; at half a page's width the text of a figure is then still about 6 points high."""

_RC = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "errorbar.capsize": 0,
    "svg.fonttype": "path",
    "svg.hashsalt": "reprise",
    "path.simplify": True,
}


@contextmanager
def applied() -> Iterator[None]:
    """The style, for drawing and for writing alike; other figures of the process are left alone."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_RC)
        yield


class Look:
    """Colour, marker and line of each value, by its place in a fixed order.

    >>> look = Look(["bm25", "unicoil"])
    >>> look.colour("bm25") == look.colour("bm25") != look.colour("unicoil")
    True
    """

    def __init__(self, order: Sequence[str]) -> None:
        self._place = {value: place for place, value in enumerate(dict.fromkeys(order))}

    def colour(self, value: str) -> str:
        return PALETTE[self._at(value) % len(PALETTE)]

    def marker(self, value: str) -> str:
        return MARKERS[self._at(value) % len(MARKERS)]

    def line(self, value: str) -> str:
        return LINES[self._at(value) // len(PALETTE) % len(LINES)]

    def _at(self, value: str) -> int:
        return self._place.setdefault(value, len(self._place))


def make_figure(rows: int, columns: int, height: float, **options: object) -> tuple[Figure, list[list[Axes]]]:
    """A figure of rows x columns panels, each `height` inches high; call it inside `applied`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, rows * height + 0.9), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.06, w_pad=0.04)
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, axes.tolist()


def add_legend(figure: Figure, handles: Sequence[Any], title: str = "", columns: int = 4) -> None:
    """One legend for all panels, above them, in as many columns as the figure's width allows."""
    if handles:
        labels = [handle.get_label() for handle in handles]
        fitting = (
            n for n in range(min(columns, len(labels)), 1, -1) if _legend_width(labels, n) <= WIDTH * 72
        )
        figure.legend(
            handles=list(handles),
            loc="outside upper center",
            ncols=next(fitting, 1),
            title=title or None,
            handletextpad=0.5,
            columnspacing=1.4,
        )


def _legend_width(labels: Sequence[str], columns: int) -> float:
    """About how wide a legend is, in points; it is filled column by column."""
    deep = -(-len(labels) // columns)
    widest = [max(map(len, labels[i : i + deep])) for i in range(0, len(labels), deep)]
    return sum(5.4 * letters + 38 for letters in widest)


def wrapped(text: str, inches: float) -> str:
    """A label over as many lines as it needs to be at most so long."""
    return "\n".join(wrap(text, max(10, round(inches * 72 / 5.9))))


def to_svg(figure: Figure) -> bytes:
    """The figure as SVG, without a date: the same figure gives the same bytes."""
    file = io.BytesIO()
    with applied():
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def to_png(figure: Figure, dpi: int = 160) -> bytes:
    """The figure as PNG, without the name of what wrote it."""
    file = io.BytesIO()
    with applied():
        figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
    return file.getvalue()
