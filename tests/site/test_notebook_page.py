"""Notebooks as pages: formulas without a network, links as seen from results/, code left alone."""

from reprise.site.formulas import formula_html, take_formulas
from reprise.site.notebook_page import markdown_html, notebook_body


def test_a_formula_is_a_picture_named_by_its_tex():
    html = formula_html(r"q' = \alpha q + \beta\,\frac{1}{k}\sum_{i \le k} d_i")
    assert html.startswith("<svg") and r"\frac{1}{k}" in html and "dc:date" not in html


def test_what_cannot_be_set_stays_tex():
    assert formula_html(r"\begin{cases} x \end{cases}") == r"<code>\begin{cases} x \end{cases}</code>"


def test_money_and_code_are_no_formulas():
    assert take_formulas("it costs $5 and `$x$` or\n```\n$y$\n```\n")[1] == {}
    assert len(take_formulas("$$a = b$$ and $c$")[1]) == 2


def test_links_lead_where_they_led_in_the_notebook():
    html = markdown_html("[code](../lib/x.py) [web](https://arxiv.org) ![p](../a.png)")
    assert (
        'href="../../../lib/x.py"' in html
        and 'href="https://arxiv.org"' in html
        and 'src="../../../a.png"' in html
    )


def test_the_body_has_cells_and_outputs(project):
    body = notebook_body((project / "results/default/fusion/notebook.ipynb").read_bytes())
    assert '<h1 id="fusion">Fusion</h1>' in body and "<svg" in body and ">2" in body
    assert "http://" not in body.replace("http://www.w3.org", "")
