"""pyproject.toml, requirements.lock and environment.yml name the same packages and versions that fit."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from reprise.data.yaml_files import read_yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = read_yaml(ROOT / "environment.yml")


def locked(file):
    """Name to version of every line of a lock."""
    lines = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / file).read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in lines}


PYTHONS = SpecifierSet(PROJECT["requires-python"])
LOCKED = locked("requirements.lock")
ALONE = locked("lib/requirements-no-deps.lock")
WANTED = [
    Requirement(r)
    for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for r in group
]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_every_dependency_is_locked_at_a_version_inside_its_range(wanted):
    version = LOCKED.get(canonicalize_name(wanted.name))
    assert version is not None, f"{wanted.name} is not in requirements.lock"
    assert wanted.specifier.contains(version)


def test_every_line_of_the_lock_is_an_exact_version_that_the_package_index_has():
    lines = [
        line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")
    ]
    assert len(lines) == len(LOCKED) > 100
    assert not [line for line in lines if "+" in line], "a local version (+cpu) is on no package index"


def test_conda_installs_the_lock_and_the_project_and_nothing_beside_them():
    *conda, pip = CONDA["dependencies"]
    assert pip == {"pip": ["-r requirements.lock", "-e ."]}
    assert "openjdk=21" in conda
    python = next(SpecifierSet(d.removeprefix("python")) for d in conda if re.match(r"python[<>=]", d))
    assert python == PYTHONS


def test_the_pythons_are_those_that_the_locked_packages_have_wheels_for():
    minors = [f"3.{minor}" for minor in range(8, 20)]
    assert [v for v in minors if PYTHONS.contains(v)] == ["3.11", "3.12", "3.13", "3.14"]
    install = (ROOT / "lib" / "install.sh").read_text()
    bounds = re.search(r"not \((\d), (\d+)\) <= sys.version_info < \((\d), (\d+)\)", install).groups()
    assert SpecifierSet(">={}.{},<{}.{}".format(*bounds)) == PYTHONS
    assert "Python 3.11 to 3.14" in (ROOT / "README.md").read_text()


def test_the_installed_versions_are_the_locked_ones():
    from importlib.metadata import version

    differing = {
        w.name: version(w.name)
        for w in WANTED
        if Version(version(w.name).split("+")[0]) != LOCKED[canonicalize_name(w.name)]
    }
    assert not differing


def test_what_is_installed_without_dependencies_is_named_nowhere_else_and_nor_are_they():
    """Its wheel declares a C++ build: one line in a file that pip resolves would bring a compiler back."""
    from importlib.metadata import requires, version

    for name, wanted in ALONE.items():
        assert Version(version(name)) == wanted
        declared = {canonicalize_name(Requirement(r).name) for r in requires(name) if "extra" not in r}
        assert not {name, *declared} & {*LOCKED, *(canonicalize_name(w.name) for w in WANTED)}


def test_every_road_installs_it_without_dependencies():
    script = (ROOT / "lib" / "install.sh").read_text().replace("\\\n", " ")
    roads = [
        line for line in script.splitlines() if "requirements-no-deps.lock" in line and "install" in line
    ]
    assert len([line for line in roads if " pip install " in line and " --no-deps " in line]) == 2  # uv, pip
    assert (
        "lib/requirements-no-deps.lock"
        in (ROOT / "Makefile").read_text().split("$(READY):")[1].split("\n")[0]
    )
    assert "&& make" in (ROOT / "environment.yml").read_text()  # conda's own file cannot say --no-deps
