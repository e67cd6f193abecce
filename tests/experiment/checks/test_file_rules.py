"""Parameters, ledger and published numbers: each check finds what does not fit."""

import pytest

from reprise.claims.ledger import load_ledger
from reprise.claims.published import load_published
from reprise.experiment.checks import file_rules as rules
from reprise.experiment.requirement import Requirement


@pytest.mark.parametrize("check", rules.FILE_CHECKS)
def test_the_skeleton_passes(project, check):
    assert check(project.files) == []


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("topic = None", "no parameter 'topic'"),
        ("topics = 50", None),
        ("topics = 40", "the parameter 'topics' is 40, its default 50"),
        ("topics = 1", "'topics'"),
        ("topics = len('ab')", "not given as a plain value"),
        ("rank = None", None),
        ("rank = 4", "as None when it is nested"),
    ],
)
def test_the_parameters_cell_equals_the_model(project, new, complaint):
    project.edit("notebooks/made_up.ipynb", "topics = None", new)
    found = rules.check_parameters_cell(project.files)
    assert (found == []) if complaint is None else any(complaint in problem for problem in found)


def test_the_parameters_cell_is_the_first_code_cell_and_says_default(project):
    project.add_cell("code", "x = 1", at=1)
    assert rules.check_parameters_cell(project.files) == [
        "the cell tagged 'parameters' is not the first code cell"
    ]
    project.edit("notebooks/made_up.ipynb", 'profile = \\"default\\"', 'profile = \\"smoke\\"')
    assert "does not set profile = 'default'" in rules.check_parameters_cell(project.files)[-1]
    project.edit("notebooks/made_up.ipynb", "settings = {}", "settings = {'topics': 3}")
    assert "does not set settings = {}" in rules.check_parameters_cell(project.files)[-1]
    project.edit("notebooks/made_up.ipynb", '"parameters"', '"others"')
    assert "0 cells tagged" in rules.check_parameters_cell(project.files)[0]


def test_at_most_twelve_parameters(project):
    more = "\\n".join(f"a{i} = None" for i in range(10))
    project.edit("notebooks/made_up.ipynb", "topics = None", f"topics = None\\n{more}")
    assert "13 names, at most 12" in rules.check_parameters_cell(project.files)[0]


def test_every_profile_loads_and_smoke_and_default_are_there(project):
    project.edit("params/smoke/made_up.yaml", "topics: 5", "topic: 5")
    (problem,) = rules.check_params_files(project.files)
    assert problem.startswith("smoke: ") and "did you mean 'topics'" in problem
    project.files.params("smoke").unlink()
    assert rules.check_params_files(project.files) == ["there is no params/smoke/made_up.yaml"]


def test_smoke_and_default_need_nothing_from_outside(project, monkeypatch):
    needed = [Requirement("index", "msmarco", lambda: False, "fetch it")]
    monkeypatch.setattr(type(project.study), "requirements", lambda self, parameters: needed)
    assert rules.check_params_files(project.files) == [
        "the profile 'default' needs msmarco from outside",
        "the profile 'smoke' needs msmarco from outside",
    ]


def test_the_ledger_loads_and_has_what_the_notebook_says(project):
    project.edit("params/claims/made_up.yaml", "method-above-baseline", "another-id")
    assert rules.check_ledger(project.files) == [
        "the notebook speaks of 'method-above-baseline', which the ledger does not have"
    ]
    project.edit("params/claims/made_up.yaml", '"0000.00000"', '"1111.11111"')
    assert "no claim is from the paper itself" in rules.check_ledger(project.files)[0]
    project.edit("params/claims/made_up.yaml", "region: {above: 0}", "region: {beyond: 0}")
    assert "beyond" in rules.check_ledger(project.files)[0]
    project.files.params("claims").unlink()
    assert len(rules.check_ledger(project.files)) == 1
    project.study.paper = None
    assert rules.check_ledger(project.files) == []


AUDIT = """
  - id: first-places
    claim: The method stands first in the only comparison.
    source: Table 1
    origin: ours
    system: {system: method}
    than: {system: baseline}
    region: {above: 0}
    needs: most
    for_every: {dataset: all}
    audit: {holds: 1, of: 1}
    refuted_by: another count in the printed table
"""


def test_audits_count_what_the_published_numbers_say(project):
    with project.files.params("claims").open("a") as file:
        file.write(AUDIT)
    assert rules.check_published(project.files) == []
    project.edit("params/published/made_up.yaml", "0.5000", "0.3000")
    assert "the audit 'first-places' does not count what it says" in rules.check_published(project.files)[0]
    project.edit("params/published/made_up.yaml", "0.3000", "0.3O00")
    assert "is not a number" in rules.check_published(project.files)[0]


def test_a_misspelt_factor_is_found(project):
    project.edit("params/claims/made_up.yaml", "for_every: {dataset: all}", "for_every: {datset: all}")
    project.edit("params/claims/made_up.yaml", "than: {system: baseline}", "than: {sytem: baseline}")
    (claim,) = load_ledger(project.files.params("claims"))
    published = load_published("made_up", project.root)
    assert rules.unknown_factors(claim, published) == ["datset", "sytem"]
