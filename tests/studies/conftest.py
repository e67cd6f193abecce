"""A smoke run of a study, once a session: in a copy of the project, offline, without Java on the path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reprise import studies
from reprise.data.cache import cache_folder
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.checks.outcome import Outcome
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters
from reprise.experiment.store import Store

ROOT = Path(__file__).parents[2]

OFFLINE = '''"""Loaded by every Python that a smoke run starts: only this machine may be talked to."""
import socket

_connect, _look_up = socket.socket.connect, socket.getaddrinfo


def _is_here(host):
    return host in (None, "", "localhost", "::1") or str(host).startswith("127.")


def connect(self, address, *rest):
    if isinstance(address, tuple) and not _is_here(address[0]):
        raise RuntimeError(f"a smoke run wants to reach {address[0]}")
    return _connect(self, address, *rest)


def look_up(host, *rest, **options):
    if not _is_here(host):
        raise RuntimeError(f"a smoke run looks up {host}")
    return _look_up(host, *rest, **options)


socket.socket.connect, socket.getaddrinfo = connect, look_up
'''


class SmokeRuns:
    """A project with the params and notebooks of this one, and a cache that its runs share.

    Units that this project's own cache has are taken over: they are named by their content, so a run would
    make the same.
    """

    def __init__(self, root):
        self.root, self.cache = root, root / "cache"
        for folder in ("params", "notebooks"):
            if (ROOT / folder).is_dir():
                shutil.copytree(ROOT / folder, root / folder)
        shutil.copy(ROOT / "pyproject.toml", root)
        (root / "offline").mkdir()
        (root / "offline" / "sitecustomize.py").write_text(OFFLINE)
        self._done = {}

    def files(self, name):
        return StudyFiles(studies.load_study(name), self.root)

    def recipes(self, name):
        study = studies.load_study(name)
        return make_recipes(study.units(load_parameters(study, "smoke", self.root)))

    def folder(self, name):
        return self.root / "results" / "smoke" / name

    def outcome(self, name):
        """What the study's smoke run left; the run's own words when it failed."""
        if name not in self._done:
            self._take_over(name)
            self._done[name] = self.run(name)
        code, _, err = self._done[name]
        assert code == 0, f"the smoke run of {name} ended with {code}\n{err[-3000:]}"
        return Outcome(self.files(name), self.folder(name))

    def said(self, name):
        """What the run printed: (stdout, stderr)."""
        self.outcome(name)
        return self._done[name][1:]

    def run(self, name, **environment):
        """Run the study in another process: (exit code, stdout, stderr)."""
        kept = {k: v for k, v in os.environ.items() if k != "JAVA_HOME" and not k.startswith("REPRISE_")}
        done = subprocess.run(
            [sys.executable, "-m", "reprise.cli", "run", name, "--profile", "smoke"],
            cwd=self.root,
            capture_output=True,
            text=True,
            env={
                **kept,
                "PATH": str(Path(sys.executable).parent),
                "PYTHONPATH": os.pathsep.join([str(self.root / "offline"), str(ROOT / "lib")]),
                "REPRISE_ROOT": str(self.root),
                "REPRISE_CACHE": str(self.cache),
                "CUDA_VISIBLE_DEVICES": "",
                **environment,
            },
        )
        return done.returncode, done.stdout, done.stderr

    def _take_over(self, name):
        theirs, mine = Store(cache_folder()), Store(self.cache)
        for recipe in self.recipes(name):
            if theirs.find(recipe.key) and not mine.find(recipe.key):
                shutil.copytree(theirs.units / recipe.key, mine.units / recipe.key, copy_function=_link)


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="session")
def smoke(tmp_path_factory):
    """The smoke runs of this session."""
    return SmokeRuns(tmp_path_factory.mktemp("smoke"))
