"""Tests of a paired difference: Student's t and the sign-flip permutation test, with effect sizes.

Two systems are paired by the topics (or seeds) that both were measured on. Smucker, Allan and
Carterette (CIKM 2007) found the two tests to agree on retrieval data. All tests are two-sided.

A comparison says n, test, correction and family; the family is every pair handed to
`compare_family` at once. A p-value from permutations is (b + 1) / (m + 1), b of m as extreme as seen
(Phipson and Smyth 2010), so it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.evaluation.cells import Cell
from reprise.evaluation.correction import adjust
from reprise.evaluation.intervals import bootstrap_interval, finite_sample, t_interval

_BLOCK = 500  # sign vectors drawn at once: bounds memory, fixed so that a seed always gives the same draws


@dataclass(frozen=True)
class Comparison:
    """The difference left - right of two cells, its interval and how sure its sign is.

    `effect_size` is Cohen's d_z: the mean difference in standard deviations of the differences; None
    where all differences are equal. `p_adjusted` is `p` corrected over `family`.
    """

    dataset: str
    measure: str
    left: Mapping[str, str]
    right: Mapping[str, str]
    difference: float
    interval: tuple[float, float]
    interval_kind: str
    p: float
    p_adjusted: float
    test: str
    correction: str
    family: str
    n: int
    effect_size: float | None = field(default=None)

    def to_dict(self) -> dict[str, object]:
        """The comparison as results.json has it."""
        return {
            **asdict(self),
            "left": dict(self.left),
            "right": dict(self.right),
            "interval": list(self.interval),
        }


def paired_differences(left: Mapping[str, float], right: Mapping[str, float]) -> np.ndarray:
    """left - right for every topic, in the order of `left`.

    Raises `InputError`, naming the topics, unless both have the same ones and at least two.

    >>> paired_differences({"q1": 0.5, "q2": 0.5}, {"q2": 0.25, "q1": 0.5}).tolist()
    [0.0, 0.25]
    """
    if set(left) != set(right):
        raise InputError(
            "the samples are not of the same topics",
            given=sorted(set(left) ^ set(right))[:5],
            remedy="compare systems on the topics that both were run on",
        )
    return finite_sample([left[topic] - right[topic] for topic in left])


def paired_t_test(differences: np.ndarray) -> float:
    """Two-sided p of the paired t-test; 1 if all differences are zero, 0 if all are equal and not zero.

    Raises `InputError`, as all tests here, unless there are two differences or more, all of them finite.

    >>> round(paired_t_test(np.array([1.0, 2.0, 3.0])), 4)  # t = 2 / (1 / sqrt(3)), 2 degrees of freedom
    0.0742
    """
    from scipy import stats

    differences = finite_sample(differences)
    n, spread = len(differences), differences.std(ddof=1)
    if np.ptp(differences) == 0:
        return 1.0 if differences[0] == 0 else 0.0
    t = differences.mean() / (spread / np.sqrt(n))
    return float(2 * stats.t.sf(abs(t), n - 1))


def permutation_test(
    differences: np.ndarray, generator: np.random.Generator, permutations: int = 10_000
) -> float:
    """Two-sided p of the sign-flip permutation test of the mean difference, from random flips.

    >>> permutation_test(np.zeros(5), np.random.default_rng(1), 99)
    1.0
    """
    if permutations < 1:
        raise ParameterError("a permutation test needs at least one permutation", given=permutations)
    differences = finite_sample(differences)
    # Flips that give the same sum up to rounding must count as equally extreme.
    threshold = abs(differences.sum()) * (1 - 1e-12) - 1e-15
    extreme = 0
    for start in range(0, permutations, _BLOCK):
        size = min(_BLOCK, permutations - start)
        flips = 1.0 - 2.0 * generator.integers(0, 2, (size, len(differences)), dtype=np.int8)
        extreme += int(np.sum(np.abs(flips @ differences) >= threshold))
    return (extreme + 1) / (permutations + 1)


def effect_size(differences: np.ndarray) -> float | None:
    """Cohen's d_z: mean of the differences over their standard deviation; None where they have no spread.

    >>> effect_size(np.array([1.0, 2.0, 3.0]))
    2.0
    """
    differences = finite_sample(differences)
    return None if np.ptp(differences) == 0 else float(differences.mean() / differences.std(ddof=1))


def compare(
    left: Cell,
    right: Cell,
    *,
    test: str = "paired t-test",
    interval: str = "t",
    level: float = 0.95,
    generator: np.random.Generator | None = None,
    resamples: int = 2000,
) -> Comparison:
    """Compare two cells of one dataset and measure by their samples; the only comparison of its family.

    `test` is "paired t-test" or "permutation test", `interval` "t", "bca" or "percentile"; all but
    the first of each need a `generator`. Raises `InputError` for cells that do not pair.

    >>> a = Cell("toy", "MAP", {"stage": "vprf"}, 0.5, samples={"q1": 0.6, "q2": 0.4})
    >>> b = Cell("toy", "MAP", {"stage": "dense"}, 0.4, samples={"q1": 0.45, "q2": 0.35})
    >>> round(compare(a, b).difference, 3)
    0.1
    """
    if (left.dataset, left.measure) != (right.dataset, right.measure):
        raise InputError(
            "cells of different datasets or measures cannot be compared",
            given=[(c.dataset, c.measure) for c in (left, right)],
        )
    if (test != "paired t-test" or interval != "t") and generator is None:
        raise ParameterError(
            "permutations and resamples need a random generator",
            remedy="pass generator=numpy.random.default_rng(seed)",
        )
    differences = paired_differences(left.samples, right.samples)
    if test == "paired t-test":
        p, said = paired_t_test(differences), test
    elif test == "permutation test":
        p = permutation_test(differences, generator, resamples)
        said = f"permutation test ({resamples} sign flips)"
    else:
        raise ParameterError(
            "unknown test", given=test, remedy="choose 'paired t-test' or 'permutation test'"
        )
    if interval == "t":
        bounds, kind = t_interval(differences, level), f"{level:.0%} t"
    else:
        bounds = bootstrap_interval(differences, generator, method=interval, level=level, resamples=resamples)
        kind = f"{level:.0%} bootstrap, {interval}"
    return Comparison(
        left.dataset,
        left.measure,
        dict(left.factors),
        dict(right.factors),
        float(differences.mean()),
        bounds,
        kind,
        p,
        p,
        said,
        "none",
        "this comparison alone",
        len(differences),
        effect_size(differences),
    )


def compare_family(
    pairs: Iterable[tuple[Cell, Cell]], *, family: str, correction: str = "holm", **options: object
) -> list[Comparison]:
    """Compare every pair and correct their p-values over all of them; `family` says what the pairs are.

    `options` are those of `compare`; one generator serves all pairs in turn.
    """
    compared: Sequence[Comparison] = [compare(left, right, **options) for left, right in pairs]
    adjusted = adjust([c.p for c in compared], correction) if compared else []
    said = f"{family} ({len(compared)} comparisons)"
    return [
        replace(c, p_adjusted=p, correction=correction, family=said)
        for c, p in zip(compared, adjusted, strict=True)
    ]
