"""Lasso for many targets at once: argmin over nu of 0.5 * ||W nu - w||_2^2 + penalty * ||nu||_1.

L1-A-MTRL (arXiv 2306.02556) estimates nu^1 by Lasso; the paper's penalty could not be read, so it is given as
a share of the smallest penalty that makes nu zero, max |W'w|. Accelerated proximal gradient (Beck and
Teboulle 2009) with restarts (O'Donoghue and Candes 2015) on the whole stack, until the duality gap of every
target is small: the answer is certified, not hoped for. scikit-learn's Lasso divides the squared loss by the
k rows, so its alpha is penalty / k.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError, ParameterError, StudyFailed


def largest_penalty(heads: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The smallest penalty (...) at which nu is zero, for heads (..., k, T) and targets (..., k).

    >>> largest_penalty(np.array([[1.0, -2.0]]), np.array([3.0])).item()
    6.0
    """
    return np.abs(np.swapaxes(heads, -1, -2) @ targets[..., None])[..., 0].max(axis=-1)


def lasso(
    heads: np.ndarray,
    targets: np.ndarray,
    share: float = 0.1,
    *,
    tolerance: float = 1e-7,
    most: int = 20_000,
) -> np.ndarray:
    """nu (..., T) of every target, at `share` of its largest penalty.

    Stops when each duality gap is at most `tolerance` * 0.5 * ||w||^2. Raises `ParameterError` for a share
    outside (0, 1], `InputError` for what is not finite, `StudyFailed` when `most` steps do not suffice.

    >>> lasso(np.eye(2), np.array([2.0, 0.1]), share=0.1).round(3).tolist()  # soft threshold at 0.2
    [1.8, 0.0]
    """
    if not 0 < share <= 1:
        raise ParameterError("the penalty is a share of the largest one, above 0 and at most 1", given=share)
    if heads.shape[:-2] != targets.shape[:-1] or heads.shape[-2] != targets.shape[-1]:
        raise InputError(
            "heads (..., k, T) and targets (..., k) do not fit", given=(heads.shape, targets.shape)
        )
    if not (np.isfinite(heads).all() and np.isfinite(targets).all()):
        raise InputError("heads must be finite numbers")
    heads, targets = np.asarray(heads, np.float64), np.asarray(targets, np.float64)
    k, t = heads.shape[-2:]
    stack, aims = heads.reshape(-1, k, t), targets.reshape(-1, k)
    nu = np.zeros((len(stack), t))
    waiting = np.flatnonzero(largest_penalty(stack, aims) > 0)  # a target of zeros needs no source
    if len(waiting):
        nu[waiting] = _solve(stack[waiting], aims[waiting], share, tolerance, most)
    return nu.reshape(*targets.shape[:-1], t)


def _solve(heads: np.ndarray, aims: np.ndarray, share: float, tolerance: float, most: int) -> np.ndarray:
    penalty = share * largest_penalty(heads, aims)
    step = 1 / np.maximum(np.linalg.norm(heads, ord=2, axis=(1, 2)) ** 2, 1e-300)
    goal = tolerance * 0.5 * (aims**2).sum(axis=1)
    result = np.zeros((len(heads), heads.shape[2]))
    left = np.arange(len(heads))  # those that are not done; finished ones leave the stack
    nu, ahead, momentum = result.copy(), result.copy(), np.ones(len(heads))
    for number in range(1, most + 1):
        slope = (np.swapaxes(heads, 1, 2) @ ((heads @ ahead[..., None])[..., 0] - aims)[..., None])[..., 0]
        moved = ahead - step[:, None] * slope
        new = np.sign(moved) * np.maximum(np.abs(moved) - (step * penalty)[:, None], 0)
        # the momentum is dropped where it points uphill
        uphill = ((ahead - new) * (new - nu)).sum(axis=1) > 0
        momentum = np.where(uphill, 1.0, momentum)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + ((momentum - 1) / grown)[:, None] * (new - nu)
        nu, momentum = new, grown
        if number % 10 == 0:
            done = _gap(heads, aims, nu, penalty) <= goal
            if done.any():
                result[left[done]] = nu[done]
                stay = ~done
                if not stay.any():
                    return result
                left, heads, aims = left[stay], heads[stay], aims[stay]
                nu, ahead, momentum = nu[stay], ahead[stay], momentum[stay]
                penalty, step, goal = penalty[stay], step[stay], goal[stay]
    raise StudyFailed(f"Lasso has not converged for {len(left)} targets in {most} steps")


def _gap(heads: np.ndarray, aims: np.ndarray, nu: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Primal minus dual value at nu, the dual point being the residual scaled into the feasible set."""
    residual = aims - (heads @ nu[..., None])[..., 0]
    steepest = largest_penalty(heads, residual)
    scale = np.minimum(1.0, penalty / np.maximum(steepest, 1e-300))
    primal = 0.5 * (residual**2).sum(axis=1) + penalty * np.abs(nu).sum(axis=1)
    dual = 0.5 * (aims**2).sum(axis=1) - 0.5 * ((aims - scale[:, None] * residual) ** 2).sum(axis=1)
    return primal - dual
