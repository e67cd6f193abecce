"""A new study's files: they pass every check from the start, and take nobody's place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reprise.errors import ParameterError
from reprise.studies.skeleton import create

ROOT = Path(__file__).parents[2]


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


def test_the_command_makes_a_study_that_passes_every_check(tmp_path):
    """In a copy of the project: made, linted, and through the whole suite, with its smoke run."""
    for folder in ("lib/reprise", "tests/studies"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for shared in ("project_copy.py", "idx_files.py", "dask_cluster.py", "data/open_data.py"):
        (tmp_path / "tests" / shared).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "tests" / shared, tmp_path / "tests" / shared)
    (tmp_path / "params").mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("REPRISE_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(tmp_path / "lib"), "OMP_NUM_THREADS": "1"}

    def run(*words):
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done.stdout

    made = run(sys.executable, "-m", "reprise.cli", "new-study", "my_paper").split()
    sources = [path for path in made if path.endswith(".py")]
    run(sys.executable, "-m", "ruff", "check", *sources)
    run(sys.executable, "-m", "ruff", "format", "--check", *sources)
    said = run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/studies", "-k", "my_paper"
    )
    assert " passed" in said and "skipped" not in said
