"""An executed notebook as a page body: nbconvert's basic template, formulas set here, no network needed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from reprise.site.formulas import take_formulas

UP = "../../"
"""From a page in results/<profile>/<study>/ to the folder that a relative link in notebooks/ starts from."""


def notebook_body(notebook: bytes) -> str:
    """The cells of an executed notebook as HTML."""
    import nbformat

    body, _ = _exporter().from_notebook_node(nbformat.reads(notebook.decode(), as_version=4))
    return "\n".join(line.rstrip() for line in body.splitlines() if line.strip())


@lru_cache(maxsize=1)
def highlight_css() -> str:
    """Colours of code, light and dark."""
    from pygments.formatters import HtmlFormatter

    def style(name: str) -> str:
        css = HtmlFormatter(style=name).get_style_defs(".highlight")
        kept = [line for line in css.splitlines() if line.startswith(".highlight .")]
        return "\n".join(re.sub(r" /\*.*?\*/", "", line) for line in kept)

    return f"{style('xcode')}\n@media (prefers-color-scheme: dark) {{ {style('github-dark')} }}"


def markdown_html(source: str) -> str:
    """Markdown as HTML: tables, formulas, headings that can be linked to, links as seen from results/.

    >>> markdown_html("## Set up")
    '<h2 id="set-up">Set up</h2>\\n'
    """
    from markdown_it import MarkdownIt

    text, formulas = take_formulas(source)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    for word, formula in formulas.items():
        html = html.replace(word, formula)
    html = re.sub(r"<(h[1-6])>(.*?)</\1>", _heading, html)
    return re.sub(r'(href|src)="(\.\./)', rf'\1="{UP}\2', html)


def _heading(match: re.Match[str]) -> str:
    plain = re.sub(r"<[^>]+>", "", match[2])
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return f'<{match[1]} id="{slug}">{match[2]}</{match[1]}>'


@lru_cache(maxsize=1)
def _exporter() -> Any:
    from jinja2 import pass_context
    from nbconvert import HTMLExporter

    class Exporter(HTMLExporter):
        """nbconvert's exporter with our Markdown, which knows formulas without MathJax."""

        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            return markdown_html(source)

    return Exporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
