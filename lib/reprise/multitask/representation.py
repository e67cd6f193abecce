"""Multi-task representation learning for the linear model: a shared map and a head for each task.

Least squares over all samples of all tasks, min over B (d, k) and heads w_t of sum_t ||y_t - X_t B w_t||^2,
the learner of arXiv 2202.00911 and 2306.02556 (their guarantee assumes its global optimum; no solver could be
read). Start: the k left singular vectors of the ridge solutions weighted by sqrt(n_t). Then alternating least
squares: heads in closed form, the map by conjugate gradients on the normal equations. Everything runs on a
stack of problems (targets, seeds) at once, and all that is read of the data are its `TaskStatistics`.

Ours: a ridge on the heads worth `ridge` samples, since sources at the floor may have hardly more samples than
k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import ParameterError
from reprise.multitask.statistics import TaskStatistics

TINY = 1e-30
"""Keeps divisions apart from zero, in single precision too."""


@dataclass(frozen=True)
class Representation:
    """`basis` (..., d, k), orthonormal columns; `heads` (..., k, T); `penalty` (...), the heads' ridge."""

    basis: np.ndarray
    heads: np.ndarray
    penalty: np.ndarray

    @property
    def parameters(self) -> np.ndarray:
        """The predictors B w_t of all tasks: (..., T, d)."""
        return np.swapaxes(self.basis @ self.heads, -1, -2)

    def __getitem__(self, index: object) -> Representation:
        """The part of the leading axes that `index` picks out."""
        return Representation(self.basis[index], self.heads[index], self.penalty[index])


def fit_representation(
    statistics: TaskStatistics,
    k: int,
    *,
    ridge: float = 1e-3,
    start: np.ndarray | None = None,
    sweeps: int = 30,
    tolerance: float = 1e-4,
) -> Representation:
    """Fit a stack of problems; `start` (..., d, k) is a basis to go on from.

    Sweeps end when none of the stack explains more than a share `tolerance` more than before. Raises
    `ParameterError` for k above d or the number of tasks, and for a stack with a task without samples.

    >>> theta = np.outer([1.0, 2.0, -1.0], [0.6, 0.8])  # three tasks that share one direction
    >>> exact = TaskStatistics(np.stack([np.eye(2)] * 3), theta, np.full(3, 5))
    >>> bool(np.allclose(fit_representation(exact, 1, ridge=0).parameters, theta))
    True
    """
    tasks, d = statistics.moment.shape[-2:]
    if not 1 <= k <= min(d, tasks):
        raise ParameterError(
            "the representation's k is at least 1 and at most the number of inputs and of tasks",
            given={"k": k, "inputs": d, "tasks": tasks},
            remedy=f"k of at most {min(d, tasks)}",
        )
    if (statistics.count < 1).any():
        raise ParameterError("every task needs at least one sample", given=int(statistics.count.min()))
    precision = statistics.gram.dtype
    penalty = ridge * np.mean(
        np.trace(statistics.gram, axis1=-2, axis2=-1) / (d * statistics.count), axis=-1, dtype=precision
    )
    basis = (first_basis(statistics, k) if start is None else start).astype(precision)
    heads, explained = _heads(statistics, basis, penalty)
    solver = _BasisSolver(statistics, penalty)
    for _ in range(sweeps):
        basis, _ = np.linalg.qr(solver.solve(basis, heads))
        heads, now = _heads(statistics, basis, penalty)
        settled = np.abs(now - explained) <= tolerance * np.maximum(now, TINY)
        explained = now
        if settled.all():
            break
    return Representation(basis, heads, penalty)


def fit_heads(statistics: TaskStatistics, fitted: Representation) -> np.ndarray:
    """Heads (..., k, tasks) of other tasks on a representation that stays as it is.

    >>> fitted = Representation(np.array([[1.0], [0.0]]), np.ones((1, 1)), np.array(0.0))
    >>> other = TaskStatistics(2 * np.eye(2)[None], np.array([[3.0, 9.0]]), np.array([2]))
    >>> fit_heads(other, fitted).round(6).item()
    1.5
    """
    return _heads(statistics, fitted.basis, fitted.penalty)[0]


def first_basis(statistics: TaskStatistics, k: int) -> np.ndarray:
    """The k main directions (..., d, k) of the tasks' ridge solutions, each weighted by sqrt(n_t)."""
    single = fit_single(statistics) * np.sqrt(statistics.count)[..., None]
    # left singular vectors by the eigenvectors of the small d x d product
    _, vectors = np.linalg.eigh(np.swapaxes(single, -1, -2) @ single)
    return np.ascontiguousarray(vectors[..., : -k - 1 : -1])


def fit_single(statistics: TaskStatistics, strength: float = 1.0) -> np.ndarray:
    """Ridge solutions (..., tasks, d), each task by itself.

    The ridge is `strength` times the mean squared length of a task's samples, which for standard normal
    inputs and unit noise is the one that expects a coefficient vector of length 1.
    """
    d = statistics.dim
    size = np.trace(statistics.gram, axis1=-2, axis2=-1) / np.maximum(statistics.count, 1)
    ridged = statistics.gram + (strength * np.maximum(size, 1e-12))[..., None, None] * np.eye(d)
    return np.linalg.solve(ridged, statistics.moment[..., None])[..., 0]


def _heads(
    statistics: TaskStatistics, basis: np.ndarray, penalty: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best heads (..., k, tasks) on a basis, and how much of the labels' square they explain (...)."""
    turned = np.swapaxes(basis, -1, -2)[..., None, :, :]
    seen = statistics.moment @ basis  # (..., tasks, k)
    inner = turned @ (statistics.gram @ basis[..., None, :, :])
    k = basis.shape[-1]
    # a trace of a ridge keeps the solve possible for tasks of fewer samples than k
    smallest = np.finfo(inner.dtype).eps
    floor = smallest * np.trace(inner, axis1=-2, axis2=-1)[..., None, None] + TINY
    ridge = np.asarray(penalty)[..., None, None, None] + floor
    heads = np.linalg.solve(inner + ridge * np.eye(k, dtype=inner.dtype), seen[..., None])[..., 0]
    return np.swapaxes(heads, -1, -2), (heads * seen).sum(axis=(-1, -2))


class _BasisSolver:
    """The best map for given heads: sum_t (G_t + penalty I) B w_t w_t' = sum_t b_t w_t', by conjugate
    gradients.

    The normal equations are close to a Kronecker product, mean Gram times sum_t n_t w_t w_t', whose inverse
    is cheap: as a preconditioner it leaves a handful of steps.
    """

    STEPS, ACCURACY = 10, 0.3  # of the first residual; the next sweep starts where this one ends

    def __init__(self, statistics: TaskStatistics, penalty: np.ndarray) -> None:
        self.statistics = statistics
        self.count = count = statistics.count.astype(statistics.gram.dtype)
        self.penalty = np.asarray(penalty)[..., None, None]
        d = statistics.dim
        mean = statistics.gram.sum(axis=-3) / count.sum(axis=-1)[..., None, None]
        size = np.trace(mean, axis1=-2, axis2=-1)[..., None, None] / d
        ridge = self.penalty / count.mean(axis=-1)[..., None, None] + 1e-4 * size
        self.inverse = np.linalg.inv(mean + ridge * np.eye(d, dtype=mean.dtype))

    def solve(self, start: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """The map (..., d, k), from `start`."""
        s = self.statistics
        turned = np.swapaxes(heads, -1, -2)
        size = np.trace(heads @ turned, axis1=-2, axis2=-1)[..., None, None] / heads.shape[-2]
        weighted = (heads * self.count[..., None, :]) @ turned
        k = heads.shape[-2]
        scale = np.maximum(size * self.count.sum(axis=-1)[..., None, None], TINY)
        small = 10 * np.finfo(heads.dtype).eps * scale
        right = np.linalg.inv(weighted + small * np.eye(k, dtype=heads.dtype))

        def times(basis: np.ndarray) -> np.ndarray:
            images = np.einsum("...tij,...tj->...ti", s.gram, np.swapaxes(basis @ heads, -1, -2))
            return (np.swapaxes(images, -1, -2) + self.penalty * (basis @ heads)) @ turned

        def precondition(residual: np.ndarray) -> np.ndarray:
            return self.inverse @ residual @ right

        goal = np.swapaxes(s.moment, -1, -2) @ turned
        basis, residual = start, goal - times(start)
        aim = self.ACCURACY * np.linalg.norm(residual, axis=(-2, -1)) + TINY
        ahead = precondition(residual)
        direction, size = ahead, _inner(residual, ahead)
        for _ in range(self.STEPS):
            if (np.linalg.norm(residual, axis=(-2, -1)) <= aim).all():
                break
            image = times(direction)
            length = size / np.maximum(_inner(direction, image), TINY)
            basis = basis + length * direction
            residual = residual - length * image
            ahead = precondition(residual)
            new = _inner(residual, ahead)
            direction, size = ahead + new / np.maximum(size, TINY) * direction, new
        return basis


def _inner(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=(-2, -1), keepdims=True)
