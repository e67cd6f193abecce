"""The unit that prepares a collection, and how every later unit opens it again."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from reprise.data.collection import Collection
from reprise.errors import InputError
from reprise.experiment.study import Parameters


class CollectionSpec(Parameters):
    """A collection as a study asks for it.

    `name` and `options` go to `load_collection`; each split in `splits` is one dataset of the results.
    `bm25_index` and `unicoil_index` name pyserini's prebuilt indexes where none is built locally.
    """

    name: str
    options: dict[str, JsonValue] = {}
    splits: tuple[str, ...] = ("test",)
    bm25_index: str | None = None
    unicoil_index: str | None = None

    def dataset(self, split: str) -> str:
        """The name of a split in the results: the collection's, unless it has several splits."""
        return self.name.rsplit("/", 1)[-1] if len(self.splits) == 1 else split


def prepare_collection(context: Any, *, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Build (or read) the collection once and say what it is."""
    collection = _load(name, options)
    return {
        "name": name,
        "options": options,
        "fingerprint": collection.fingerprint,
        "relevance_threshold": collection.relevance_threshold,
        "statistics": collection.statistics(),
    }


def open_collection(context: Any) -> Collection:
    """The collection that this unit needs; `InputError` when it has changed since it was prepared."""
    prepared = context.value("collection")
    collection = _load(prepared["name"], prepared["options"])
    if collection.fingerprint != prepared["fingerprint"]:
        raise InputError(
            f"the collection {prepared['name']!r} has changed since its results were begun",
            remedy="run again: what depends on it is done anew",
        )
    return collection


def _load(name: str, options: dict[str, Any]) -> Collection:
    from reprise.data.load import load_collection

    return load_collection(name, **options)
