"""A study's figures: found by the name of their plot, drawn, and shown."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.experiment.study import FigureSpec

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A drawn figure: SVG and PNG bytes, caption and what it shows in words."""

    name: str
    caption: str
    alt: str
    figure: Figure

    @cached_property
    def svg(self) -> bytes:
        from reprise.report.plots.style import to_svg

        return to_svg(self.figure)

    @cached_property
    def png(self) -> bytes:
        from reprise.report.plots.style import to_png

        return to_png(self.figure)

    def _repr_html_(self) -> str:
        return (
            f'<figure style="margin:0"><img alt="{escape(self.alt)}" style="max-width:100%;width:680px;'
            f'background:white" src="{self._address()}">'
            f"<figcaption>{escape(self.caption)}.</figcaption></figure>"
        )

    def _repr_markdown_(self) -> str:
        return f"![{self.alt}]({self._address()})\n\n{self.caption}.\n"

    def _address(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"

    def _repr_mimebundle_(self, **options: object) -> Mapping[str, str]:
        # Markdown would repeat the picture's bytes in every saved notebook
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<figure {self.name!r}: {self.caption}>"


def draw_figure(spec: FigureSpec, results: Results, published: Cells) -> Picture:
    """Draw a figure; `ParameterError` for an unknown plot or options that it does not take."""
    try:
        module = importlib.import_module(f"reprise.report.plots.{spec.plot}")
    except ModuleNotFoundError as error:
        raise ParameterError(
            f"the figure {spec.name!r} asks for a plot that does not exist", given=spec.plot
        ) from error
    try:
        figure = module.draw(results, published, **spec.options)
    except TypeError as error:
        if "draw()" not in str(error):
            raise
        raise ParameterError(f"the figure {spec.name!r}: {error}", given=dict(spec.options)) from error
    return Picture(spec.name, spec.caption, spec.alt or f"Figure: {spec.caption}", figure)
