"""The forms of See Also, each as packages write it."""

import pytest

from reprise.data.pydocs_seealso import Reference, plain, split_see_also


def section(*lines):
    return "Body.\n\nSee Also\n--------\n" + "\n".join(lines) + "\n\nNotes\n-----\nMore."


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["svd : Factorise it."], [(("svd",), "Factorise it.")]),
        (["svd: Factorise it."], [(("svd",), "Factorise it.")]),
        (["scipy.linalg.svd", "    Factorise", "    it."], [(("scipy.linalg.svd",), "Factorise it.")]),
        (
            ["svd : Factorise it,", "    slowly.", "qr : Another."],
            [(("svd",), "Factorise it, slowly."), (("qr",), "Another.")],
        ),
        (["sin, cos,", "tan"], [(("sin", "cos", "tan"), "")]),
        (["sin, cos : Trigonometry."], [(("sin", "cos"), "Trigonometry.")]),
        ([":func:`~numpy.sum`, `prod`"], [(("numpy.sum", "prod"), "")]),
        ([":meth:`fit` : Learns."], [(("fit",), "Learns.")]),
        (["", "besselj, bessely"], [(("besselj", "bessely"), "")]),
        (["- `Plot.draw()` : Draws."], [(("Plot.draw",), "Draws.")]),
        (["The function `draw` has more to say."], [(("draw",), "")]),
    ],
)
def test_numpydoc_sections(lines, found):
    rest, references = split_see_also(section(*lines))
    assert references == [Reference(*entry) for entry in found]
    assert rest == "Body.\n\nNotes\n-----\nMore."


def test_google_block_ends_where_the_indentation_does():
    rest, references = split_see_also("Body.\n\nSee Also:\n    merge\n    keymap\n\nArgs:\n    x: y")
    assert references == [Reference(("merge",), ""), Reference(("keymap",), "")]
    assert rest == "Body.\n\nArgs:\n    x: y"


def test_sphinx_directive():
    text = (
        "Body.\n\n.. seealso::\n\n        :func:`torch.svd_ex` for a version by\n"
        "        LAPACK that skips checks.\n\nMore."
    )
    rest, references = split_see_also(text)
    assert rest == "Body.\n\nMore."
    assert references == [Reference(("torch.svd_ex",), "a version by LAPACK that skips checks.")]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Adds. See also :func:`torch.cat`. Slowly.", "Adds.  Slowly."),
        ("Adds (see also `torch.cat`) slowly.", "Adds  slowly."),
        ("Adds. See also: `torch.cat`\n\nMore.", "Adds. \n\nMore."),
    ],
)
def test_running_text_gives_names_only(text, rest):
    assert split_see_also(text) == (rest, [Reference(("torch.cat",), "")])


def test_markup_is_taken_off():
    assert plain("Use :class:`Figure <matplotlib.Figure>` or *not* [1]_\n ``x``") == "Use Figure or not x"
