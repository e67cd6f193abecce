"""Formulas of a notebook as inline SVG: TeX set by matplotlib; a page then needs neither network nor fonts.

What matplotlib's mathtext cannot set stays TeX, in a code element.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from html import escape

_MATH = re.compile(r"(?<![\\$])(\$\$?)(?=[^\s$])(.+?)(?<=[^\s\\])\1(?!\$)", re.DOTALL)
_MATHTEXT = {
    r"\\le(?![a-z])": r"\\leq",
    r"\\ge(?![a-z])": r"\\geq",
    r"\\ne(?![a-z])": r"\\neq",
    r"\\(text|mbox|textrm)\{": r"\\mathrm{",
    r"\\textbf\{": r"\\mathbf{",
    r"\\(l|r)Vert(?![a-z])": r"\\Vert",
    r"\\(l|r)vert(?![a-z])": r"\\vert",
    r"\\[bB]igg?[lr]?(?![a-z])": "",
}
"""TeX that mathtext does not know, and the same thing as it knows it."""

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)


def take_formulas(markdown: str) -> tuple[str, dict[str, str]]:
    """The text with a word in the place of every formula outside code, and the HTML that goes there.

    >>> text, found = take_formulas("costs `$5`, so $x^2$")
    >>> text, len(found)
    ('costs `$5`, so FORMULA0END', 1)
    """
    found: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        word = f"FORMULA{len(found)}END"
        found[word] = formula_html(match[2].strip(), display=match[1] == "$$")
        return word

    parts = _CODE.split(markdown)
    return "".join(part if i % 2 else _MATH.sub(take, part) for i, part in enumerate(parts)), found


@lru_cache(maxsize=500)
def formula_html(tex: str, display: bool = False) -> str:
    """A formula as an SVG in the colour of the text, with the TeX as its name."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from reprise.report.plots.style import applied

    with applied():
        figure = Figure(figsize=(0.01, 0.01))
        FigureCanvasSVG(figure)
        figure.text(0, 0, f"${_known(tex)}$", fontsize=12)
        file = io.BytesIO()
        try:
            figure.savefig(
                file,
                format="svg",
                bbox_inches="tight",
                pad_inches=0.01,
                transparent=True,
                metadata={"Date": None, "Creator": None},
            )
        except ValueError:  # mathtext knows a part of TeX only
            code = f"<code>{escape(tex)}</code>"
            return f'<span class="formula">{code}</span>' if display else code
    svg = file.getvalue().decode()
    svg = svg[svg.index("<svg") :]
    width, height = (float(re.search(rf'\b{side}="([\d.]+)pt"', svg)[1]) for side in ("width", "height"))
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><")
    # 12 points are one em here
    head = (
        f'<svg class="math" role="img" aria-label="{escape(tex)}" '
        f'style="height:{height / 12:.3f}em;width:{width / 12:.3f}em"'
    )
    svg = head + re.sub(r'\b(width|height)="[\d.]+pt"', "", svg[len("<svg") :], count=2)
    return f'<span class="formula">{svg}</span>' if display else svg


def _known(tex: str) -> str:
    """One line of TeX in the words that mathtext knows."""
    tex = " ".join(tex.split())
    for pattern, word in _MATHTEXT.items():
        tex = re.sub(pattern, word, tex)
    return tex
