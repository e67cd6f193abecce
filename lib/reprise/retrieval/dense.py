"""Dense retrieval: exact search for the largest inner products, in pyserini's folder layout.

The folder holds `index` (a faiss index) and `docid` (one id a line), so pyserini's FaissSearcher opens it as
well. Queries come as vectors, never as text. The index file is mapped into memory, not read: opening is
instant and 25 GB of MS MARCO vectors do not have to fit. Of documents that tie for the last place of a list
faiss keeps any; all others stand by the tie rule of `Run`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.faiss_settings import use_faiss
from reprise.retrieval.run import Run
from reprise.retrieval.searcher import check_pairs
from reprise.texts import id_array


class DenseIndex:
    """Document ids and a faiss index of their vectors; make it with `from_vectors`, `open` or `prebuilt`.

    >>> index = DenseIndex.from_vectors(["a", "b"], np.array([[1, 0], [0, 1]], np.float32))
    >>> index.search(["q"], np.array([[2, 1]], np.float32), depth=2).to_dict()
    {'q': {'a': 2.0, 'b': 1.0}}
    >>> index.vectors(["b", "a"]).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """

    def __init__(self, doc_ids: Sequence[str] | np.ndarray, index: Any) -> None:
        self.doc_ids = id_array(doc_ids, "document id")
        self._index = index
        if len(self.doc_ids) != index.ntotal:
            raise InputError(
                "the index does not have one vector for each document id",
                given=(index.ntotal, len(self.doc_ids)),
            )

    @classmethod
    def from_vectors(cls, doc_ids: Sequence[str], vectors: np.ndarray) -> DenseIndex:
        """A flat index of vectors (documents, dim), kept as float32.

        Raises `InputError` for shapes that do not fit, ids that repeat, no vectors at all, and, naming the
        document, for a vector with a value that is not a finite number.
        """
        import faiss

        vectors = _check_vectors(vectors, doc_ids, "document")
        if not len(vectors):
            raise InputError("there are no vectors to index")
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        made = cls(doc_ids, index)
        ordered = made.doc_ids[made._order]
        repeats = np.flatnonzero(ordered[1:] == ordered[:-1])
        if len(repeats):
            raise InputError(f"document id {str(ordered[repeats[0]])!r} repeats", remedy="keep one of them")
        return made

    @classmethod
    def open(cls, folder: str | Path) -> DenseIndex:
        """An index that `save` or pyserini wrote; `InputError` when there is none or its parts do not fit."""
        import faiss

        folder = Path(folder)
        try:
            ids = (folder / "docid").read_text(encoding="utf-8").split("\n")
            index = faiss.read_index(str(folder / "index"), faiss.IO_FLAG_MMAP_IFC)
        except (OSError, RuntimeError, UnicodeDecodeError) as error:
            raise InputError(
                f"the folder holds no dense index that can be read: {error}",
                given=str(folder),
                remedy="build the index again",
            ) from error
        return cls([i.rstrip() for i in (ids if ids[-1] else ids[:-1])], index)

    @classmethod
    def prebuilt(cls, name: str) -> DenseIndex:
        """One of pyserini's prebuilt indexes, such as "msmarco-v1-passage.ance"; see `prebuilt_folder`."""
        from reprise.retrieval.lucene import prebuilt_folder

        return cls.open(prebuilt_folder(name))

    def save(self, folder: str | Path) -> None:
        """Write `index` and `docid`. Raises `InputError` for an id that the layout cannot hold: an empty
        one, or one with a line break or white space at its end.
        """
        import faiss

        for document in self.doc_ids.tolist():
            if not document or document != document.rstrip() or len(document.splitlines()) != 1:
                raise InputError(
                    f"document id {document!r} is empty, ends in white space or has line breaks",
                    remedy="rename it",
                )
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        # a new file in place of the old one: somebody may have that mapped into memory
        faiss.write_index(self._index, str(folder / ".index.tmp"))
        os.replace(folder / ".index.tmp", folder / "index")
        (folder / "docid").write_text("".join(f"{i}\n" for i in self.doc_ids), encoding="utf-8")

    def __len__(self) -> int:
        """Number of documents."""
        return self._index.ntotal

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._index.d

    def search(
        self, query_ids: Sequence[str], queries: np.ndarray, depth: int = 1000, *, threads: int = 1
    ) -> Run:
        """The `depth` documents with the largest inner products with each query vector (queries, dim).

        The last bits of a score depend on the number of threads, so the machine does not choose it.
        Raises `InputError` when the vectors do not fit the index in length or the ids in number, and, naming
        the query, for a vector with a value that is not a finite number.
        """
        if depth < 1 or threads < 1:
            raise ParameterError("depth and threads of a search must be at least 1", given=(depth, threads))
        queries = _check_vectors(queries, query_ids, "query")
        if queries.shape[1] != self.dim:
            raise InputError(
                "the query vectors do not fit the index",
                given=(queries.shape[1], self.dim),
                remedy="encode the queries with the encoder that the index was made with",
            )
        with use_faiss(threads):
            scores, positions = self._index.search(queries, min(depth, len(self)))
        return Run.from_arrays("dense", query_ids, self.doc_ids, positions, scores)

    def vectors(self, doc_ids: Sequence[str] | np.ndarray) -> np.ndarray:
        """The vectors of these documents: (documents, dim) float32; `InputError` names an unknown one."""
        wanted = id_array(doc_ids, "document id")
        if not len(wanted):
            return np.zeros((0, self.dim), np.float32)
        places = np.searchsorted(self.doc_ids, wanted, sorter=self._order)
        positions = self._order[np.minimum(places, len(self) - 1)]
        unknown = np.flatnonzero(self.doc_ids[positions] != wanted)
        if len(unknown):
            raise InputError(
                f"the index has no document {str(wanted[unknown[0]])!r}",
                remedy="build all indexes of a study from the same collection",
            )
        with use_faiss(1):  # copying is no work for several: they would wait for each other
            return self._index.reconstruct_batch(positions)

    @cached_property
    def _order(self) -> np.ndarray:
        """Positions in the order of the ids."""
        return np.argsort(self.doc_ids, kind="stable")


def _check_vectors(vectors: np.ndarray, ids: Sequence[str], what: str) -> np.ndarray:
    """The vectors as a contiguous float32 array (ids, dim), checked."""
    check_pairs(ids, vectors, what)
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2:
        raise InputError(f"there must be one vector for each {what} id", given=(vectors.shape, len(ids)))
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(
            f"{what} {str(ids[bad[0]])!r}: its vector has values that are not finite numbers",
            remedy="look at the encoder that made it",
        )
    return vectors
