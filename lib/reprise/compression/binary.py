"""Sign codes: one bit a dimension, found by Hamming distance and put in order by the uncompressed query.

The search of BPR (Yamada et al. 2021, section 3.3): the `candidates` nearest codes by Hamming distance to the
query's own signs, then those in the order of e_q . (+1 or -1 a bit). A document's bit is set for a component
of at least 0 and a query's for one above 0, as there. With an encoder that was never trained for it this is
what sentence-transformers calls "ubinary" with rescoring.

Scores come from a table of the 256 partial sums of each byte, so no code is ever unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from reprise.compression.index import check_search, merge_ranked
from reprise.compression.vectors import check_vectors
from reprise.errors import InputError, ParameterError
from reprise.retrieval.faiss_settings import use_faiss

_SIGNS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32) * 2 - 1


def document_codes(vectors: np.ndarray) -> np.ndarray:
    """Packed bits (documents, dim / 8) uint8 of document vectors; a component of 0 sets its bit.

    Raises `ParameterError` for a dimension that is no multiple of 8.

    >>> document_codes(np.array([[1, -1, 0, -1, -1, -1, -1, -1]])).tolist()    # 1010 0000
    [[160]]
    """
    return _pack(check_vectors(vectors) >= 0)


def query_codes(vectors: np.ndarray) -> np.ndarray:
    """Packed bits (queries, dim / 8) uint8 of query vectors; a component of 0 does not set its bit.

    >>> query_codes(np.array([[1, -1, 0, -1, -1, -1, -1, -1]])).tolist()    # 1000 0000
    [[128]]
    """
    return _pack(check_vectors(vectors, "query") > 0)


def _pack(bits: np.ndarray) -> np.ndarray:
    if bits.shape[1] % 8:
        raise ParameterError("sign codes need a dimension that is a multiple of 8", given=bits.shape[1])
    return np.packbits(bits, axis=1)


@dataclass(frozen=True)
class BinaryIndex:
    """Packed codes of documents (documents, dim / 8); `candidates` are rescored, 0 leaves Hamming distance.

    >>> index = BinaryIndex.from_vectors(np.array([[1.0] * 8, [-1.0] * 8]), candidates=2)
    >>> index.nearest(np.full((1, 8), 0.5), 2)[1].tolist()    # 8 x 0.5 and its opposite
    [[4.0, -4.0]]
    """

    codes: np.ndarray
    candidates: int = 1000

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or self.codes.dtype != np.uint8 or not len(self.codes):
            raise InputError("codes must be packed bits, (documents, dim / 8)", given=self.codes.shape)
        if self.candidates < 0:
            raise ParameterError("candidates must not be below 0", given=self.candidates)

    @classmethod
    def from_vectors(cls, vectors: np.ndarray, candidates: int = 1000) -> BinaryIndex:
        """The signs of document vectors."""
        return cls(document_codes(vectors), candidates)

    def __len__(self) -> int:
        """Number of documents."""
        return len(self.codes)

    @property
    def dim(self) -> int:
        """Length of a query vector."""
        return 8 * self.codes.shape[1]

    @property
    def code_bytes(self) -> float:
        """Size of one document's code."""
        return float(self.codes.shape[1])

    @property
    def stored_bytes(self) -> int:
        """Size of the file that `save` writes."""
        import faiss

        return int(faiss.serialize_index_binary(self._index).nbytes)

    @cached_property
    def _index(self) -> Any:
        import faiss

        index = faiss.IndexBinaryFlat(self.dim)
        index.add(np.ascontiguousarray(self.codes))
        return index

    def nearest(self, queries: np.ndarray, depth: int, *, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Positions and scores (queries, depth); raises as every search does."""
        queries = check_search(queries, self.dim, depth, threads)
        wanted = min(max(depth, self.candidates) if self.candidates else depth, len(self))
        with use_faiss(threads):
            distances, places = self._index.search(query_codes(queries), wanted)
        if not self.candidates:
            return merge_ranked(-distances.astype(np.float32), places, depth)
        scores = np.stack([self._score(q, row) for q, row in zip(queries, places, strict=True)])
        return merge_ranked(scores, places, depth)

    def _score(self, query: np.ndarray, places: np.ndarray) -> np.ndarray:
        """e_q . (+-1 code) of the documents in these places."""
        table = query.reshape(-1, 8) @ _SIGNS.T
        return table[np.arange(len(table)), self.codes[places]].sum(1)

    def save(self, path: str | Path) -> None:
        """Write the codes as a faiss binary index."""
        import faiss

        faiss.write_index_binary(self._index, str(path))
