"""Confidence intervals for a mean: bootstrap over topics or seeds (Efron), and Student's t.

The percentile interval takes quantiles of the resampled means as they are; BCa (Efron 1987) corrects
them for bias and skew and is the better one for few samples. Both say nothing about topics of another
kind than those sampled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reprise.errors import InputError, ParameterError

_BLOCK = 500  # resamples drawn at once: bounds memory; fixed, so that a seed always gives the same draws


def bootstrap_interval(
    values: Sequence[float] | np.ndarray,
    generator: np.random.Generator,
    *,
    over: str = "topics",
    method: str = "bca",
    level: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """Interval for the mean of `values`, shape (topics,) or (seeds, topics).

    `over` says what is drawn with replacement: "topics", "seeds" (each keeps all its topics) or "both"
    (seeds and topics independently; percentile only). With one axis there is only that axis to draw
    from. Values without spread give an interval of no width.

    >>> low, high = bootstrap_interval([0.2, 0.4, 0.6, 0.8], np.random.default_rng(1))
    >>> 0.2 <= low < 0.5 < high <= 0.8
    True
    """
    table = finite_sample(values, axes=2)
    if over not in ("topics", "seeds", "both") or method not in ("bca", "percentile"):
        raise ParameterError(
            "unknown form of bootstrap",
            given={"over": over, "method": method},
            remedy="over topics, seeds or both; method bca or percentile",
        )
    if not 0 < level < 1 or resamples < 1:
        raise ParameterError(
            "the level lies between 0 and 1 and there is at least one resample",
            given={"level": level, "resamples": resamples},
        )
    if table.ndim == 2 and over == "both":
        if method == "bca":
            raise ParameterError(
                "BCa is defined for one axis", remedy="use method='percentile' with over='both'"
            )
        means = _resampled_means_of_both(table, generator, resamples)
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)
    sample = table if table.ndim == 1 else table.mean(axis=0 if over == "topics" else 1)
    if np.ptp(sample) == 0:
        return float(sample[0]), float(sample[0])
    means = _resampled_means(sample, generator, resamples)
    quantiles = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        quantiles = _bca_quantiles(sample, means, quantiles)
    low, high = np.quantile(means, quantiles)
    return float(low), float(high)


def t_interval(values: Sequence[float] | np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Student's interval for the mean of at least two values.

    >>> low, high = t_interval([1.0, 2.0, 3.0])
    >>> round(low, 3), round(high, 3)  # 2 -+ 4.303 * 1 / sqrt(3)
    (-0.484, 4.484)
    """
    from scipy import stats

    sample = finite_sample(values)
    half = stats.t.ppf((1 + level) / 2, len(sample) - 1) * sample.std(ddof=1) / np.sqrt(len(sample))
    return float(sample.mean() - half), float(sample.mean() + half)


def finite_sample(values: Sequence[float] | np.ndarray, axes: int = 1) -> np.ndarray:
    """The values as an array of up to `axes` axes; `InputError` unless there are two an axis, all finite.

    From a single value nothing can be said about spread: a test on it would give a p-value of nothing.

    >>> finite_sample([1, 2]).tolist()
    [1.0, 2.0]
    """
    try:
        table = np.asarray(values, dtype=float)
    except (TypeError, ValueError):  # no numbers, or rows of unequal length
        table = np.empty(0)
    if not 1 <= table.ndim <= axes or min(table.shape) < 2 or not np.all(np.isfinite(table)):
        raise InputError("tests and intervals need at least two values an axis, all finite", given=values)
    return table


def _blocks(resamples: int) -> list[int]:
    return [min(_BLOCK, resamples - start) for start in range(0, resamples, _BLOCK)]


def _resampled_means(sample: np.ndarray, generator: np.random.Generator, resamples: int) -> np.ndarray:
    n = len(sample)
    return np.concatenate(
        [sample[generator.integers(0, n, (size, n))].mean(axis=1) for size in _blocks(resamples)]
    )


def _resampled_means_of_both(table: np.ndarray, generator: np.random.Generator, resamples: int) -> np.ndarray:
    seeds, topics = table.shape
    means = []
    for _ in range(resamples):
        rows, columns = generator.integers(0, seeds, seeds), generator.integers(0, topics, topics)
        means.append(table[np.ix_(rows, columns)].mean())
    return np.array(means)


def _bca_quantiles(sample: np.ndarray, means: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Quantiles moved by bias (share of resampled means below the mean) and acceleration (jackknife skew)."""
    from scipy.stats import norm

    mean = sample.mean()
    below = (np.sum(means < mean) + np.sum(means <= mean)) / (2 * len(means))
    if not 0 < below < 1:  # too few resamples to say anything about bias
        return quantiles
    bias = norm.ppf(below)
    jackknife = (sample.sum() - sample) / (len(sample) - 1)
    spread = jackknife.mean() - jackknife
    acceleration = np.sum(spread**3) / (6 * np.sum(spread**2) ** 1.5)
    z = bias + norm.ppf(quantiles)
    return norm.cdf(bias + z / (1 - acceleration * z))
