"""A Lucene index in a folder, built and searched through pyserini's Java classes.

pyserini's Python searchers copy each hit field by field, which takes longer than the search. Here Lucene's
own hits cross over once a query, as JSON, with the scores as Lucene computes them (pyserini's differ in the
last digits: it lowers the scores of ties so that trec_eval keeps their order).

* One thread and one segment, so that an index is searched the same way wherever it was built.
* Equal scores stand by document id, ascending, before the list is cut at the depth, which is the rule of
  `Run`; Anserini does the same. An index that Lucene 8 made lacks what this needs and is not supported.
* A document without a term is not indexed and can never be found.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.java import java_class, start_java
from reprise.retrieval.run import Run

FIELD = "contents"

_TRIMMED = "".join(map(chr, range(33)))  # what Java trims from a text


def build_index(
    documents: Iterable[Mapping[str, Any]], folder: str | Path, collection: str, *options: str
) -> None:
    """Index documents {"id", "contents", ...} with Anserini's IndexCollection, replacing what was there.

    `collection` and `options` are IndexCollection's. Raises `InputError` for empty or repeated ids and when
    no document has a term, and `EnvironmentNotReady` when Lucene could not index all that have one.
    """
    start_java()
    with tempfile.TemporaryDirectory(prefix="reprise-index-") as source:
        seen: set[str] = set()
        indexable = 0
        with (Path(source) / "documents.jsonl").open("w", encoding="utf-8") as file:
            for document in documents:
                if not document["id"].strip() or document["id"] in seen:
                    raise InputError(
                        f"document id {document['id']!r} is empty or repeats",
                        remedy="give each document an id of its own",
                    )
                seen.add(document["id"])
                indexable += bool(document.get("vector") or document[FIELD].strip(_TRIMMED))
                file.write(json.dumps(document) + "\n")
        if not indexable:
            raise InputError("no document has a term to index", given=f"{len(seen)} documents")
        java_class("io.anserini.index.IndexCollection").main(
            [
                "-collection",
                collection,
                "-input",
                source,
                "-index",
                str(folder),
                "-threads",
                "1",
                "-optimize",
                "-memoryBuffer",
                "512",
                "-quiet",
                *options,
            ]
        )
    indexed = len(LuceneIndex(folder)) if is_index(folder) else 0
    if indexed != indexable:  # Anserini reports errors in its log and goes on
        raise EnvironmentNotReady(
            "Lucene did not index every document",
            given=(indexed, indexable),
            remedy="free some disk and memory and build the index again",
        )


def is_index(folder: str | Path) -> bool:
    """Whether the folder holds a Lucene index."""
    return any(Path(folder).glob("segments_*"))


class LuceneIndex:
    """An index opened for searching; `InputError` when the folder holds none."""

    def __init__(self, folder: str | Path) -> None:
        if not is_index(folder):
            raise InputError(
                "the folder holds no Lucene index", given=str(folder), remedy="build the index first"
            )
        start_java()
        from jnius import cast

        path = java_class("java.io.File")(str(folder)).toPath()
        directory = java_class("org.apache.lucene.store.FSDirectory").open(path)
        self._reader = java_class("org.apache.lucene.index.DirectoryReader").open(directory)
        searchers = java_class("org.apache.lucene.search.IndexSearcher")
        searchers.setMaxClauseCount(1 << 16)  # a query may be a whole document
        self._searcher = searchers(cast("org.apache.lucene.index.IndexReader", self._reader))
        self._order = _score_then_id()
        self._to_json = _json_writer()
        self._ids: dict[int, str] = {}

    def __len__(self) -> int:
        """Number of documents."""
        return self._reader.numDocs()

    def search(
        self, query_ids: Sequence[str], queries: Iterable[Any], depth: int, *, name: str, similarity: Any
    ) -> Run:
        """Search with Lucene queries and a Lucene similarity; a query that finds nothing has an empty row."""
        if depth < 1:
            raise ParameterError("the depth of a search must be at least 1", given=depth)
        self._searcher.setSimilarity(similarity)
        documents, scores = [], []
        for query in queries:
            hits = self._searcher.search(query, depth, self._order, True)
            found = json.loads(self._to_json(hits))["scoreDocs"]
            documents.append([hit["doc"] for hit in found])
            scores.append([hit["score"] for hit in found])
        self._read_ids(set().union(*documents))
        return Run.from_lists(name, query_ids, [[self._ids[d] for d in row] for row in documents], scores)

    def _read_ids(self, documents: set[int]) -> None:
        """Look up the ids of Lucene's document numbers, each once in the life of the index."""
        stored = self._reader.storedFields()
        for document in sorted(documents - self._ids.keys()):
            self._ids[document] = stored.document(document).get("id")


def prebuilt_folder(name: str) -> Path:
    """The folder of one of pyserini's prebuilt indexes, downloaded when it is not there.

    Raises `EnvironmentNotReady` when pyserini knows no such index or cannot get it.
    """
    start_java()
    from pyserini.util import download_prebuilt_index

    try:
        return Path(download_prebuilt_index(name))
    except (ValueError, OSError) as error:
        raise EnvironmentNotReady(
            f"the prebuilt index {name!r} cannot be had: {error}",
            remedy="check its name, the network and the disk",
        ) from error


def _score_then_id() -> Any:
    fields = java_class("org.apache.lucene.search.SortField")
    by_id = fields("id", java_class("org.apache.lucene.search.SortField$Type").STRING_VAL)
    return java_class("org.apache.lucene.search.Sort")(fields.FIELD_SCORE, by_id)


def _json_writer() -> Any:
    """A function from Lucene's hits to JSON, without the values that they were sorted by."""
    mapper = java_class("com.fasterxml.jackson.databind.ObjectMapper")()
    values = java_class("java.lang.Class").forName("[Ljava.lang.Object;")
    mapper.configOverride(values).setIsIgnoredType(java_class("java.lang.Boolean")(True))
    return mapper.writeValueAsString
