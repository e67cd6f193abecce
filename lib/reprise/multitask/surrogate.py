"""How good an allocation can be: the leading term of the target's excess risk, known in closed form.

With heads W (k, T), target head w and n_t samples a source, the risk that source samples cause behaves as
noise^2 * (d - k) / N * S(n) with S(n) = N * w' (W diag(n) W')^-1 w, the least of N * sum nu_t^2 / n_t over
W nu = w: of the map's error only what points out of the map remains, since the target's head undoes the rest.
Choosing n is therefore a c-optimal design and its solution, n proportional to |nu^1|, is Elfving's (1952);
then S = ||nu^1||_1^2, the least of all allocations. Uniform sampling gives T * ||nu^2||_2^2 exactly.

This is derived here from the definitions; the theorems' own rates could not be read.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError


def variance_factor(heads: np.ndarray, targets: np.ndarray, allocation: np.ndarray) -> np.ndarray:
    """S (...) for heads (..., k, T), targets (..., k) and an allocation (..., T); inf where it misses the
    target.

    >>> heads, target = np.array([[1.0, 0.5]]), np.array([1.0])
    >>> variance_factor(heads, target, np.array([1.0, 1.0])).item()  # 2 / (1 + 0.25)
    1.6
    >>> variance_factor(heads, target, np.array([1.0, 0.0])).item()
    1.0
    """
    weights = np.asarray(allocation, float)
    if heads.shape[:-2] != targets.shape[:-1] or weights.shape != (*targets.shape[:-1], heads.shape[-1]):
        raise InputError(
            "heads (..., k, T), targets (..., k) and allocation (..., T) do not fit",
            given=(heads.shape, targets.shape, weights.shape),
        )
    if (weights < 0).any() or not (weights.sum(axis=-1) > 0).all():
        raise InputError("an allocation has no negative counts and at least one sample")
    share = weights / weights.sum(axis=-1, keepdims=True)
    information = (heads * share[..., None, :]) @ np.swapaxes(heads, -1, -2)
    solved = np.linalg.pinv(information, hermitian=True, rcond=1e-10) @ targets[..., None]
    missed = np.linalg.norm((information @ solved - targets[..., None])[..., 0], axis=-1)
    value = (targets[..., None, :] @ solved)[..., 0, 0]
    return np.where(missed <= 1e-6 * np.linalg.norm(targets, axis=-1), value, np.inf)


def hardest_scale(sources: int) -> float:
    """The length a of the other heads on which sampling by (nu^2)^2 is furthest from the optimum.

    One head equals the target (length 1), the other T - 1 are a times it. Squared-L2 sampling then has S = (1
    + m a^2) / (1 + m a^4), m = T - 1, while the optimum has 1; the ratio is largest at a^2 = 1 / (sqrt(T) +
    1).

    >>> round(hardest_scale(9) ** 2, 3)
    0.25
    """
    return float((np.sqrt(sources) + 1) ** -0.5)


def hardest_ratio(sources: int) -> float:
    """What squared-L2 sampling then pays against the optimum: (sqrt(T) + 1) / 2.

    >>> hardest_ratio(9)
    2.0
    """
    return float((np.sqrt(sources) + 1) / 2)
