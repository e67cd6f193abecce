"""Test collections and image tasks: the only floor that reads files from outside the project."""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry

_MODULE_OF = {
    "Collection": "collection",
    "Document": "collection",
    "Split": "collection",
    "Topic": "collection",
    "cut_collection": "cut",
    "load_collection": "load",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
