"""Fewer dimensions: principal components, as the paper's baseline has them and fairly, and truncation.

The paper's PCA (arXiv 2205.11498, examples/baselines) puts faiss's `PCAMatrix` before an inner-product
index. That matrix subtracts the documents' mean from documents and queries alike; under inner product, unlike
under L2, that changes the ranking by a term that depends on the document, even with all dimensions kept. The
fair form projects on the same axes without the offset, and with all dimensions ranks as uncompressed search.

Truncation keeps the first dimensions and scales to unit length again: it is what encoders trained with
Matryoshka losses (Kusupati et al. 2022) are made for, and what is shown here for one that was not.
"""

from __future__ import annotations

import numpy as np

from reprise.compression.index import CompressedIndex, fill
from reprise.compression.vectors import check_vectors
from reprise.errors import ParameterError
from reprise.retrieval.faiss_settings import use_faiss


def pca_index(
    vectors: np.ndarray, dimensions: int, *, centred: bool, training: np.ndarray | None = None
) -> CompressedIndex:
    """The first `dimensions` principal components of the documents, by inner product.

    `centred` leaves the offset in, as the paper's baseline does. The axes are those of `training` vectors, or
    of the documents. Raises `ParameterError` for more dimensions than there are.
    """
    import faiss

    vectors = check_vectors(vectors)
    _check_dimensions(dimensions, vectors.shape[1])
    matrix = faiss.PCAMatrix(vectors.shape[1], dimensions)
    with use_faiss(1):
        matrix.train(vectors if training is None else check_vectors(training, "training"))
    if not centred:
        faiss.copy_array_to_vector(np.zeros(dimensions, np.float32), matrix.b)
    index = faiss.IndexPreTransform(matrix, faiss.IndexFlatIP(dimensions))
    return fill(index, vectors, None, 4 * dimensions)


def truncated_index(vectors: np.ndarray, dimensions: int) -> CompressedIndex:
    """The first `dimensions` components, documents scaled to unit length, by inner product.

    Queries are cut alike and not scaled, which changes no order.
    """
    import faiss

    vectors = check_vectors(vectors)
    dim = vectors.shape[1]
    _check_dimensions(dimensions, dim)
    cut = faiss.LinearTransform(dim, dimensions, False)
    faiss.copy_array_to_vector(np.eye(dimensions, dim, dtype=np.float32).ravel(), cut.A)
    cut.is_trained = True
    index = faiss.IndexPreTransform(cut, faiss.IndexFlatIP(dimensions))
    lengths = np.linalg.norm(vectors[:, :dimensions], axis=1, keepdims=True)
    return fill(index, vectors / np.maximum(lengths, np.finfo(np.float32).tiny), None, 4 * dimensions)


def _check_dimensions(dimensions: int, dim: int) -> None:
    if not 1 <= dimensions <= dim:
        raise ParameterError("the dimensions to keep must be from 1 to all of them", given=(dimensions, dim))
