"""Run a study's notebook and publish it, if it ran to its end.

papermill executes it in a child process, so that an interrupt here ends the kernel too. What papermill
lets pass is refused here: parameters that the notebook does not have, and a notebook that ended early
with success (`sys.exit(0)`). Nothing half-run reaches results/; a failed notebook is kept in the cache
folder to look at.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder
from reprise.errors import EnvironmentNotReady, InputError, StudyFailed
from reprise.experiment.children import end_family
from reprise.experiment.keys import digest
from reprise.experiment.locks import hold
from reprise.experiment.notebook_clean import clean_notebook
from reprise.experiment.publish import is_current, publish
from reprise.experiment.reached import reach_of_showing, reach_of_text
from reprise.experiment.run import results_folder
from reprise.experiment.store import Store, sha256_of
from reprise.experiment.study import Parameters, Study


def run_notebook(
    study: Study,
    parameters: Parameters,
    profile: str,
    root: Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    progress: bool = True,
) -> bool:
    """Execute notebooks/<study>.ipynb on these parameters; False when it was fresh already.

    `overrides` are given to the notebook as its `settings`, beside `profile`; its results must have been
    published. Raises `EnvironmentNotReady` without a notebook, `InputError` for one that takes no settings,
    and `StudyFailed` when it does not run to its end.
    """
    check_notebook(study, root)
    source = notebook_file(study, root)
    given = {"profile": profile, "settings": dict(overrides or {})}
    folder = results_folder(study, parameters, profile, root)
    with hold(Store(cache_folder()).locks, f"notebook-{digest(str(folder.absolute()))}"):
        key = notebook_key(study, folder, root)
        if is_current(folder, "notebook", key):
            return False
        scratch = cache_folder() / "notebooks" / f"{profile}-{study.name}-{os.getpid()}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        try:
            _execute(study, source, scratch, given, parameters.cell_timeout, root, progress)
            executed = json.loads((scratch / "executed.ipynb").read_bytes())
            _check_complete(study, executed)
        except StudyFailed as error:
            kept = scratch.with_name(f"{profile}-{study.name}.failed.ipynb")
            if (scratch / "executed.ipynb").exists():
                os.replace(scratch / "executed.ipynb", kept)
                raise StudyFailed(error.what, remedy=f"look at {kept}") from None
            raise
        finally:
            if (log := scratch / "log").exists() and log.stat().st_size:
                os.replace(log, scratch.with_name(f"{profile}-{study.name}.log"))
            shutil.rmtree(scratch, ignore_errors=True)
        content = clean_notebook(executed, root)
        return publish(folder, "notebook", key, {"notebook.ipynb": content})


def check_notebook(study: Study, root: Path) -> None:
    """Raise what `run_notebook` would raise before it executes anything."""
    missing = sorted({"profile", "settings"} - set(parameter_names(notebook_file(study, root))))
    if missing:
        raise InputError(
            f"the parameters cell of {study.name!r}'s notebook does not set {', '.join(map(repr, missing))}",
            remedy='begin it with profile = "default" and end it with settings = {}, and hand both on to '
            "open_reading",
        )


def notebook_file(study: Study, root: Path) -> Path:
    """The study's notebook; `EnvironmentNotReady` when it is not there."""
    file = root / "notebooks" / f"{study.name}.ipynb"
    if not file.is_file():
        raise EnvironmentNotReady(
            f"the study {study.name!r} has no notebook",
            given=f"notebooks/{file.name}",
            remedy="write it, or run with --no-notebook",
        )
    return file


def presentation_key(study: Study, folder: Path, root: Path) -> str:
    """What tables, figures and verdicts depend on: the results, the code that shows them, and the ledgers."""
    files = {
        f"{kind}/{study.name}.yaml": root / "params" / kind / f"{study.name}.yaml"
        for kind in ("claims", "published")
    }
    return digest(
        {
            "results": sha256_of(folder / "results.json"),
            "code": reach_of_showing(study).digest,
            "files": {name: sha256_of(file) for name, file in files.items() if file.is_file()},
        }
    )


def notebook_key(study: Study, folder: Path, root: Path) -> str:
    """What the executed notebook depends on: its cells, what they import, and what it shows; not layout."""
    cells = [(c["cell_type"], _text(c)) for c in _read(notebook_file(study, root))["cells"]]
    python = "\n".join(text for kind, text in cells if kind == "code" and _is_python(text))
    return digest(
        {"cells": cells, "code": reach_of_text(python).digest, "shown": presentation_key(study, folder, root)}
    )


def parameter_names(source: Path) -> list[str]:
    """The names in the notebook's cell tagged "parameters", in order.

    Raises `InputError` when there is not exactly one such cell.
    """
    tagged = [
        c
        for c in _read(source)["cells"]
        if c["cell_type"] == "code" and "parameters" in c["metadata"].get("tags", [])
    ]
    if len(tagged) != 1:
        raise InputError(f"{source.name} has {len(tagged)} cells tagged 'parameters', it needs exactly one")
    try:
        body = ast.parse(_text(tagged[0])).body
    except SyntaxError as error:
        raise InputError(f"the parameters cell of {source.name} is no Python: {error.msg}") from None
    return [t.id for s in body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)] + [
        s.target.id for s in body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
    ]


def _execute(
    study: Study,
    source: Path,
    scratch: Path,
    given: Mapping[str, Any],
    timeout: int,
    root: Path,
    progress: bool,
) -> None:
    """Execute in a child process; whatever ends this function ends the child and its kernel."""
    whole = scratch / source.name
    whole.write_text(json.dumps(_read(source)))
    order = {
        "source": str(whole),
        "target": str(scratch / "executed.ipynb"),
        "parameters": dict(given),
        "timeout": timeout,
        "folder": str(root),
        "label": f"{study.name}: notebook",
    }
    (scratch / "order.json").write_text(json.dumps(order))
    # the bar alone goes to the terminal; what the kernel says on its way goes to the log
    bar = os.dup(2) if progress and sys.stderr.isatty() else None
    environment = {
        **os.environ,
        "REPRISE_ROOT": str(root),
        "REPRISE_CACHE": str(cache_folder()),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with (scratch / "log").open("wb") as log:
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "reprise.experiment.notebook_process",
                str(scratch / "order.json"),
                str(bar),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
            pass_fds=() if bar is None else (bar,),
        )
    try:
        code = child.wait()
    except BaseException:
        end_family(child.pid)
        raise
    finally:
        if bar is not None:
            os.close(bar)
    if code != 0:
        outcome = scratch / "outcome.json"
        said = json.loads(outcome.read_text())["error"] if outcome.exists() else _tail(scratch / "log")
        raise StudyFailed(f"the notebook of {study.name!r} failed: {said}")


def _check_complete(study: Study, notebook: Mapping[str, Any]) -> None:
    """Every code cell must have been executed to its end, the last one too."""
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        done = cell["metadata"].get("papermill", {}).get("status") == "completed"
        if not done or (_text(cell).strip() and cell.get("execution_count") is None):
            raise StudyFailed(
                f"the notebook of {study.name!r} ended before its code cell {number} of {len(code)} "
                "was completed",
                remedy="see what ends it early, such as sys.exit",
            )


def _read(file: Path) -> dict[str, Any]:
    """The notebook with what papermill needs and other tools leave out: metadata, outputs and counts."""
    try:
        notebook = json.loads(file.read_bytes())
        notebook.setdefault("metadata", {}).setdefault("language_info", {"name": "python"})
        for cell in notebook["cells"] if isinstance(notebook["cells"], list) else {}["cells"]:
            cell.setdefault("metadata", {})
            _text(cell)
            if cell["cell_type"] == "code":
                cell.setdefault("outputs", [])
                cell.setdefault("execution_count", None)
        return notebook
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file.name} is no notebook: {error}") from None


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _text(cell: Mapping[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _tail(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"
