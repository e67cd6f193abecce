"""Sources that cost: a price per sample, and a price for each source that is used at all.

arXiv 2306.02556 claims a saving for sample costs that vary; its cost functions could not be read, so two
plain ones stand here. Per sample a_t: the least variance for money C has n_t proportional to |nu_t| /
sqrt(a_t) with nu of least weighted L1 norm, weights sqrt(a_t) (plain L1 on columns w_t / sqrt(a_t)), and is
(sum sqrt(a_t) |nu_t|)^2 / C. Per used source: a corner of the linear program uses at most k sources, while
uniform and L2 sampling open all.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import ParameterError
from reprise.multitask.allocation import check_costs
from reprise.multitask.relevance import least_l1


def least_weighted_l1(heads: np.ndarray, targets: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """nu (..., T) of least sum sqrt(cost) |nu| with heads (..., k, T) nu = targets (..., k).

    Raises `ParameterError` for costs (T,) that are not above 0.

    >>> least_weighted_l1(np.array([[1.0, 1.0]]), np.array([1.0]), np.array([4.0, 1.0])).tolist()
    [0.0, 1.0]
    """
    root = np.sqrt(check_costs(costs, heads.shape[-1]))
    return least_l1(heads / root, targets) / root


def money_spent(counts: np.ndarray, costs: np.ndarray, opening: float = 0.0) -> np.ndarray:
    """What counts (..., T) cost: each sample its source's price, each used source `opening`.

    >>> money_spent(np.array([2, 0, 1]), np.array([1.0, 1.0, 5.0]), opening=10.0).item()
    27.0
    """
    if opening < 0:
        raise ParameterError("opening a source cannot cost less than nothing", given=opening)
    price = check_costs(costs, counts.shape[-1])
    return (counts * price).sum(axis=-1) + opening * (counts > 0).sum(axis=-1)


def money_needed(
    factor: np.ndarray, shares: np.ndarray, costs: np.ndarray, opening: float, samples: float
) -> np.ndarray:
    """Money (...) that gets the variance which `samples` samples at variance factor 1 would get.

    An allocation with shares (..., T) and variance factor (...) needs factor * samples samples for it.

    >>> half = np.array([0.5, 0.5])
    >>> money_needed(np.array(2.0), half, np.array([1.0, 3.0]), 10.0, 100).item()  # 200 * 2 + 20
    420.0
    """
    price = check_costs(costs, shares.shape[-1])
    each = (shares * price).sum(axis=-1) / shares.sum(axis=-1)
    return factor * samples * each + opening * (shares > 0).sum(axis=-1)
