"""Test collections, image tasks and other open data: the only floor that reads files from outside the
project."""

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
    "load_interactions": "interactions",
    "load_questions": "questions",
    "load_segments": "segments",
    "load_texts": "text_sets",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
