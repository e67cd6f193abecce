"""Bits compared with bits: random hyperplanes (LSH), and bits after a learned rotation (ITQ).

LSH: Charikar 2002, through faiss's `IndexLSH` with a random rotation. ITQ: Gong and Lazebnik 2011, the
factory's "ITQ,LSH", which the JPQ paper has as a baseline at 32x. Both compare the *query's* bits too, by
Hamming distance, where BPR and PQ keep the query as it is.
"""

from __future__ import annotations

import numpy as np

from reprise.compression.index import CompressedIndex, fill
from reprise.compression.vectors import check_vectors
from reprise.errors import InputError


def lsh_index(vectors: np.ndarray, bits: int) -> CompressedIndex:
    """`bits` random hyperplanes; documents (documents, dim)."""
    import faiss

    vectors = check_vectors(vectors)
    return fill(faiss.IndexLSH(vectors.shape[1], bits, True), vectors, None, bits / 8)


def itq_index(vectors: np.ndarray, training: np.ndarray | None = None) -> CompressedIndex:
    """One bit a dimension after the rotation that loses least; trained on `training` or the documents.

    Raises `InputError` for fewer training vectors than dimensions: their covariance has no rotation to learn.
    """
    import faiss

    vectors = check_vectors(vectors)
    learned = vectors if training is None else check_vectors(training, "training")
    dim = vectors.shape[1]
    if len(learned) < dim:
        raise InputError(
            "ITQ needs at least as many training vectors as dimensions",
            given=(len(learned), dim),
            remedy="give more vectors",
        )
    return fill(faiss.index_factory(dim, f"ITQ{dim},LSH"), vectors, learned, dim / 8)
