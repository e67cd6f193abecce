"""What is special about published collections: `catalogue.yaml`, with the source of all that it says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from reprise.data.yaml_files import read_yaml

FILE = Path(__file__).with_name("catalogue.yaml")

Kind = Literal[
    "remove_query",
    "missing_documents",
    "documents_without_text",
    "negative_grades",
    "threshold",
    "evaluated_split",
    "part_of",
    "revised_judgements",
    "borrowed_corpus",
    "by_index",
    "permission",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quirk(_Strict):
    """One quirk: the name of its source, and of how many or of which set it speaks."""

    source: str
    count: int | None = None
    set: str | None = None


class SplitFacts(_Strict):
    """A split's counts, and the grades that occur in it."""

    topics: int
    judgements: int | None = None
    grades: tuple[int, ...]


class Published(_Strict):
    """One collection; the file's head says what its fields are."""

    evaluated: str
    source: str
    documents: int | None = None
    prefix: str = ""
    splits: dict[str, SplitFacts] = {}
    quirks: dict[Kind, Quirk] = {}


class _Catalogue(_Strict):
    sources: dict[str, str]
    collections: dict[str, Published]

    @model_validator(mode="after")
    def _every_source_is_named(self) -> _Catalogue:
        for name, about in self.collections.items():
            asked = {about.source, *(quirk.source for quirk in about.quirks.values())}
            if unknown := asked - set(self.sources):
                raise ValueError(f"{name} names unknown sources: {sorted(unknown)}")
        return self


@lru_cache(maxsize=1)
def read_catalogue() -> Mapping[str, Published]:
    """All collections by name, with the addresses of their sources in the place of the sources' names."""
    content = _Catalogue.model_validate(read_yaml(FILE))
    address = content.sources
    return {
        name: about.model_copy(
            update={
                "source": address[about.source],
                "quirks": {
                    kind: quirk.model_copy(update={"source": address[quirk.source]})
                    for kind, quirk in about.quirks.items()
                },
            }
        )
        for name, about in content.collections.items()
    }


def known_quirks(name: str) -> Mapping[Kind, Quirk]:
    """The quirks of a collection: of its name, of the whole that it is a part of, or of the end of its path.

    >>> [list(known_quirks(name)) for name in ("beir/quora/test", "/data/beir/quora.zip", "quora")]
    [['remove_query'], ['remove_query'], []]
    """
    catalogue = read_catalogue()
    parts = name.removesuffix(".zip").strip("/").split("/")
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            if (about := catalogue.get("/".join(parts[start:end]))) is not None:
                return about.quirks
    return {}
