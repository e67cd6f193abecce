"""Where the project is, and whether the code that runs is its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import reprise
from reprise.errors import EnvironmentNotReady
from reprise.experiment.project import find_root

ROOT = Path(reprise.__file__).parents[2]


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A folder with a package of its own, as a copied checkout has."""
    (tmp_path / "params").mkdir()
    (tmp_path / "lib" / "reprise").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REPRISE_ROOT", raising=False)
    return tmp_path


def test_the_package_of_another_checkout_is_refused_with_both_folders(copy, monkeypatch):
    with pytest.raises(EnvironmentNotReady) as refused:
        find_root()
    assert str(ROOT / "lib" / "reprise") in str(refused.value)
    assert str(copy / "lib" / "reprise") in str(refused.value)
    monkeypatch.setenv("REPRISE_ROOT", str(copy))
    with pytest.raises(EnvironmentNotReady, match="another folder's package"):
        find_root()


def test_its_own_package_and_a_project_without_one_are_taken(copy, monkeypatch):
    shutil.rmtree(copy / "lib" / "reprise")
    assert find_root() == copy
    (copy / "lib" / "reprise").symlink_to(ROOT / "lib" / "reprise")
    assert find_root() == copy
    monkeypatch.chdir(ROOT / "tests")
    assert find_root() == ROOT


def test_make_in_a_folder_that_was_moved_says_so_in_one_line(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".reprise-installed").write_text("/somewhere/else\n")
    kept = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX", "MAKEFLAGS")}
    done = subprocess.run(["make", "status"], cwd=tmp_path, env=kept, capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "was made for /somewhere/else, and this is " + str(tmp_path) in done.stderr
