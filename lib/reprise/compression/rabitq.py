"""RaBitQ (Gao and Long, SIGMOD 2024): a bit a dimension after a random rotation, with two numbers to correct.

Through faiss's `IndexRaBitQ`. The rotation is the caller's job there and is done here; the two float32
factors a document make 1-bit codes dim / 8 + 8 bytes: 29.5x at 768 dimensions and not 32x. Queries are
quantised to 4 bits, faiss's default: kept as floats they take some fifty times as long.
"""

from __future__ import annotations

import numpy as np

from reprise.compression.index import CompressedIndex, fill
from reprise.compression.vectors import check_vectors

FACTOR_BYTES = 8


def rabitq_index(vectors: np.ndarray) -> CompressedIndex:
    """1-bit RaBitQ codes of documents (documents, dim), scored as estimated inner products."""
    import faiss

    vectors = check_vectors(vectors)
    dim = vectors.shape[1]
    codes = faiss.IndexRaBitQ(dim, faiss.METRIC_INNER_PRODUCT)
    rotation = faiss.RandomRotationMatrix(dim, dim)
    index = faiss.IndexPreTransform(rotation, codes)
    index.referenced_objects = [rotation, codes]
    return fill(index, vectors, None, dim / 8 + FACTOR_BYTES)
