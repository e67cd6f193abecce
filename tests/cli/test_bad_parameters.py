"""Every parameter of every study, given wrongly on the command line: exit 2, one message, nothing written."""

import json
import shutil
from pathlib import Path

import pytest

from reprise import studies
from reprise.cli import run_command
from reprise.errors import InputError
from reprise.experiment.parameters import load_parameters, parse_settings

ROOT = Path(__file__).parents[2]
ODD = [
    ".nan",
    "''",
    "-1",
    "0",
    "{no: such}",
    "[[]]",
    "Grüße",
    '"it\'s"',
    '"back\\\\slash"',
    "1e400",
    "[1, x]",
]
EVERY = [
    (name, field) for name in studies.names() for field in studies.load_study(name).Parameters.model_fields
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "params", tmp_path / "params")
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setenv("REPRISE_ROOT", str(tmp_path))
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("reprise.cli.catch_signals", lambda: None)  # pytest has its own
    return tmp_path


def refused(study, field, root):
    """The odd values that the study's model does not take for the parameter."""
    for text in ODD:
        try:
            load_parameters(study, "smoke", root, parse_settings([f"{field}={text}"]))
        except InputError:
            yield text


@pytest.mark.parametrize(("name", "field"), EVERY)
def test_a_wrong_value_stops_before_any_work(project, capsys, name, field):
    wrong = list(refused(studies.load_study(name), field, project))
    assert wrong, "a parameter that takes anything is not checked"
    before = sorted(project.rglob("*"))
    for text in (wrong[0], wrong[-1]):
        code = run_command(["run", name, "--profile", "smoke", "--set", f"{field}={text}"])
        said = capsys.readouterr()
        assert (code, said.out) == (2, ""), (text, said)
        assert said.err.startswith("reprise: wrong parameters") and f"'{field}" in said.err
        assert len(said.err.splitlines()) == 1
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize("name", studies.names())
def test_a_name_that_is_nearly_right_is_refused_with_the_right_one(project, capsys, name):
    field = next(iter(set(studies.load_study(name).Parameters.model_fields) - {"cell_timeout"}))
    code = run_command(["run", name, "--profile", "smoke", "--set", f"{field}x=1"])
    assert code == 2 and f"did you mean {field!r}" in capsys.readouterr().err


@pytest.mark.parametrize("name", studies.names())
def test_what_is_valid_survives_being_written_and_read(project, name):
    for profile in ("smoke", "default"):
        parameters = load_parameters(studies.load_study(name), profile, project)
        written = parameters.model_dump(mode="json")
        again = type(parameters).model_validate(json.loads(json.dumps(written)))
        assert again.model_dump(mode="json") == written
