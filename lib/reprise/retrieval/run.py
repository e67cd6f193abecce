"""A run: for every query the documents that a retriever found, best first.

Arrays instead of dictionaries, so that searching, feedback and fusion work on all queries at once. Rows are
sorted by score, highest first, and equal scores by document id in ascending code-point order: the one tie
rule of the project. A TREC run file (`trec_run`) holds the same in text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.ranked_rows import rank_rows
from reprise.retrieval.run_checks import compact, first_repeated, refuse_duplicates, refuse_infinite
from reprise.texts import check_ids, id_array


@dataclass(frozen=True, eq=False)
class Run:
    """Results of one retriever; make it with `from_arrays` or `from_dict`, which sort and check.

    `doc_ids` (documents,) are the ids that occur, sorted and unique; `docs` (queries, depth) int32 are
    positions in `doc_ids`, -1 where a row has ended; `scores` (queries, depth) float32, -inf there.

    >>> run = Run.from_dict("toy", {"q1": {"b": 1.0, "a": 1.0, "c": 2.0}, "q2": {}})
    >>> run.top(2)
    [['c', 'a'], []]
    >>> run.size, run.depth
    (3, 3)
    """

    name: str
    query_ids: tuple[str, ...]
    doc_ids: np.ndarray
    docs: np.ndarray
    scores: np.ndarray

    @classmethod
    def from_arrays(
        cls,
        name: str,
        query_ids: Sequence[str],
        doc_ids: Sequence[str] | np.ndarray,
        docs: np.ndarray,
        scores: np.ndarray,
    ) -> Run:
        """A run from positions (queries, depth) in `doc_ids` (any order) and scores of the same shape.

        A negative position is no result, wherever it stands. Raises `InputError`, naming query and document,
        for a score that is not a finite number, an id that is not a text, a document twice in a row and a
        query twice, and for a run without any result.
        """
        check_ids(query_ids, "query id")
        query_ids = tuple(map(str, query_ids))
        docs, scores = np.asarray(docs), np.asarray(scores)
        if docs.ndim != 2 or docs.shape != scores.shape or len(docs) != len(query_ids):
            raise InputError(
                f"run {name!r}: documents and scores must be (queries, depth)",
                given=(len(query_ids), docs.shape, scores.shape),
            )
        repeated = first_repeated(np.sort(np.asarray(query_ids)))
        if repeated is not None:
            raise InputError(f"run {name!r}: query {repeated!r} repeats", remedy="give each query once")
        found = docs >= 0
        with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused below
            scores = scores.astype(np.float32)
        refuse_infinite(name, query_ids, doc_ids, docs, scores, found)
        doc_ids, docs = compact(name, doc_ids, docs, found)
        refuse_duplicates(name, query_ids, doc_ids, docs)
        docs, scores = rank_rows(docs, scores)
        depth = _longest(docs)
        return cls(name, query_ids, doc_ids, docs[:, :depth], scores[:, :depth])

    @classmethod
    def from_ranked(
        cls, name: str, query_ids: tuple[str, ...], doc_ids: np.ndarray, docs: np.ndarray, scores: np.ndarray
    ) -> Run:
        """A run from rows as `rank_rows` leaves them, over sorted ids; only an empty run is refused.

        For what is computed from checked runs: it saves checking and sorting once more.
        """
        doc_ids, docs = compact(name, doc_ids, docs, docs >= 0)
        depth = _longest(docs)
        return cls(name, query_ids, doc_ids, docs[:, :depth], scores[:, :depth])

    @classmethod
    def from_dict(cls, name: str, results: Mapping[str, Mapping[str, float]]) -> Run:
        """A run from {query id: {document id: score}}; raises as `from_arrays` does."""
        return cls.from_lists(
            name,
            list(results),
            [list(r) for r in results.values()],
            [list(r.values()) for r in results.values()],
        )

    @classmethod
    def from_lists(
        cls,
        name: str,
        query_ids: Sequence[str],
        documents: Sequence[Sequence[str]],
        scores: Sequence[Sequence[float]],
    ) -> Run:
        """A run from a list of document ids and a list of scores a query, in any order; raises likewise."""
        check_ids(query_ids, "query id")
        if not len(query_ids) == len(documents) == len(scores):
            raise InputError(
                f"run {name!r}: there must be a list of documents and one of scores for each query",
                given=(len(query_ids), len(documents), len(scores)),
            )
        for query, found, given in zip(query_ids, documents, scores, strict=True):
            if isinstance(found, str) or len(found) != len(given):
                raise InputError(
                    f"run {name!r}: query {query!r} needs a list of document ids and as many scores",
                    given=(found, given),
                )
        lengths = np.fromiter((len(d) for d in documents), np.int64, len(documents))
        positions: dict[str, int] = {}
        for document in chain.from_iterable(documents):
            positions.setdefault(document, len(positions))
        where = np.arange(lengths.max(initial=0)) < lengths[:, None]
        docs = np.full(where.shape, -1, np.int32)
        values = np.full(where.shape, -np.inf)
        docs[where] = np.fromiter(map(positions.__getitem__, chain.from_iterable(documents)), np.int32)
        values[where] = np.fromiter(chain.from_iterable(scores), np.float64)
        doc_ids = id_array(list(positions), "document id")
        return cls.from_arrays(name, query_ids, doc_ids, docs, values)

    @property
    def depth(self) -> int:
        """The length of the longest list."""
        return self.docs.shape[1]

    @property
    def lengths(self) -> np.ndarray:
        """Number of results of each query: (queries,)."""
        return np.count_nonzero(self.docs >= 0, axis=1)

    @property
    def size(self) -> int:
        """Number of results of all queries."""
        return int(self.lengths.sum())

    def top(self, k: int) -> list[list[str]]:
        """The ids of the first k documents of each query, best first."""
        ids = self.doc_ids.tolist()  # gathering from a list shares its strings; an array would make each anew
        rows = zip(self.docs[:, :k].tolist(), self.lengths.tolist(), strict=True)
        return [[ids[place] for place in row[:n]] for row, n in rows]

    def ranked(self) -> dict[str, list[str]]:
        """{query id: document ids in rank order}."""
        return dict(zip(self.query_ids, self.top(self.depth), strict=True))

    def to_dict(self) -> dict[str, dict[str, float]]:
        """{query id: {document id: score}}, documents in rank order."""
        rows = zip(self.query_ids, self.top(self.depth), self.scores.tolist(), strict=True)
        return {query: dict(zip(ids, scores, strict=False)) for query, ids, scores in rows}

    def cut(self, depth: int) -> Run:
        """The first `depth` results of each query."""
        if depth < 1:
            raise ParameterError("a run must keep at least one document a query", given=depth)
        if depth >= self.depth:
            return self
        return Run.from_ranked(
            self.name, self.query_ids, self.doc_ids, self.docs[:, :depth], self.scores[:, :depth]
        )

    def select(self, query_ids: Sequence[str]) -> Run:
        """The run of these queries in this order; a query without results gets an empty row."""
        check_ids(query_ids, "query id")
        query_ids = tuple(query_ids)
        if query_ids == self.query_ids:
            return self
        row_of = {query: row for row, query in enumerate(self.query_ids)}
        rows = np.array([row_of.get(query, len(row_of)) for query in query_ids], np.int64)
        docs = np.vstack([self.docs, np.full(self.depth, -1, np.int32)])[rows]
        scores = np.vstack([self.scores, np.full(self.depth, -np.inf, np.float32)])[rows]
        return Run.from_ranked(self.name, query_ids, self.doc_ids, docs, scores)

    def save(self, path: str | Path) -> None:
        """Write the run as a compressed numpy archive: smaller, faster and more exact than TREC text."""
        np.savez_compressed(
            path,
            name=np.array(self.name),
            query_ids=np.array(self.query_ids),
            doc_ids=self.doc_ids,
            docs=self.docs,
            scores=self.scores,
        )

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """Read what `save` wrote; `InputError` when the file is damaged or no run."""
        try:
            with np.load(path, allow_pickle=False) as saved:
                return cls.from_arrays(
                    str(saved["name"]),
                    saved["query_ids"].tolist(),
                    saved["doc_ids"],
                    saved["docs"],
                    saved["scores"],
                )
        except InputError:
            raise
        except Exception as error:  # zipfile, zlib and numpy each have their own ways to say damaged
            raise InputError(f"{Path(path).name} is not a saved run: {error}", given=str(path)) from error


def align(*runs: Run) -> tuple[Run, ...]:
    """The same runs over one vocabulary of documents and the same queries in the same order.

    Queries stand in the order of the first run, then those that only later runs have; a query that a run
    lacks becomes an empty row.

    >>> a, b = align(Run.from_dict("a", {"q": {"x": 1.0}}), Run.from_dict("b", {"p": {"w": 1.0}}))
    >>> a.query_ids, b.doc_ids.tolist(), b.top(1)
    (('q', 'p'), ['w', 'x'], [[], ['w']])
    """
    queries = tuple(dict.fromkeys(chain.from_iterable(run.query_ids for run in runs)))
    runs = tuple(run.select(queries) for run in runs)
    if all(np.array_equal(run.doc_ids, runs[0].doc_ids) for run in runs[1:]):
        return runs
    every = np.sort(np.concatenate([run.doc_ids for run in runs]), kind="stable")  # merges sorted stretches
    doc_ids = every[np.append(True, every[1:] != every[:-1])]
    aligned = []
    for run in runs:
        places = np.append(np.searchsorted(doc_ids, run.doc_ids), -1).astype(np.int32)
        aligned.append(replace(run, doc_ids=doc_ids, docs=places[run.docs]))
    return tuple(aligned)


def _longest(docs: np.ndarray) -> int:
    return int(np.count_nonzero(docs >= 0, axis=1).max())
