"""What a collection is and what is odd about it, before any study runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reprise.data.catalogue import known_quirks
from reprise.data.collection import Collection
from reprise.errors import InputError
from reprise.studies.retrieval_units.collections import refuse_untestable, said_outside

DEPTH = 1000
"""The depth at which the studies take recall, by default."""


class Finding(NamedTuple):
    """One line: what was looked at, what was found, and whether it is `odd`."""

    what: str
    found: str
    odd: bool = False


def look_at(name: str, collection: Collection) -> list[Finding]:
    """Counts of documents and splits, everything odd in the files, and what makes comparisons say little."""
    return list(_look(name, collection))


def _look(name: str, collection: Collection) -> Iterator[Finding]:
    counts = collection.statistics()
    yield Finding(
        "documents", f"{counts['documents']:,}, {counts['mean_document_words']} words each on average"
    )
    if collection.documents and len(collection.documents) <= DEPTH:
        yield Finding(
            "documents", f"no more than {DEPTH:,}, so recall at {DEPTH:,} is 1 for every system", True
        )
    for split, about in counts["splits"].items():
        said = "{topics:,} topics, {with_relevant:,} with a relevant document; {judgements:,} judgements"
        yield Finding(f"split {split}", said.format(**about))
        try:
            refuse_untestable(f"{name}/{split}", about, collection.relevance_threshold)
        except InputError as error:
            yield Finding(f"split {split}", error.what, True)
    for oddity in collection.oddities:
        yield Finding("files", str(oddity), True)
    if collection.documents:
        for said in said_outside(_outside(collection)):
            yield Finding("language", said, True)
    for kind, quirk in known_quirks(name).items():
        yield Finding("known of it", f"{kind.replace('_', ' ')}: {quirk.source}")


def _outside(collection: Collection) -> dict[str, int]:
    from reprise.retrieval.checkpoint import MINILM, load_transformer
    from reprise.retrieval.vocabulary import count_outside

    return count_outside(load_transformer(MINILM)[1], collection.texts)
