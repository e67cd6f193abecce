"""A folder in a file's place, a file in a folder's: one line that names it, and no traceback."""

import shutil

import pytest

from reprise.cli import run_command

PLACES = {
    "params/default/toy.yaml": "folder",
    "notebooks/toy.ipynb": "folder",
    "results/default/toy/results.json": "folder",
    "results/default/toy/manifest.json": "folder",
    "results/default/toy/notebook.ipynb": "folder",
    "results/index.html": "folder",
    "params/claims/toy.yaml": "folder",
    "params/default": "file",
    "results": "file",
    "results/default": "file",
    "results/default/toy": "file",
    ".reprise": "file",
    ".reprise/units": "file",
    ".reprise/notebooks": "file",
    ".reprise/locks": "file",
}


UNTOUCHED = {"notebooks/toy.ipynb", "results/default/toy/notebook.ipynb", ".reprise/notebooks"}
"""What a run without its notebook leaves alone."""


@pytest.mark.parametrize("command", ["run", "status", "judge", "report", "doctor"])
@pytest.mark.parametrize("place", PLACES)
def test_one_line_says_what_is_in_the_way(project, capsys, place, command):
    path = project.root / place
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if PLACES[place] == "folder":
        path.mkdir()
    else:
        path.write_text("in the way")
    code = run_command([command, *(["toy", "--no-notebook", "--jobs", "1"] if command == "run" else [])])
    err = capsys.readouterr().err
    assert "Traceback" not in err and "free some space" not in err
    assert code in (0, 2, 3)
    if code:
        assert err.strip().splitlines()[-1].startswith("reprise: ")
    if command == "run" and place not in UNTOUCHED:
        assert code and path.name in err.strip().splitlines()[-1]


def test_a_user_who_is_not_there(project, capsys, monkeypatch):
    for variable, command in (("REPRISE_CACHE", "run"), ("REPRISE_ROOT", "status")):
        monkeypatch.setenv(variable, "~nobody-of-that-name/x")
        code = run_command([command])
        said = capsys.readouterr().err.strip().splitlines()[-1]
        assert (code, variable in said, "write the path out" in said) == (3, True, True)
        monkeypatch.delenv(variable)
