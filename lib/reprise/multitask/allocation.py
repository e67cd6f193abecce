"""Allocations: how many samples each source gives, n_t proportional to |nu_t|^q and never below a floor.

A strategy (p, q) takes the relevance nu of least Lp norm and the power q: L2-A-MTRL (arXiv 2202.00911) is (2,
2), L1-A-MTRL (arXiv 2306.02556, Theorem 3.4, equation 13: n_t = max(c' |nu_t|, N_underline)) is (1, 1), and
the passive baseline is uniform. The scale c' is solved so that the whole budget is spent; counts are made
whole by largest remainders, ties going to the source that stands first, so equal input gives equal counts.

With costs, the least of sum nu_t^2 / n_t under sum a_t n_t = C is at n_t proportional to |nu_t| / sqrt(a_t)
(Lagrange), and nu is then best of least *weighted* L1 norm, weights sqrt(a_t). The paper's cost functions
could not be read; here they are a cost per sample a_t and a cost per source that is used at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.multitask.relevance import least_l1, least_l2


@dataclass(frozen=True)
class Strategy:
    """Sample by |nu|^q, nu of least Lp norm; `p` is 1 or 2, `q` above 0."""

    p: int
    q: float

    def __post_init__(self) -> None:
        if self.p not in (1, 2) or not self.q > 0:
            raise ParameterError("a strategy has p of 1 or 2 and q above 0", given=(self.p, self.q))

    def relevance(self, heads: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """nu (..., T) for known heads (..., k, T) and targets (..., k)."""
        return (least_l1 if self.p == 1 else least_l2)(heads, targets)


L1, L2 = Strategy(1, 1), Strategy(2, 2)


def allocate(
    nu: np.ndarray, power: float, budget: int, floor: int | np.ndarray = 0, costs: np.ndarray | None = None
) -> np.ndarray:
    """Whole counts (..., T) that add up to `budget`: max(c |nu|^power, floor), c a target's own.

    `floor` is one number or (..., T), what each source gives at least. With `costs` (T,) per sample the
    budget is one of money, counts are proportional to |nu|^power / sqrt(cost) and spend at most the budget.
    Where nu is zero throughout, the sources are alike. Raises `ParameterError` for a budget below the floors'
    and for costs that are not above 0, `InputError` for relevance that is not finite.

    >>> allocate(np.array([3.0, -1.0, 0.0]), 1.0, 10, 1).tolist()  # 9 left over: 3 : 1, and the floor
    [7, 2, 1]
    >>> allocate(np.array([3.0, -1.0, 0.0]), 2.0, 10).tolist()
    [9, 1, 0]
    """
    nu = np.asarray(nu, float)
    if not np.isfinite(nu).all():
        raise InputError("relevance must be finite numbers")
    price = np.ones(nu.shape[-1]) if costs is None else check_costs(costs, nu.shape[-1])
    least = np.broadcast_to(np.asarray(floor), nu.shape)
    needed = (least * price).sum(axis=-1).max()
    if needed > budget or (least < 0).any():
        raise ParameterError(
            "the budget is smaller than what the sources give at least",
            given={"budget": budget, "least": float(needed), "sources": nu.shape[-1]},
            remedy=f"a budget of at least {needed:g}, or a smaller minimum a source",
        )
    weights = np.abs(nu) ** power / np.sqrt(price)
    weights = np.where(weights.sum(axis=-1, keepdims=True) > 0, weights, 1.0)
    weights = weights / weights.max(axis=-1, keepdims=True)
    weights = np.where(weights > 1e-12, weights, 0.0)  # too little for a sample of any budget
    shares = np.maximum(_scale(weights, least, price, budget) * weights, least)
    return _whole(shares, price, budget)


def check_costs(costs: np.ndarray, sources: int) -> np.ndarray:
    """The costs (sources,) as numbers; `ParameterError` unless there is one above 0 for every source."""
    price = np.asarray(costs, float)
    if price.shape != (sources,) or not np.isfinite(price).all() or (price <= 0).any():
        raise ParameterError("every source needs a cost above 0", given=costs)
    return price


def _scale(weights: np.ndarray, least: np.ndarray, price: np.ndarray, budget: int) -> np.ndarray:
    """c (..., 1) with sum of price * max(c * weight, least) = budget.

    The sum is piecewise linear in c with a bend where c * weight passes the floor: sources are sorted by that
    place, and the piece is the last one whose start costs no more than the budget.
    """
    bends = np.where(weights > 0, least / np.where(weights > 0, weights, 1), np.inf)
    order = np.argsort(bends, axis=-1, kind="stable")
    bends, by_weight, by_floor = (
        np.take_along_axis(a, order, axis=-1) for a in (bends, price * weights, price * least)
    )
    slope = np.cumsum(by_weight, axis=-1)
    level = by_floor.sum(axis=-1, keepdims=True) - np.cumsum(by_floor, axis=-1)
    finite = np.isfinite(bends)
    reached = np.where(finite, slope * np.where(finite, bends, 0) + level, np.inf) <= budget
    piece = np.maximum(reached.sum(axis=-1, keepdims=True) - 1, 0)
    return (budget - np.take_along_axis(level, piece, -1)) / np.take_along_axis(slope, piece, -1)


def _whole(shares: np.ndarray, price: np.ndarray, budget: int) -> np.ndarray:
    """Round down, then give what is left in the order of the remainders; with prices, leave it unspent."""
    counts = np.floor(shares + 1e-9).astype(np.int64)
    if not (price == 1).all():
        return counts
    left = budget - counts.sum(axis=-1, keepdims=True)
    order = np.argsort(-(shares - counts).round(9), axis=-1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(order.shape[-1]) + np.zeros_like(order), axis=-1)
    return counts + (rank < left)
