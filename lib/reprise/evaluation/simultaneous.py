"""Simultaneous intervals for a family of contrasts, from one resampling of every draw.

With 20 samples or more behind a contrast's variance: the bootstrap over them with the largest studentised
deviation (Westfall and Young 1993, 2.3; Beran 1988), so that contrasts that share samples count as what they
are. With fewer: Student's t at Sidak's level. With fewer than 5 samples there is no interval. How many
samples a variance rests on is counted by its own variance (degrees of freedom 2n / (2 + excess kurtosis)):
where two topics of sixty differ at all, there are about four, and a resample that misses both would tell
nothing.

Where runs of training are part of a contrast its variance is that of a two-way table (seeds, topics, rest)
with Satterthwaite's degrees of freedom, and the critical value his t at the level that the family's has among
normal deviations. (Twelve independent contrasts of three seeds that weigh more than the topics: all are held
in 87 % of draws; by the larger of the family's value and his t at 95 % in 71 %.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from reprise.errors import InputError
from reprise.evaluation.contrast import Draw, Estimate, Runs, refuse_unlike

FEWEST, ENOUGH = 5, 20
"""Samples below which there is no interval, and from which on they are resampled."""
FEWEST_SEEDS = 3
RESAMPLES = 2000
LEVEL = 0.95
POWER = 0.8416
"""Standard errors beyond the critical value at which 80 % of samples show a difference."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its bounds; `told` is the smallest difference it tells in four samples of five."""

    value: float
    low: float
    high: float
    error: float
    critical: float

    @property
    def told(self) -> float:
        return (self.critical + POWER) * self.error


class Family:
    """Estimates judged together; the same seed gives the same resamples.

    Raises `InputError` when a draw has fewer than five samples or a system fewer than three runs, and when
    estimates have other samples of the same draw.
    """

    def __init__(self, estimates: Sequence[Estimate], seed: int, resamples: int = RESAMPLES) -> None:
        for estimate in estimates:
            _refuse_few(estimate)
        refuse_unlike(estimates)
        self.estimates = list(estimates)
        self.values = np.array([e.value for e in estimates])
        self.errors, self.freedoms = np.array([_error(e) for e in estimates]).reshape(-1, 2).T
        self._seed, self._resamples = seed, resamples
        self._resampled: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def deviations(self) -> np.ndarray:
        """What resampling moves each estimate by, (resamples, estimates), seeds and few samples included."""
        moved, _ = self._resample()
        own = np.sqrt(np.array([sum(d.variance for d in e.draws.values()) for e in self.estimates]))
        wider = np.divide(self.errors, own, out=np.ones_like(own), where=own > 0)
        small = ~self._many & (own > 0)
        wider[small] *= _t(LEVEL, self.freedoms[small]) / _t(LEVEL, np.inf)
        return moved * wider

    @property
    def _many(self) -> np.ndarray:
        """Which estimates are resampled."""
        return np.array(
            [min(map(_samples, e.draws.values()), default=0) >= ENOUGH for e in self.estimates], bool
        )

    def intervals(self, level: float = LEVEL) -> list[Interval]:
        """Intervals that hold all of the contrasts with this probability."""
        many = self._many
        sampled = np.array([not e.exact for e in self.estimates], dtype=bool)
        critical = np.zeros(len(self.values))
        if many.any():
            largest = self._studentised()[:, many].max(axis=1)
            # The family's own level for the contrasts that t serves is Sidak's over all of them.
            share = level if many[sampled].all() else level ** (many.sum() / sampled.sum())
            critical[many] = np.quantile(largest, share)
        # What resampling topics gives is a normal quantile to few runs of training: t at the same level.
        trained = many & np.array([bool(e.runs or e.spreads) for e in self.estimates], dtype=bool)
        critical[trained] = _t(_level(critical[trained]), self.freedoms[trained])
        few = sampled & ~many
        critical[few] = _t(level ** (1 / max(sampled.sum(), 1)), self.freedoms[few])
        return self._around(np.where(sampled, np.maximum(critical, _t(level, self.freedoms)), 0.0))

    def own_intervals(self, level: float) -> list[Interval]:
        """An interval for each contrast alone."""
        critical = _t(level, self.freedoms)
        many = self._many
        if many.any():
            critical[many] = np.maximum(critical, np.quantile(self._studentised(), level, axis=0))[many]
        return self._around(critical)

    def _around(self, critical: np.ndarray) -> list[Interval]:
        return [
            Interval(float(v), float(v - c * e), float(v + c * e), float(e), float(c))
            for v, e, c in zip(self.values, self.errors, critical, strict=True)
        ]

    def _studentised(self) -> np.ndarray:
        moved, errors = self._resample()
        return np.abs(np.divide(moved, errors, out=np.zeros_like(moved), where=errors > 0))

    def _resample(self) -> tuple[np.ndarray, np.ndarray]:
        """Deviations of the resampled estimates and their own standard errors, (resamples, estimates)."""
        if self._resampled is None:
            shape = (self._resamples, len(self.estimates))
            moved, variance = np.zeros(shape), np.zeros(shape)
            for name in dict.fromkeys(name for e in self.estimates for name in e.draws):
                mine = [i for i, e in enumerate(self.estimates) if name in e.draws]
                table = np.stack([self.estimates[i].draws[name].influence for i in mine], axis=1)
                n = len(table)
                weights = _resampling_weights(self._seed, name, n, self._resamples)
                # 32 bits are plenty for a deviation; sums of squares stay clear of their difference
                table = table.astype(np.float32)
                mean = weights @ table
                moved[:, mine] += mean
                variance[:, mine] += np.maximum(weights @ table**2 - mean**2, 0) / (n - 1)
            self._resampled = moved, np.sqrt(variance)
        return self._resampled


@lru_cache(maxsize=8)
def _resampling_weights(seed: int, draw: str, n: int, resamples: int) -> np.ndarray:
    """Shares that each of n samples has in each resample; the same for every contrast on the draw."""
    import hashlib

    digest = hashlib.sha256(f"{seed} {draw}".encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    picked = generator.integers(0, n, (resamples, n))
    picked += n * np.arange(resamples)[:, None]
    counts = np.bincount(picked.ravel(), minlength=resamples * n)
    return (counts / n).astype(np.float32).reshape(resamples, n)


def _refuse_few(estimate: Estimate) -> None:
    for draw in estimate.draws.values():
        if len(draw.names) < FEWEST:
            raise InputError(f"{len(draw.names)} {draw.of} are too few for an interval ({FEWEST} are needed)")
    for run in estimate.runs.values():
        if len(run.seeds) < FEWEST_SEEDS:
            raise InputError(f"{len(run.seeds)} seeds are too few ({FEWEST_SEEDS} are needed)")


def _error(estimate: Estimate) -> tuple[float, float]:
    """Standard error and Satterthwaite's degrees of freedom (infinite for what is exact)."""
    parts = [_of_draw(draw) for draw in estimate.draws.values()]
    sampled = sum(variance for variance, _ in parts)
    parts += [part for run in estimate.runs.values() for part in _of_runs(run)]
    parts += [(deviation**2, freedom) for deviation, freedom in estimate.spreads.values()]
    total = max(sum(variance for variance, _ in parts), sampled)
    below = sum(variance**2 / freedom for variance, freedom in parts)
    return float(np.sqrt(total)), float(total**2 / below) if below > 0 else np.inf


def _of_draw(draw: Draw) -> tuple[float, float]:
    return draw.variance, _samples(draw) - 1


def _samples(draw: Draw) -> float:
    """How many of 20 samples or more the variance rests on: all, or fewer where some lie far out."""
    n, spread = len(draw.names), float(np.mean(draw.influence**2))
    if n < ENOUGH or spread == 0:
        return n
    excess = float(np.mean(draw.influence**4)) / spread**2 - 3
    return max(2 * n / (2 + max(excess, 0)), FEWEST)


def _of_runs(run: Runs) -> list[tuple[float, float]]:
    """The seeds' part of the variance of a mean over seeds and topics, and what it holds twice (negative)."""
    seeds = len(run.seeds)
    parts = [(float(np.var(run.influence, ddof=1) / seeds), seeds - 1)]
    if run.rest is not None:
        freedom = (seeds - 1) * (run.rest.shape[1] - 1)
        parts.append((-float(np.sum(run.rest**2) / freedom / run.rest.size), freedom))
    return parts


def _level(critical: np.ndarray) -> np.ndarray:
    """How often a normal deviation is smaller."""
    from scipy import stats

    return 1 - 2 * stats.norm.sf(critical)


def _t(level: float | np.ndarray, freedom: np.ndarray | float) -> np.ndarray:
    from scipy import stats

    return np.asarray(stats.t.ppf((1 + level) / 2, np.maximum(freedom, 1)))
