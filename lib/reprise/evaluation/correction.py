"""Corrections for testing several hypotheses at once: Holm (1979), Benjamini and Hochberg (1995).

Holm bounds the chance of a single false finding in the family, Benjamini-Hochberg the share of false
ones among the findings. The family is always stated by the caller: it is all p-values that are handed in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reprise.errors import InputError, ParameterError


def adjust(p_values: Sequence[float], correction: str) -> list[float]:
    """Adjusted p-values, in the order given; `correction` is "holm", "benjamini-hochberg" or "none".

    >>> adjust([0.01, 0.04], "holm"), adjust([0.01, 0.04], "benjamini-hochberg")
    ([0.02, 0.04], [0.02, 0.04])
    """
    methods = {"holm": holm, "benjamini-hochberg": benjamini_hochberg, "none": _family}
    if correction not in methods:
        raise ParameterError(
            "unknown correction", given=correction, remedy=f"choose one of {sorted(methods)}"
        )
    return [float(p) for p in methods[correction](p_values)]


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's step-down adjusted p-values: the i-th smallest of m times (m - i + 1), never decreasing.

    >>> [round(float(p), 3) for p in holm([0.03, 0.01, 0.04])]  # 0.01*3; 0.03*2; 0.04*1 raised to 0.06
    [0.06, 0.03, 0.06]
    """
    p = _family(p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _restore(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> np.ndarray:
    """Benjamini and Hochberg's step-up p-values: the i-th smallest of m times m / i, never decreasing.

    >>> [round(float(p), 3) for p in benjamini_hochberg([0.03, 0.01, 0.04])]  # 0.01*3; 0.03*1.5 cut to 0.04
    [0.04, 0.03, 0.04]
    """
    p = _family(p_values)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _restore(np.minimum(stepped, 1.0), order)


def _family(p_values: Sequence[float]) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    # A NaN that slips into a family would change every other p-value in silence.
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise InputError("a family of p-values must be numbers between 0 and 1", given=p_values)
    return p


def _restore(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    restored = np.empty_like(values)
    restored[order] = values
    return restored
