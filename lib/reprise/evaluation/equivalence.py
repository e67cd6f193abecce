"""Equivalence of two systems within a margin: two one-sided tests (Schuirmann 1987).

A difference that is not significant is not an equality: a test on few topics finds nothing either.
TOST turns the burden of proof round; its p is small when the data rule out a difference of the margin
or more in either direction.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import ParameterError
from reprise.evaluation.intervals import finite_sample


def equivalence_test(differences: np.ndarray, margin: float) -> float:
    """p of the paired TOST that the mean difference lies within -margin .. margin: the larger one-sided p.

    Differences without spread are judged by where they are: p is 0 inside the margin, 1 elsewhere.
    Raises `ParameterError` for a margin that is not positive, and `InputError` unless there are two
    differences or more, all of them finite.

    >>> equivalence_test(np.array([0.01, -0.01, 0.02, -0.02]), margin=0.1) < 0.05
    True
    """
    from scipy import stats

    if not margin > 0:
        raise ParameterError("the margin of equivalence must be positive", given=margin)
    differences = finite_sample(differences)
    n, mean = len(differences), differences.mean()
    if np.ptp(differences) == 0:
        return 0.0 if abs(mean) < margin else 1.0
    error = differences.std(ddof=1) / np.sqrt(n)
    above, below = stats.t.sf((mean + margin) / error, n - 1), stats.t.cdf((mean - margin) / error, n - 1)
    return float(max(above, below))
