"""A made-up study whose files come from the skeleton; tests break them one by one."""

import json

import pytest
from pydantic import Field

from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.study import Paper, Parameters, Study
from reprise.studies.skeleton import create


class Inner(Parameters):
    rank: int = Field(default=3, ge=1)


class MadeUpParameters(Parameters):
    topics: int = Field(default=50, ge=2)
    inner: tuple[Inner, ...] = (Inner(),)


class MadeUp(Study):
    name = "made_up"
    paper = Paper("Title", "Authors", "Venue", "0000.00000", "Question?")
    Parameters = MadeUpParameters

    def units(self, parameters):
        return []


class Project:
    """The skeleton's files in a folder of their own."""

    def __init__(self, root):
        create("made_up", root)
        self.root, self.study = root, MadeUp()

    @property
    def files(self):
        """As they stand now: nothing that was read before is kept."""
        return StudyFiles(self.study, self.root)

    def edit(self, path, old, new):
        file = self.root / path
        assert old in file.read_text(), f"{old!r} does not stand in {path}"
        file.write_text(file.read_text().replace(old, new))

    def change(self, edit):
        """Change the notebook: `edit` is given its content."""
        file = self.root / "notebooks" / "made_up.ipynb"
        notebook = json.loads(file.read_text())
        edit(notebook)
        file.write_text(json.dumps(notebook))

    def add_cell(self, kind, text, at=None):
        """Add a cell; at the end, or before cell `at`."""
        cell = {"cell_type": kind, "id": "added", "metadata": {}, "source": text}
        cell |= {} if kind == "markdown" else {"execution_count": None, "outputs": []}
        self.change(lambda n: n["cells"].insert(len(n["cells"]) if at is None else at, cell))


@pytest.fixture
def project(tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path_factory.mktemp("cache")))
    return Project(tmp_path)
