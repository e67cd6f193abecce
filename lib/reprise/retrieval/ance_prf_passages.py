"""Where feedback passages' texts come from: the collection, or a Lucene index that keeps them.

MS MARCO's passages are not held in memory: pyserini's prebuilt Lucene index stores each as JSON with the
field `contents` (an index made with -storeRaw), and only passages that are asked for are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from reprise.errors import InputError
from reprise.retrieval.java import java_class, start_java
from reprise.retrieval.lucene import is_index, prebuilt_folder
from reprise.retrieval.run import Run


class Passages(Protocol):
    """Texts of passages by id; `InputError` names one that is not there."""

    def texts(self, ids: Iterable[str]) -> dict[str, str]: ...


class PassagesInMemory:
    """The texts of a collection.

    >>> PassagesInMemory({"d1": "a text"}).texts(["d1"])
    {'d1': 'a text'}
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """The text of each of these passages."""
        wanted = list(dict.fromkeys(ids))
        for document in wanted:
            if document not in self._texts:
                raise _missing(document)
        return {document: self._texts[document] for document in wanted}


class PassagesInLucene:
    """The texts stored in a Lucene index; `InputError` when the folder holds none."""

    def __init__(self, folder: str | Path) -> None:
        if not is_index(folder):
            raise InputError(
                "the folder holds no Lucene index", given=str(folder), remedy="build the index first"
            )
        start_java()
        path = java_class("java.io.File")(str(folder)).toPath()
        directory = java_class("org.apache.lucene.store.FSDirectory").open(path)
        self._reader = java_class("org.apache.lucene.index.DirectoryReader").open(directory)
        self._find = java_class("io.anserini.index.IndexReaderUtils").documentRaw

    @classmethod
    def prebuilt(cls, name: str) -> PassagesInLucene:
        """One of pyserini's prebuilt indexes, such as "msmarco-v1-passage"."""
        return cls(prebuilt_folder(name))

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """The text of each of these passages."""
        found = {}
        for document in dict.fromkeys(ids):
            raw = self._find(self._reader, document)
            if raw is None:
                raise _missing(document)
            found[document] = json.loads(raw)["contents"]
        return found


def feedback_texts(run: Run, passages: Passages, k: int) -> list[list[str]]:
    """The texts of the first k passages of each query of a run, in rank order; a shorter list gives fewer.

    Raises `InputError` when k is larger than the run is deep, and for a passage that the store lacks.

    >>> run = Run.from_dict("r", {"q": {"d1": 2.0, "d2": 1.0}})
    >>> feedback_texts(run, PassagesInMemory({"d1": "first", "d2": "second"}), 2)
    [['first', 'second']]
    """
    if not 0 <= k <= run.depth:
        raise InputError(
            "the run has fewer passages than feedback needs",
            given={"k": k, "depth of the run": run.depth},
            remedy="search deeper, or lower k",
        )
    ids = run.top(k) if k else [[] for _ in run.query_ids]
    texts = passages.texts(document for row in ids for document in row)
    return [[texts[document] for document in row] for row in ids]


def _missing(document: str) -> InputError:
    return InputError(
        f"the feedback passage {document!r} is not in the store of passages",
        remedy="take the store of the collection that the index was built from, with its texts kept",
    )
