"""Versions of packages, and how often their metadata are read for them."""

from collections import Counter
from importlib import metadata
from pathlib import Path

import pytest

from reprise import studies
from reprise.data import pydocs_source
from reprise.data.versions import installed_version
from reprise.experiment.parameters import load_parameters

ROOT = Path(__file__).parents[2]


def test_a_local_label_is_no_part_of_a_version(monkeypatch):
    monkeypatch.setattr("reprise.data.versions.version", lambda name: "2.6.0+cpu")
    assert installed_version.__wrapped__("torch") == "2.6.0"


def test_planning_every_study_reads_the_metadata_of_a_package_once(monkeypatch):
    """A plan asks for the same collection hundreds of times: 33,482 readings once, 45 s of CPU."""
    readings, searches = Counter(), Counter()
    read, search = metadata.Distribution.from_name.__func__, pydocs_source.importlib.util.find_spec

    def counted(cls, name):
        readings[name] += 1
        return read(cls, name)

    monkeypatch.setattr(metadata.Distribution, "from_name", classmethod(counted))
    monkeypatch.setattr(
        pydocs_source.importlib.util, "find_spec", lambda name: searches.update([name]) or search(name)
    )
    installed_version.cache_clear()
    pydocs_source.find_package.cache_clear()
    for name in studies.names():
        study = studies.load_study(name)
        study.units(load_parameters(study, "smoke", ROOT))
    assert "numpy" in readings
    assert readings == dict.fromkeys(readings, 1)
    assert "numpy" in searches
    assert searches == dict.fromkeys(searches, 1)


def test_what_is_not_installed_is_named():
    with pytest.raises(metadata.PackageNotFoundError, match="no-such-distribution"):
        installed_version("no-such-distribution")
