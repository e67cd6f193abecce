"""The notebook runner on notebooks of every kind; kernels are slow, so the bad ones are run at once."""

import json
import os
import re
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest

from reprise.errors import EnvironmentNotReady, InputError, StudyFailed
from reprise.experiment.notebook import parameter_names, run_notebook
from reprise.experiment.publish import is_current
from reprise.experiment.run import run_study

PARAMETERS = 'profile = "default"\nweight = None\nsettings = {}'


def write(toy, *cells, parameters=PARAMETERS, name="toy"):
    """A notebook with the parameters cell and these code cells."""
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
            *map(nbformat.v4.new_code_cell, cells),
        ]
    )
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, toy.root / "notebooks" / f"{name}.ipynb")


def publish_results(toy, **overrides):
    parameters = toy.study.Parameters(**overrides)
    run_study(toy.study, parameters, profile="default", root=toy.root, jobs=1, progress=False)
    return parameters


def run(toy, parameters=None, overrides=None):
    parameters = parameters or publish_results(toy)
    return run_notebook(toy.study, parameters, "default", toy.root, overrides, progress=False)


@pytest.fixture
def importable(monkeypatch):
    from pathlib import Path

    import reprise

    monkeypatch.setenv("PYTHONPATH", str(Path(reprise.__file__).parents[1]))


def test_cells_without_metadata_outputs_and_counts_are_completed(toy, importable):
    """As some editors and scripts write them; the parameters cell is known by its tag and keeps it."""
    file = toy.root / "notebooks" / "toy.ipynb"
    notebook = json.loads(file.read_text())
    for cell in notebook["cells"]:
        for name in ("outputs", "execution_count", *(["metadata"] if not cell["metadata"] else [])):
            cell.pop(name, None)
    del notebook["metadata"]
    file.write_text(json.dumps(notebook))
    assert sum("metadata" not in cell for cell in notebook["cells"]) > 1
    assert run(toy)
    published = json.loads((toy.results() / "notebook.ipynb").read_text())
    assert all(cell["execution_count"] for cell in published["cells"] if cell["cell_type"] == "code")
    assert json.loads(file.read_text()) == notebook, "the source is left as it is"


@pytest.mark.parametrize(
    "cell", [{"cell_type": "code"}, {"source": ""}, "1 + 1", {"cell_type": "code", "source": 1}]
)
def test_a_cell_that_is_none_is_refused_by_the_files_name(toy, cell):
    (toy.root / "notebooks" / "toy.ipynb").write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(InputError, match=r"toy\.ipynb is no notebook"):
        parameter_names(toy.root / "notebooks" / "toy.ipynb")


def test_a_good_notebook_is_published_once_and_says_nothing_of_this_machine(toy, importable):
    toy.edit("notebooks/toy.ipynb", "made in", "Grüße from")
    assert run(toy)
    published = toy.results() / "notebook.ipynb"
    text = published.read_text()
    notebook = nbformat.reads(text, 4)
    nbformat.validate(notebook)
    total = json.loads((toy.results() / "results.json").read_text())["cells"][-1]["value"]
    assert any(
        o.get("data", {}).get("text/plain") == str(total)
        for c in notebook.cells
        for o in c.get("outputs", [])
    )
    assert "Grüße from . by <environment>" in text
    for private in (str(toy.root), sys.prefix, socket.gethostname(), "papermill", "start_time"):
        assert not re.search(
            rf"(?<!\w){re.escape(private)}(?!\w)", text
        )  # a host may have a name such as "vm"
    assert not run(toy), "what is fresh is not executed again"
    published.unlink()
    assert run(toy)
    assert published.read_text() == text, "the same bytes every time"


def test_what_makes_a_notebook_run_again(toy, importable, monkeypatch):
    """Fresh after a change of layout; not after one of a cell or of the results."""
    from reprise.experiment.notebook import notebook_key

    publish_results(toy)
    folder = toy.results()
    key = notebook_key(toy.study, folder, toy.root)
    source = toy.root / "notebooks" / "toy.ipynb"
    source.write_text(json.dumps(json.loads(source.read_text())))
    assert notebook_key(toy.study, folder, toy.root) == key
    toy.edit("notebooks/toy.ipynb", "made in", "done in")
    other = notebook_key(toy.study, folder, toy.root)
    assert other != key
    toy.edit("results/default/toy/results.json", '"value": ', '"value": 1')
    assert notebook_key(toy.study, folder, toy.root) != other


BAD = {
    "raises": (["1 / 0"], r"cell In \[3\] raised ZeroDivisionError: division by zero"),
    "ends early": (["import sys\nsys.exit(0)", "x = 1"], r"code cell|SystemExit"),
    "ends in its last cell": (["raise SystemExit(0)"], r"code cell|SystemExit"),
    "kernel dies": (["import os\nos._exit(1)", "x = 1"], r"kernel died"),
    "takes too long": (["import time\ntime.sleep(60)"], r"longer than `cell_timeout` allows"),
    "cell is no Python": (["this is no Python"], r"SyntaxError"),
}


def test_bad_notebooks_fail_with_a_sentence_and_nothing_is_published(toy, importable):
    publish_results(toy)
    published = sorted(p.name for p in toy.results().iterdir())
    parameters = toy.study.Parameters(cell_timeout=3)

    class Named(type(toy.study)):
        pass

    def attempt(number_and_kind):
        number, kind = number_and_kind
        study = Named()
        study.name = f"bad{number}"
        write(toy, *BAD[kind][0], name=study.name)
        run_study(study, parameters, profile="default", root=toy.root, jobs=1, progress=False)
        try:
            run_notebook(study, parameters, "default", toy.root, progress=False)
        except StudyFailed as error:
            return (
                kind,
                str(error),
                (toy.root / "results" / "default" / study.name / "notebook.ipynb").exists(),
            )
        return kind, "it passed", True

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, enumerate(BAD)))
    for kind, said, there in outcomes:
        assert not there, kind
        assert re.search(BAD[kind][1], said), (kind, said)
    assert sorted(p.name for p in toy.results().iterdir()) == published
    kept = list((toy.cache / "notebooks").glob("*.failed.ipynb"))
    assert len(kept) >= len(BAD) - 1, "a failed notebook can be looked at"


def test_every_parameter_of_the_study_reaches_the_notebook(toy, importable):
    """By its own name or a dotted one, null too: none of them has to stand in the parameters cell."""
    given = {"steps": 3, "weight": None, "collections": [{"name": "a b"}], "training.steps": {"x": 1}}
    write(toy, f"assert settings == {given!r}, settings")
    assert run(toy, overrides=given)


def test_a_notebook_that_takes_no_settings(toy):
    write(toy, "x = 1", parameters='profile = "default"')
    with pytest.raises(InputError, match="does not set 'settings'"):
        run(toy)


def test_a_study_without_a_notebook(toy):
    (toy.root / "notebooks" / "toy.ipynb").unlink()
    with pytest.raises(EnvironmentNotReady, match="no notebook"):
        run(toy)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no notebook"),
        ("[]", "no notebook"),
        ('{"cells": []}', "0 cells tagged 'parameters'"),
    ],
)
def test_files_that_are_no_notebook(toy, text, complaint):
    (toy.root / "notebooks" / "toy.ipynb").write_text(text)
    with pytest.raises(InputError, match=complaint):
        run(toy)


def test_the_names_in_the_parameters_cell(toy):
    write(toy, parameters='profile: str = "smoke"  # str\nk = 3\nname = "it\'s"')
    assert parameter_names(toy.root / "notebooks" / "toy.ipynb") == ["k", "name", "profile"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_no_kernel_is_left_by_an_interrupt_or_a_kill(toy, number, code):
    marker = toy.root / "kernel-runs"
    write(toy, f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    process = toy.start("run", "--jobs", "1")
    end = time.monotonic() + 60
    while not (marker.exists() and marker.read_text()):
        assert time.monotonic() < end and process.poll() is None, process.communicate()
        time.sleep(0.1)
    kernel = psutil.Process(int(marker.read_text()))
    os.kill(process.pid, number)
    process.communicate(timeout=30)
    assert process.returncode == code
    psutil.wait_procs([kernel], timeout=10)
    assert not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE
    assert not is_current(toy.results(), "notebook", "any")
    assert not (toy.results() / "notebook.ipynb").exists()
