"""Relevance of sources to a target: the combination W nu = w of source heads with the least L2 or L1 norm.

The minimum-L2-norm solution nu^2 is what "Active Multi-Task Representation Learning" (arXiv 2202.00911)
samples by, the minimum-L1-norm solution nu^1 what "Improved Active Multi-Task Representation Learning via
Lasso" (arXiv 2306.02556, Theorem 3.4) does. All targets are solved at once: nu^2 by stacked pseudo-inverses,
nu^1 as one block-diagonal linear program (HiGHS), which is exact; a basic solution has at most k sources.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError, StudyFailed

SPAN_TOLERANCE = 1e-6
"""Largest residual, as a share of the target head's length, of a target that lies in the sources' span."""


def least_l2(heads: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """nu^2 (..., T): the least-L2-norm solution of heads (..., k, T) nu = targets (..., k).

    A target outside the span of the heads gets the solution of its projection; see `require_span`.

    >>> least_l2(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([1.0, 0.0])).round(3).tolist()
    [0.5, 0.5, 0.0]
    """
    _check(heads, targets)
    return (np.linalg.pinv(np.asarray(heads, np.float64)) @ targets[..., None])[..., 0]


def least_l1(heads: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """nu^1 (..., T): a least-L1-norm solution of heads (..., k, T) nu = targets (..., k), by one linear
    program.

    Raises `InputError`, with the residual, for a target outside the span of its sources.

    >>> least_l1(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]]), np.array([1.0, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_diag, hstack

    require_span(heads, targets)
    t = heads.shape[-1]
    k = heads.shape[-2]
    stack = heads.reshape(-1, k, t)
    # nu = positive part - negative part, both at least 0; their sum is the L1 norm
    blocks = block_diag(list(stack), format="csc")
    solved = linprog(
        np.ones(2 * t * len(stack)),
        A_eq=hstack([blocks, -blocks], format="csc"),
        b_eq=targets.ravel(),
        bounds=(0, None),
        method="highs-ds",  # the dual simplex method ends in a corner, so the solution is sparse
    )
    if solved.status != 0:
        raise StudyFailed(f"the linear program of the least L1 norm was not solved: {solved.message}")
    positive, negative = solved.x.reshape(2, len(stack), t)
    return (positive - negative).reshape(*targets.shape[:-1], t)


def span_residual(heads: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share (...) of each target head's length that no combination of the source heads reaches.

    >>> span_residual(np.array([[1.0], [0.0]]), np.array([3.0, 4.0])).round(3).item()
    0.8
    """
    _check(heads, targets)
    missed = targets - (heads @ least_l2(heads, targets)[..., None])[..., 0]
    return np.linalg.norm(missed, axis=-1) / np.maximum(np.linalg.norm(targets, axis=-1), 1e-300)


def require_span(heads: np.ndarray, targets: np.ndarray, tolerance: float = SPAN_TOLERANCE) -> None:
    """Raise `InputError`, with the residual, unless every target lies in the span of its sources."""
    residual = span_residual(heads, targets)
    worst = float(np.max(residual))
    if worst > tolerance:
        raise InputError(
            f"{(residual > tolerance).sum()} of {residual.size} targets lie outside the span of the sources",
            given=f"residual up to {worst:.3g} of the target head's length",
            remedy="add sources, lower k, or estimate the relevance by Lasso, which allows a residual",
        )


def _check(heads: np.ndarray, targets: np.ndarray) -> None:
    if heads.ndim < 2 or heads.shape[:-2] != targets.shape[:-1] or heads.shape[-2] != targets.shape[-1]:
        raise InputError(
            "heads (..., k, T) and targets (..., k) do not fit", given=(heads.shape, targets.shape)
        )
    if not (np.isfinite(heads).all() and np.isfinite(targets).all()):
        raise InputError("heads must be finite numbers")
