"""Product quantisation: sub-vectors replaced by their nearest centroid; optionally after a learned rotation.

PQ: Jégou et al. 2011. OPQ: Ge et al. 2013, as faiss trains it (non-parametric, alternating). `ProductCode`
takes the trained parts out of faiss as arrays, because JPQ goes on training the centroids: its search and its
codes are those of faiss's `IndexPQ` (asymmetric distance: the query is not quantised).

Centroids are trained on L2 whatever the search is by. JPQ's start `OPQ{M},IVF1,PQ{M}x8` adds the one coarse
centroid into the sub-centroids; as k-means does not care where the origin is, that is OPQ and PQ, as here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reprise.compression.index import CompressedIndex, fill
from reprise.compression.vectors import check_codebook, check_vectors
from reprise.errors import InputError
from reprise.retrieval.faiss_settings import use_faiss

OPQ_ITERATIONS = 50
"""faiss's own number of alternations between rotation and centroids."""

_BLOCK = 4096  # vectors coded at once: bounds memory at block x sub-spaces x centroids


@dataclass(frozen=True)
class ProductCode:
    """A rotation (dim, dim) and centroids (sub-spaces, centroids, sub-dim), all float32."""

    rotation: np.ndarray
    centroids: np.ndarray

    @property
    def subspaces(self) -> int:
        """Number of sub-codes of a vector, a byte each."""
        return self.centroids.shape[0]

    def rotate(self, vectors: np.ndarray) -> np.ndarray:
        """The vectors (vectors, dim) in the space of the codes."""
        return check_vectors(vectors, "rotated") @ self.rotation.T

    def assign(self, vectors: np.ndarray) -> np.ndarray:
        """Codes (vectors, sub-spaces) uint8: in each sub-space the centroid nearest by L2."""
        rotated = self.rotate(vectors)
        spaces, _, sub = self.centroids.shape
        squares = np.square(self.centroids).sum(-1)
        codes = np.empty((len(rotated), spaces), np.uint8)
        for begin in range(0, len(rotated), _BLOCK):
            parts = rotated[begin : begin + _BLOCK].reshape(-1, spaces, sub)
            products = np.einsum("nms,mks->nmk", parts, self.centroids)
            codes[begin : begin + _BLOCK] = (squares - 2 * products).argmin(-1)
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The rotated vectors (vectors, dim) that the codes stand for."""
        return self.centroids[np.arange(self.subspaces), codes].reshape(len(codes), -1)

    def save(self, path: str | Path) -> None:
        """Write both arrays as a numpy archive."""
        np.savez(path, rotation=self.rotation, centroids=self.centroids)

    @classmethod
    def open(cls, path: str | Path) -> ProductCode:
        """What `save` wrote; `InputError` when there is none, or it lacks its centroids or its rotation."""
        try:
            with np.load(path, allow_pickle=False) as saved:
                return cls(saved["rotation"], saved["centroids"])
        except (OSError, ValueError, KeyError) as error:
            raise InputError(
                f"the checkpoint lacks its rotation or its centroids: {error}",
                given=Path(path).name,
                remedy="give the folder that the training wrote, whole",
            ) from error


def fit_product_code(
    vectors: np.ndarray,
    subspaces: int,
    *,
    bits: int = 8,
    rotated: bool = True,
    iterations: int = OPQ_ITERATIONS,
) -> ProductCode:
    """Train OPQ (or PQ, without `rotated`) on vectors (vectors, dim); faiss's fixed seeds decide the start.

    Raises `ParameterError` for a dimension that does not divide and `InputError` for too few vectors.
    """
    import faiss

    index = _trained(check_vectors(vectors, "training"), subspaces, bits, rotated, iterations)
    inner, rotation = index, np.eye(vectors.shape[1], dtype=np.float32)
    if rotated:
        matrix = faiss.downcast_VectorTransform(index.chain.at(0))
        rotation = faiss.vector_to_array(matrix.A).reshape(rotation.shape).copy()
        inner = faiss.downcast_index(index.index)
    centroids = faiss.vector_to_array(inner.pq.centroids).reshape(subspaces, 2**bits, -1).copy()
    return ProductCode(rotation, centroids)


def product_index(
    vectors: np.ndarray,
    subspaces: int,
    *,
    bits: int = 8,
    rotated: bool = False,
    iterations: int = OPQ_ITERATIONS,
    training: np.ndarray | None = None,
) -> CompressedIndex:
    """PQ, or OPQ with `rotated`, of documents (documents, dim), searched by inner product with ADC."""
    vectors = check_vectors(vectors)
    learned = vectors if training is None else check_vectors(training, "training")
    index = _trained(learned, subspaces, bits, rotated, iterations)
    return fill(index, vectors, None, subspaces * bits / 8)


def _trained(vectors: np.ndarray, subspaces: int, bits: int, rotated: bool, iterations: int) -> Any:
    import faiss

    dim = vectors.shape[1]
    check_codebook(dim, subspaces, bits, len(vectors))
    if rotated and len(vectors) < dim:  # faiss would write beyond the end of its buffers
        raise InputError(
            "OPQ needs at least as many training vectors as dimensions",
            given=(len(vectors), dim),
            remedy="give more vectors, or leave the rotation out",
        )
    pq = faiss.IndexPQ(dim, subspaces, bits, faiss.METRIC_INNER_PRODUCT)
    # faiss advises 39 vectors a centroid; `check_codebook` refuses fewer than one; small corpora lie between
    pq.pq.cp.min_points_per_centroid = 1
    index = pq
    if rotated:
        matrix = faiss.OPQMatrix(dim, subspaces)
        inner = faiss.ProductQuantizer(dim, subspaces, bits)
        inner.cp.min_points_per_centroid = 1
        matrix.pq, matrix.niter = inner, iterations
        index = faiss.IndexPreTransform(matrix, pq)
        index.referenced_objects = [matrix, inner, pq]  # faiss keeps bare pointers
    with use_faiss(1):
        index.train(vectors)
    return index
