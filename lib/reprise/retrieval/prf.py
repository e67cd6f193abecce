"""Vector pseudo-relevance feedback: a new query vector from the first passages of a list.

Li et al. (arXiv 2108.11044): Average is the mean over the query and its k passages together, Rocchio is
alpha * query + beta * mean of the passages (no negative part). Equal to pyserini's DenseVectorAveragePrf and
DenseVectorRocchioPrf, computed for all queries at once.

A list shorter than k is defined here: the mean is over the passages that are there, as in pyserini, and a
query without any keeps its vector (for Rocchio times alpha, which ranks the same); pyserini gives NaN then.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.run import Run


def average_prf(queries: np.ndarray, feedback: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Mean of query (queries, dim) and passages (queries, k, dim): (queries, dim) float32.

    `mask` (queries, k) bool says which passages are there; all when it is None. Raises `InputError` for
    shapes that do not fit together.

    >>> average_prf(np.array([[3.0, 0.0]]), np.array([[[0.0, 3.0], [3.0, 3.0]]])).tolist()
    [[2.0, 2.0]]
    """
    total, count = _sum_feedback(queries, feedback, mask)
    return ((queries + total) / (1 + count)).astype(np.float32, copy=False)


def rocchio_prf(
    queries: np.ndarray, feedback: np.ndarray, alpha: float, beta: float, mask: np.ndarray | None = None
) -> np.ndarray:
    """alpha * query + beta * mean of its passages: (queries, dim) float32; arguments as in `average_prf`.

    Raises `ParameterError` for weights that are negative, not finite or both 0.

    >>> rocchio_prf(np.array([[1.0, 0.0]]), np.array([[[0.0, 1.0], [0.0, 3.0]]]), 0.5, 0.25).tolist()
    [[0.5, 0.5]]
    """
    if not (np.isfinite([alpha, beta]).all() and min(alpha, beta) >= 0 and alpha + beta > 0):
        raise ParameterError("Rocchio needs weights of at least 0, not both 0", given=(alpha, beta))
    total, count = _sum_feedback(queries, feedback, mask)
    return (alpha * queries + beta * (total / np.maximum(count, 1))).astype(np.float32, copy=False)


def feedback_vectors(run: Run, index: DenseIndex, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the first k documents of each query (queries, k, dim), and which are there (queries, k).

    They are fetched from the index by id, so a document may come from any retriever's list. A shorter list
    has a shorter row. Raises `InputError` for a document that the index does not hold.
    """
    if k < 1:
        raise ParameterError("feedback needs at least one document", given=k)
    docs = run.docs[:, :k]
    mask = docs >= 0
    if mask.all():  # one array and no copy of it: with many queries, memory is what this waits for
        return index.vectors(run.doc_ids[docs.ravel()]).reshape(*docs.shape, index.dim), mask
    vectors = np.zeros((*docs.shape, index.dim), np.float32)
    vectors[mask] = index.vectors(run.doc_ids[docs[mask]])
    return vectors, mask


def _sum_feedback(
    queries: np.ndarray, feedback: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Sum over the passages that are there (queries, dim), and their number (queries, 1)."""
    rows, k = feedback.shape[:2] if feedback.ndim == 3 else (-1, -1)
    if queries.shape != (rows, *feedback.shape[2:]) or (mask is not None and mask.shape != (rows, k)):
        raise InputError(
            "queries (queries, dim), feedback (queries, k, dim), mask (queries, k) do not fit",
            given=(queries.shape, feedback.shape, None if mask is None else mask.shape),
        )
    if mask is None or mask.all():
        return feedback.sum(axis=1), np.full((rows, 1), np.float32(k))
    return (
        np.where(mask[..., None], feedback, 0).sum(axis=1),
        mask.sum(axis=1, keepdims=True, dtype=np.float32),
    )
