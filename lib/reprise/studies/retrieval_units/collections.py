"""The unit that prepares a collection, and how every later unit opens it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue, model_validator

from reprise.data.collection import Collection
from reprise.errors import InputError, ParameterError
from reprise.experiment.complaints import said
from reprise.experiment.study import Parameters
from reprise.experiment.unit import Unit
from reprise.experiment.values import Label, Name, Several, misfit, suggest
from reprise.retrieval.languages import Language


class CollectionSpec(Parameters):
    """A collection as a study asks for it.

    `name` and `options` go to `load_collection`; each split in `splits` is one dataset of the results, named
    after the `label` where there is one. BM25 analyses texts as the `language` (ISO 639-1) wants.
    `bm25_index` and `unicoil_index` name pyserini's prebuilt indexes where none is built locally.
    """

    name: Name
    options: dict[str, JsonValue] = {}
    splits: Several[Name] = ("test",)
    label: Label | None = None
    language: Language = "en"
    bm25_index: Name | None = None
    unicoil_index: Name | None = None

    @model_validator(mode="after")
    def _can_be_read(self) -> CollectionSpec:
        from reprise.data.load import check_request

        for place, asked in (
            ("name", {}),
            *((f"options.{o}", {o: value}) for o, value in self.options.items()),
        ):
            try:
                check_request(self.name, asked)
            except ParameterError as error:
                raise misfit(place, said(error), error.given) from None
        for split in self.splits:
            self.check_split(split, "splits")
        return self

    def check_split(self, split: str, name: str) -> None:
        """Raise, for the parameter `name`, when the collection is known not to have the split."""
        from reprise.data.load import known_splits

        try:
            known = known_splits(self.name, self.options)
        except InputError as error:
            raise misfit(name, said(error), split) from None
        if known is not None and split not in known:
            what = f"the collection {self.name!r} has no split {split!r} ({suggest(split, known)})"
            raise misfit(name, what, split)

    def check_trainable(self, split: str, name: str) -> None:
        """Raise, for the parameter `name`, when there is nothing in the split to train on."""
        self.check_split(split, f"{name}.name")
        if self.options.get("max_train") == 0:
            raise misfit(f"{name}.options.max_train", "there must be something to train on", 0)

    def dataset(self, split: str) -> str:
        """The name of a split in the results: the collection's, unless it has several splits.

        >>> [CollectionSpec(name=name).dataset("test") for name in ("beir/fiqa/test", "my/set.zip")]
        ['fiqa', 'set']
        """
        if self.label:
            return self.label if len(self.splits) == 1 else f"{self.label}/{split}"
        if len(self.splits) > 1:
            return split
        *above, last = self.name.removesuffix(".zip").rstrip("/").split("/")
        return above[-1] if last == split and above else last


def check_labels(specs: Sequence[CollectionSpec], name: str) -> None:
    """Raise, for the parameter `name`, naming both, for two datasets of the same name in the results."""
    labels: dict[str, str] = {}
    for place, spec in enumerate(specs):
        for split in spec.splits:
            where, label = f"{spec.name}, split {split}", spec.dataset(split)
            if label in labels:
                what = (
                    f"two datasets would be called {label!r} in the results: {labels[label]} and {where}; "
                    "give one of them a label"
                )
                raise misfit(f"{name}.{place}.label", what, spec.label)
            labels[label] = where


def collection_unit(spec: CollectionSpec, name: str = "") -> Unit:
    """The unit that prepares the collection: the first one of all that are about it."""
    from reprise.data.load import input_fingerprints

    return Unit(
        name or f"collection/{spec.name}",
        prepare_collection,
        {"name": spec.name, "options": spec.options, "splits": list(spec.splits)},
        inputs=input_fingerprints(spec.name, **spec.options),
        memory_gb=2.0,
    )


def prepare_collection(
    context: Any, *, name: str, options: dict[str, Any], splits: Sequence[str]
) -> dict[str, Any]:
    """Build (or read) the collection once and say what it is; `splits` are those that are evaluated.

    Raises `InputError` for a split that there is not, and for one that tells no system from another.
    """
    collection = _load(name, options)
    statistics = collection.statistics()
    for split in splits:
        collection.split(split)
        refuse_untestable(f"{name}/{split}", statistics["splits"][split], collection.relevance_threshold)
    return {
        "name": name,
        "options": options,
        "fingerprint": collection.fingerprint,
        "relevance_threshold": collection.relevance_threshold,
        "remove_query": collection.remove_query,
        "statistics": statistics,
        "oddities": [str(oddity) for oddity in collection.oddities],
    }


def describe_dataset(prepared: Mapping[str, Any], encoded: Mapping[str, Any]) -> dict[str, Any]:
    """What results say of a dataset's collection, from what `prepare_collection` gave.

    `encoded` is what the unit that encoded it gave, which tells whether its language is the encoder's; empty
    where none did.
    """
    said = ("fingerprint", "relevance_threshold", "remove_query", "statistics")
    odd = [*prepared["oddities"], *said_outside(encoded.get("vocabulary"))]
    return {"collection": prepared["name"], **{name: prepared[name] for name in said}, "oddities": odd}


def said_outside(counted: Mapping[str, int] | None) -> list[str]:
    """That texts are mostly outside the encoder's vocabulary, when more than a tenth of them are."""
    if not counted or counted["outside"] <= 0.1 * counted["of"]:
        return []
    return [
        f"documents mostly outside the encoder's vocabulary: {counted['outside']:,} of {counted['of']:,} "
        "looked at"
    ]


def refuse_untestable(where: str, counts: Mapping[str, int], threshold: int) -> None:
    """Raise `InputError` for a split, by its counts, that can tell no system from another."""
    if counts["topics"] < 2:
        raise InputError(
            f"{where} has too few topics to compare anything over it",
            given=counts["topics"],
            remedy="give it at least two judged topics",
        )
    if not counts["with_relevant"]:
        raise InputError(
            f"{where}: none of its {counts['topics']} topics has a relevant document, so every measure is 0",
            given=f"relevant is a grade of at least {threshold}",
            remedy="look at the grades, or set the option relevance_threshold",
        )


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
