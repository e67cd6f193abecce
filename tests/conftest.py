"""The toy project: a copy with its own folder and cache, to run in this process or in another."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent

# ranx, a reference for fusion, would compile for half a minute what plain Python does at once here
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")


@dataclass
class ToyProject:
    """A copy of tests/toy_project; `start` and `drive` run its command line in another process."""

    root: Path

    @property
    def study(self):
        from toy import study

        return study.STUDY

    @property
    def cache(self):
        return self.root / ".reprise"

    def results(self, profile="default"):
        return self.root / "results" / profile / "toy"

    def edit(self, path, old, new):
        """Replace a piece of a file; the piece must be there."""
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def start(self, *arguments, **environment):
        """The command line as a running process, in a session of its own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("REPRISE_", "TOY_"))}
        return subprocess.Popen(
            [sys.executable, self.root / "drive.py", *arguments],
            cwd=self.root,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={
                **kept,
                "PYTHONPATH": str(HERE.parent / "lib"),
                "TOY_LOG": str(self.root / "log"),
                "OMP_NUM_THREADS": "1",
                **environment,
            },
        )

    def drive(self, *arguments, **environment):
        """Run the command line to its end: (exit code, stdout, stderr)."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def ran(self):
        """Names of the units that ran since the last call, in order."""
        log = self.root / "log"
        names = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return names


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A fresh copy of the toy project, importable and the working directory of this process."""
    root = tmp_path / "project"
    shutil.copytree(HERE / "toy_project", root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(root)
    for name in ("REPRISE_CACHE", "REPRISE_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOY_LOG", str(root / "log"))
    monkeypatch.syspath_prepend(str(root / "lib"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _forget_toy()
    yield ToyProject(root)
    _forget_toy()


@pytest.fixture
def project(toy, monkeypatch):
    """The toy as the only study of the command line in this process."""
    from reprise import studies
    from reprise.errors import ParameterError

    def load_study(name):
        if name != "toy":
            raise ParameterError(f"there is no study {name!r}")
        return toy.study

    monkeypatch.setattr(studies, "names", lambda: ["toy"])
    monkeypatch.setattr(studies, "load_study", load_study)
    monkeypatch.setattr("reprise.cli.catch_signals", lambda: None)  # pytest has its own
    return toy


def _forget_toy():
    for name in [name for name in sys.modules if name == "toy" or name.startswith("toy.")]:
        del sys.modules[name]
