"""CONTRIBUTING followed to the letter, in a copy of the project: from `new-study` to a green suite.

The commands are read out of the page, so that page and test cannot drift apart. Of the last one, the whole
suite, only what a new study can change is run: its own tests, and what the README shows.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = "my_paper"

SUITE = (
    f"tests/studies/test_{NAME}.py tests/test_readme.py -k '{NAME} or generated_parts' -p no:cacheprovider"
)
WRAPPED = {"python": "", "pytest": "-m pytest", "ruff": "-m ruff", "reprise": "-m reprise.cli"}


def commands():
    """The commands of the page's numbered steps, in their order, with the new study's name."""
    steps = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## House rules")[0]
    found = re.findall(r"`((?:reprise|pytest|make|python) [^`]+)`|```sh\n(.*?)```", steps, re.DOTALL)
    lines = [line for inline, block in found for line in (inline or block).splitlines()]
    return [line.partition("#")[0].strip().replace("NAME", NAME) for line in lines]


@pytest.fixture
def project(tmp_path):
    """What is committed, without results, and an environment in which nothing has to be installed."""
    for folder in ("lib", "tests", "params", "notebooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("Makefile", "README.md", "CONTRIBUTING.md", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / file, tmp_path)
    programs = tmp_path / "environment" / "bin"
    programs.mkdir(parents=True)
    for name, module in WRAPPED.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (programs / name).chmod(0o755)
    (programs.parent / ".reprise-installed").touch()  # what `make` makes once everything is installed
    return tmp_path


def follow(project, command):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("REPRISE_", "PYTEST_", "CONDA_"))}
    environment = project / "environment"
    done = subprocess.run(
        command,
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
        env={
            **kept,
            "VIRTUAL_ENV": str(environment),
            "PATH": os.pathsep.join([str(environment / "bin"), kept["PATH"]]),
            "PYTHONPATH": str(project / "lib"),
            "OMP_NUM_THREADS": "1",
            **({"PYTEST_ADDOPTS": SUITE} if "make test" in command else {}),
        },
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_the_page_names_its_commands():
    found = commands()
    assert found[0] == f"reprise new-study {NAME}" and found[-1] == "make lint && make test"
    assert len(found) == 6


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")
def test_followed_to_the_letter_it_ends_green(project):
    said = {command: follow(project, command) for command in commands()}
    suites = [text for command, text in said.items() if "pytest" in command or "make test" in command]
    assert len(suites) == 3
    for text in suites:
        assert " passed" in text and "skipped" not in text
    assert f"results/smoke/{NAME}" in "".join(said.values())
    assert NAME.replace("_", " ").title() in (project / "README.md").read_text(encoding="utf-8")
