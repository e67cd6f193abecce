"""An index of compressed document vectors, searched with uncompressed queries: what every method makes.

It knows positions and no ids: `nearest` gives positions and scores, where a retriever's `search` gives a run.
Two kinds: `CompressedIndex`, a faiss index, and `reprise.compression.binary.BinaryIndex`, which looks in two
stages. Both search on a stated number of threads and say how many bytes they take *as written*, which beside
the codes counts rotations, centroids and headers: a small corpus does not reach the nominal ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from reprise.compression.vectors import check_vectors
from reprise.errors import InputError, ParameterError
from reprise.retrieval.faiss_settings import use_faiss


class VectorIndex(Protocol):
    """What a study needs of an index: the nearest documents, and its size."""

    @property
    def stored_bytes(self) -> int: ...

    @property
    def code_bytes(self) -> float: ...

    def __len__(self) -> int: ...

    def nearest(
        self, queries: np.ndarray, depth: int, *, threads: int = 1
    ) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class CompressedIndex:
    """A trained and filled faiss index; `code_bytes` is the nominal size of one document's code.

    >>> import faiss
    >>> flat = faiss.IndexFlatIP(2)
    >>> flat.add(np.eye(2, dtype=np.float32))
    >>> CompressedIndex(flat, code_bytes=8).nearest(np.array([[1.0, 3.0]]), 2)[0].tolist()
    [[1, 0]]
    """

    index: Any
    code_bytes: float

    def __len__(self) -> int:
        """Number of documents."""
        return self.index.ntotal

    @property
    def dim(self) -> int:
        """Length of a query vector."""
        return self.index.d

    @property
    def stored_bytes(self) -> int:
        """Size of the file that `save` writes."""
        import faiss

        return int(faiss.serialize_index(self.index).nbytes)

    def nearest(self, queries: np.ndarray, depth: int, *, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Positions and scores (queries, depth), the largest score first; -1 where there are no more.

        Distances come back as negative numbers, so that more is always better. Raises `InputError` for
        queries of another dimension or with a value that is not a number.
        """
        import faiss

        queries = check_search(queries, self.dim, depth, threads)
        with use_faiss(threads):
            found, places = self.index.search(queries, min(depth, len(self)))
        return places, found if self.index.metric_type == faiss.METRIC_INNER_PRODUCT else -found

    def save(self, path: str | Path) -> None:
        """Write the faiss index."""
        import faiss

        faiss.write_index(self.index, str(path))

    @classmethod
    def open(cls, path: str | Path, code_bytes: float) -> CompressedIndex:
        """An index that `save` wrote; `InputError` when it cannot be read."""
        import faiss

        try:
            return cls(faiss.read_index(str(path)), code_bytes)
        except RuntimeError as error:
            raise InputError(f"the index cannot be read: {error}", given=Path(path).name) from error


def check_search(queries: np.ndarray, dim: int, depth: int, threads: int) -> np.ndarray:
    """The queries as float32, checked against the index; `depth` and `threads` must be positive."""
    if depth < 1 or threads < 1:
        raise ParameterError("depth and threads of a search must be at least 1", given=(depth, threads))
    queries = check_vectors(queries, "query")
    if queries.shape[1] != dim:
        raise InputError(
            "the query vectors do not fit the index",
            given=(queries.shape[1], dim),
            remedy="encode the queries with the encoder that the index was made with",
        )
    return queries


def fill(index: Any, vectors: np.ndarray, training: np.ndarray | None, code_bytes: float) -> CompressedIndex:
    """Train a faiss index, on `training` or on the vectors themselves, and add the vectors, on one thread.

    One thread, because sums over vectors taken in another order move centroids.
    """
    with use_faiss(1):
        if not index.is_trained:
            index.train(vectors if training is None else training)
        index.add(vectors)
    return CompressedIndex(index, code_bytes)


def merge_ranked(scores: np.ndarray, positions: np.ndarray, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """The best `depth` of scored positions (queries, candidates): score falling, then position rising.

    >>> merge_ranked(np.array([[1.0, 2.0, 2.0]]), np.array([[4, 9, 7]]), 2)[0].tolist()
    [[7, 9]]
    """
    order = np.lexsort((positions, -scores), axis=1)[:, :depth]
    return np.take_along_axis(positions, order, 1), np.take_along_axis(scores, order, 1)


def compression_ratio(dim: int, code_bytes: float) -> float:
    """Bytes of a float32 vector over bytes of a code.

    >>> compression_ratio(768, 96)
    32.0
    """
    return 4 * dim / code_bytes
