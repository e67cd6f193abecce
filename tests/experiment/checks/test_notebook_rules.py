"""Each rule about notebooks finds what it forbids, and nothing in a notebook that keeps it."""

import pytest

from reprise.experiment.checks import notebook_rules as rules
from reprise.experiment.checks.files import NotebookCell


@pytest.mark.parametrize("check", rules.NOTEBOOK_CHECKS)
def test_the_skeleton_keeps_every_rule(project, check):
    assert check(project.files) == []


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def test_it_is_a_notebook_without_outputs(project):
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    project.change(lambda n: n["cells"][3].update(outputs=[output], execution_count=1))
    found = rules.check_it_is_a_notebook(project.files)
    assert [p.partition(") ")[2] for p in found] == ["is stored with outputs", "has an execution count"]
    project.change(lambda n: n["cells"][3].update(outputs=[], execution_count=None))
    project.change(lambda n: n["metadata"]["kernelspec"].update(name="venv"))
    assert only(rules.check_it_is_a_notebook(project.files)) == "its kernel is 'venv', not 'python3'"
    project.change(lambda n: n["cells"][0].pop("metadata"))
    assert only(rules.check_it_is_a_notebook(project.files)).startswith("it is no valid notebook")
    project.files.notebook_file.unlink()
    assert only(rules.check_it_is_a_notebook(project.files)) == "there is no notebooks/made_up.ipynb"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("## Method", "## Methods", "no section 'Methods'"),
        ("## Experiment 1: ", "## Experiment 2: ", "numbered [2]"),
        ("## Provenance", "### Provenance", "'Provenance' is missing"),
        ("## Beyond the paper", "## Deviations and threats", "not in the order of the house"),
        ("## Verdict", "# Verdict", "2 titles (H1)"),
        ("## Claims", "## Setup", "not in the order of the house"),
    ],
)
def test_sections(project, old, new, complaint):
    project.edit("notebooks/made_up.ipynb", old, new)
    assert any(complaint in problem for problem in rules.check_sections(project.files))


def test_more_experiments_are_fine_one_after_the_other(project):
    project.edit(
        "notebooks/made_up.ipynb", "## Reproducibility", "## Experiment 2: more\\n\\n## Reproducibility"
    )
    assert rules.check_sections(project.files) == []


def test_without_a_paper_the_papers_sections_may_be_left_out(project):
    project.edit("notebooks/made_up.ipynb", "## Verdict", "### Verdict")
    assert only(rules.check_sections(project.files)) == "the section 'Verdict' is missing"
    project.study.paper = None
    assert rules.check_sections(project.files) == []


def test_the_title_comes_first(project):
    project.add_cell("markdown", "Something before it.", at=0)
    assert only(rules.check_sections(project.files)) == "its first cell is not the title"


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("def f():\n    return 1", "has a function"),
        ("f = lambda x: x", "has a function"),
        ("class A:\n    pass", "has a class"),
        ("try:\n    x = 1\nexcept ValueError:\n    pass", "has a try"),
        ("for a in x:\n    for b in y:\n        a + b", "has a loop in a loop"),
        ("for a in x:\n    [b for b in a]", "has a loop in a loop"),
        ("[a for b in x for a in b]", "has a loop in a loop"),
        ("import matplotlib.pyplot as plt", "plots by itself (matplotlib)"),
        ("from seaborn import lineplot", "plots by itself (seaborn)"),
        ("1 +", "is no Python"),
    ],
)
def test_nothing_is_defined(project, code, complaint):
    project.add_cell("code", code)
    assert complaint in only(rules.check_nothing_is_defined(project.files))


def test_one_loop_is_allowed(project):
    project.add_cell("code", "for name in ('a', 'b'):\n    print(name)\n[x for x in 'ab']")
    assert rules.check_nothing_is_defined(project.files) == []


def test_cells_are_short(project):
    project.add_cell("code", "\n\n".join(["x = 1"] * 12))
    assert rules.check_cells_are_short(project.files) == [], "blank lines do not count"
    project.add_cell("code", "\n".join(["x = 1"] * 13))
    assert "has 13 lines, at most 12" in only(rules.check_cells_are_short(project.files))


def test_lines_are_narrow(project):
    project.add_cell("code", f"x = '{'a' * 83}'")
    assert "a line of 89 characters" in only(rules.check_cells_are_short(project.files))


def test_the_median_is_short(project):
    for _ in range(9):
        project.add_cell("code", "\n".join(["x = 1"] * 5))
    assert only(rules.check_cells_are_short(project.files)) == (
        "its code cells have 5 lines in the median, above 4"
    )


def test_as_much_prose_as_code(project):
    project.add_cell("code", "x = 1")
    assert "without a sentence between them" in only(rules.check_it_is_prose_as_much_as_code(project.files))
    for _ in range(20):
        project.add_cell("code", "x = 1")
    assert any("are Markdown" in p for p in rules.check_it_is_prose_as_much_as_code(project.files))


def test_the_setup_may_have_several_cells(project):
    at = next(c.number for c in project.files.code if c.section == "Setup")
    project.add_cell("code", "x = 1", at=at)
    assert rules.check_it_is_prose_as_much_as_code(project.files) == []


def test_what_must_be_shown(project):
    project.edit("notebooks/made_up.ipynb", "reading.verdicts()", "reading.claims()")
    assert only(rules.check_it_shows_what_every_notebook_shows(project.files)) == (
        "it never shows reading.verdicts()"
    )


@pytest.mark.parametrize("text", ["It holds in 10 of 12 cells.", "In 16 out of the 36.", "That is 16/36."])
def test_prose_counts_nothing(project, text):
    project.add_cell("markdown", text)
    assert "counts by hand" in only(rules.check_prose_counts_nothing(project.files))


@pytest.mark.parametrize("text", ["Two of them.", "`10 of 12`", "$1/2$", "[table](https://a.org/1/2)"])
def test_what_is_no_count(project, text):
    project.add_cell("markdown", text)
    assert rules.check_prose_counts_nothing(project.files) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("MAP is 0.371 and 45.2 %.", ["0.371", "45.2 %"]),
        ("There are 7,012 documents.", ["7,012"]),
        ("A weight of 0.5, k = 3, top 10, 0.05.", []),
        ("See arXiv 2205.00235 or `0.371`, $0.371$.", []),
        ("nDCG@1000 and R@1000 of v1.234", []),
    ],
)
def test_numbers_in_prose(text, numbers):
    assert list(rules.typed_numbers(NotebookCell(0, "markdown", text, "", {}))) == numbers
