"""Scalar quantisation: every component by itself, to half precision or to 8 bits between its extremes.

The paper's rows "fp-16" and "fp-8" (arXiv 2205.11498, repository README); the second is faiss's 8-bit
scalar quantiser, whose range is learned per dimension from the documents, and no 8-bit float.
"""

from __future__ import annotations

import numpy as np

from reprise.compression.index import CompressedIndex, fill
from reprise.compression.vectors import check_vectors


def half_precision_index(vectors: np.ndarray) -> CompressedIndex:
    """Documents (documents, dim) as 16-bit floats, searched by inner product.

    >>> half_precision_index(np.eye(4, dtype=np.float32)).code_bytes
    8
    """
    return _scalar(vectors, "QT_fp16", 2)


def eight_bit_index(vectors: np.ndarray) -> CompressedIndex:
    """Documents (documents, dim) as one byte a component, searched by inner product."""
    return _scalar(vectors, "QT_8bit", 1)


def _scalar(vectors: np.ndarray, kind: str, bytes_each: int) -> CompressedIndex:
    import faiss

    vectors = check_vectors(vectors)
    dim = vectors.shape[1]
    index = faiss.IndexScalarQuantizer(dim, getattr(faiss.ScalarQuantizer, kind), faiss.METRIC_INNER_PRODUCT)
    return fill(index, vectors, None, bytes_each * dim)
