"""A new study's files take nobody's place; tests/test_contributing.py sees that they pass every check."""

import pytest

from reprise.errors import ParameterError
from reprise.studies.skeleton import create


def written(root):
    return sorted(p.relative_to(root) for p in root.rglob("*") if p.is_file())


def test_what_is_said_to_be_written_is_written(tmp_path):
    made = create("my_paper", tmp_path)
    assert made == written(tmp_path)
    assert {str(p.parent) for p in made} == {
        "lib/reprise/studies",
        "lib/reprise/studies/my_paper_units",
        "notebooks",
        "params/claims",
        "params/default",
        "params/published",
        "params/smoke",
        "tests/studies",
    }
    assert not [path for path in made if "$" in (tmp_path / path).read_text()]


@pytest.mark.parametrize(
    "name",
    ["", "A", "My_Paper", "my-paper", "1paper", "paper_", "class", "skeleton", "claims", "ä_b", "../x"],
)
def test_a_name_that_no_module_can_have_is_refused_and_nothing_written(tmp_path, name):
    with pytest.raises(ParameterError, match="module name in lower case"):
        create(name, tmp_path)
    assert written(tmp_path) == []


def test_a_study_that_is_there_is_left_alone(tmp_path):
    create("my_paper", tmp_path)
    (tmp_path / "notebooks" / "my_paper.ipynb").write_text("mine")
    with pytest.raises(ParameterError, match="there is a study 'my_paper' already"):
        create("my_paper", tmp_path)
    assert (tmp_path / "notebooks" / "my_paper.ipynb").read_text() == "mine"
    (tmp_path / "lib" / "reprise" / "studies" / "other_units").mkdir()
    (tmp_path / "lib" / "reprise" / "studies" / "other_units" / "__init__.py").write_text("mine")
    before = written(tmp_path)
    with pytest.raises(ParameterError, match="already"):
        create("other", tmp_path)
    assert written(tmp_path) == before
