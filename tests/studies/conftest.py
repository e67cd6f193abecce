"""A smoke run of a study, once a session: in a copy of the project, offline, without Java on the path."""

import os
import shutil

import pytest

from reprise import studies
from reprise.data.cache import cache_folder
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.checks.outcome import Outcome
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters
from reprise.experiment.store import Store

from ..project_copy import ProjectCopy


class SmokeRuns(ProjectCopy):
    """A project with the params and notebooks of this one, and a cache that its runs share.

    Units that this project's own cache has are taken over: they are named by their content, so a run would
    make the same.
    """

    def __init__(self, root):
        super().__init__(root)
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
        return self.command("run", name, "--profile", "smoke", **environment)

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
