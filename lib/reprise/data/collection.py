"""A test collection: documents, topics and graded judgements, in splits.

One shape for every source (pydocs, BEIR-layout folders, ir_datasets, pyserini's topic files), so
that a study never asks where its text came from. A split ("train", "dev", "test", "dl19", ...)
holds its topics and their judgements; the documents are shared by all splits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from reprise.data.oddities import Oddity
from reprise.errors import InputError


class Document(NamedTuple):
    """One retrievable text; `domain` says which sub-collection it belongs to ("" when there is one)."""

    id: str
    text: str
    title: str = ""
    domain: str = ""

    @property
    def full_text(self) -> str:
        """Title and text as one string: what a retriever indexes."""
        return f"{self.title}\n{self.text}" if self.title else self.text


class Topic(NamedTuple):
    """One information need, as the text that is given to a retriever."""

    id: str
    text: str
    domain: str = ""


Qrels = Mapping[str, Mapping[str, int]]
"""Judgements: topic id -> document id -> grade (0 is judged and not relevant)."""


@dataclass(frozen=True)
class Split:
    """Topics with their judgements; every topic without a judgement counts as unjudged."""

    topics: tuple[Topic, ...]
    qrels: Qrels = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """Documents, and splits of topics with judgements over them.

    `relevance_threshold` is the lowest grade that counts as relevant in binary measures (2 for TREC
    Deep Learning, 1 by default). With `remove_query` a document with a topic's own id is left out of that
    topic's lists, as BEIR's evaluation and pyserini's `--remove-query` do. `oddities` are what its reader
    counted. A judged document that the collection lacks counts in every denominator and is never found.
    Raises `InputError`, naming the culprit, for a repeated document or topic id and a topic without text.

    >>> c = Collection("toy", (Document("d1", "sparse matrix"),),
    ...                {"test": Split((Topic("q1", "matrix"),), {"q1": {"d1": 1}})})
    >>> c.statistics()["documents"]
    1
    """

    name: str
    documents: tuple[Document, ...]
    splits: Mapping[str, Split]
    relevance_threshold: int = 1
    remove_query: bool = False
    oddities: tuple[Oddity, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        _unique([d.id for d in self.documents], f"{self.name}: document id")
        for split_name, split in self.splits.items():
            where = f"{self.name}/{split_name}"
            topics = _unique([t.id for t in split.topics], f"{where}: topic id")
            for topic in split.topics:
                if not topic.text.strip():
                    raise InputError(
                        f"{where}: topic {topic.id!r} has no text",
                        remedy="give it text or leave the topic out",
                    )
            for topic_id in split.qrels:
                if topic_id not in topics:
                    raise InputError(
                        f"{where}: judgements for the unknown topic {topic_id!r}",
                        remedy="add the topic or drop its judgements",
                    )

    @property
    def doc_ids(self) -> list[str]:
        """Ids of the documents, in the collection's order."""
        return [d.id for d in self.documents]

    @property
    def texts(self) -> list[str]:
        """Full texts of the documents, in the collection's order."""
        return [d.full_text for d in self.documents]

    @property
    def domains(self) -> tuple[str, ...]:
        """The sub-collections, sorted."""
        return tuple(sorted({d.domain for d in self.documents}))

    def split(self, name: str) -> Split:
        """The split of that name; `InputError` lists the names there are."""
        if name not in self.splits:
            raise InputError(f"{self.name} has no split {name!r}", given=sorted(self.splits))
        return self.splits[name]

    def positives(self, split: str) -> dict[str, dict[str, int]]:
        """What can be learned from a split: judgements of documents that are here and graded above 0."""
        known = set(self.doc_ids)  # empty where the documents are in a prebuilt index
        found = {
            topic: {d: grade for d, grade in judged.items() if grade > 0 and (d in known or not known)}
            for topic, judged in self.split(split).qrels.items()
        }
        return {topic: judged for topic, judged in found.items() if judged}

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over everything that a result can depend on."""
        content = [
            self.name,
            self.relevance_threshold,
            self.remove_query,
            [list(d) for d in self.documents],
            {
                n: [
                    [list(t) for t in s.topics],
                    {q: dict(sorted(j.items())) for q, j in sorted(s.qrels.items())},
                ]
                for n, s in sorted(self.splits.items())
            },
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def statistics(self) -> dict[str, object]:
        """Counts that a reader checks first: documents, topics (`with_relevant`: those that have a relevant
        document), judgements and mean lengths in words.
        """
        words = [len(d.full_text.split()) for d in self.documents]
        return {
            "documents": len(self.documents),
            "domains": {name: sum(d.domain == name for d in self.documents) for name in self.domains},
            "mean_document_words": round(sum(words) / len(words), 1) if words else None,
            "splits": {
                name: {
                    "topics": len(s.topics),
                    "with_relevant": sum(
                        any(g >= self.relevance_threshold for g in s.qrels.get(t.id, {}).values())
                        for t in s.topics
                    ),
                    "judgements": sum(len(j) for j in s.qrels.values()),
                    "mean_topic_words": round(
                        sum(len(t.text.split()) for t in s.topics) / max(len(s.topics), 1), 1
                    ),
                }
                for name, s in self.splits.items()
            },
        }


def _unique(ids: list[str], what: str) -> set[str]:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise InputError(f"{what} {name!r} repeats", remedy="keep one of them")
        seen.add(name)
    return seen
