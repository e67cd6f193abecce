"""The cache folder, and files that are whole or not there."""

import os

import pytest

from reprise.data.cache import cache_folder, write_atomically
from reprise.errors import EnvironmentNotReady


def test_the_variable_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert cache_folder().is_dir()


def test_without_it_the_folder_lies_beside_the_project_file(tmp_path, monkeypatch):
    monkeypatch.delenv("REPRISE_CACHE", raising=False)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert cache_folder() == tmp_path / ".reprise"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "file" / "inside"))
    with pytest.raises(EnvironmentNotReady, match="REPRISE_CACHE"):
        cache_folder()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "value"
    write_atomically(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentNotReady, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["value"]
