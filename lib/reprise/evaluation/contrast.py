"""A contrast of cells as an estimate: its value, and how far each sample moves it.

A contrast is a sum of coefficients times means (a difference, a slope) or times their logarithms (a ratio).
To first order a mean of samples moves it by coefficient times derivative times the sample's distance from the
mean: the sample's *influence* (Hampel 1974). Influences of cells with the same draw add up sample by sample,
which is all that pairing is; those of different draws are independent, which is Welch. Resampling influences
once for each draw serves every contrast on it.

Timings are contrasted as logarithms, round by round, and the middle one is taken: the influence of a
median is a sign, scaled to the standard error of McKean and Schrader (1984).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from reprise.errors import InputError
from reprise.evaluation.cells import Cell


@dataclass(frozen=True)
class Draw:
    """The influences of the samples of one draw, of mean 0."""

    of: str
    names: tuple[str, ...]
    influence: np.ndarray

    @property
    def variance(self) -> float:
        """Of their mean."""
        return float(np.var(self.influence, ddof=1) / len(self.influence))


@dataclass(frozen=True)
class Runs:
    """The influences of the runs of training of one system, by seed, of mean 0; `rest` by (seed, topic)."""

    seeds: tuple[str, ...]
    influence: np.ndarray
    rest: np.ndarray | None = None


@dataclass(frozen=True)
class Estimate:
    """A contrast's `value` with what moves it: samples by draw, runs and single runs by system.

    `spreads` are the standard deviation and degrees of freedom of systems with a single run. A contrast of
    counts is exact: nothing moves it.
    """

    value: float
    draws: Mapping[str, Draw] = field(default_factory=dict)
    runs: Mapping[str, Runs] = field(default_factory=dict)
    spreads: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled."""
        return not (self.draws or self.runs or self.spreads)

    @property
    def fewest(self) -> int:
        """Samples of the smallest draw."""
        return min((len(draw.names) for draw in self.draws.values()), default=0)


def contrast(cells: Sequence[Cell], coefficients: Sequence[float], *, logarithmic: bool = False) -> Estimate:
    """The sum of coefficients times the cells' means, or times their logarithms.

    Raises `InputError` for samples of one draw that do not have the same names, for a logarithm of what is
    not above 0, and for a cell that has neither samples nor is a count.

    >>> a = Cell("toy", "MAP", {"stage": "a"}, 0.5, samples={"q1": 0.6, "q2": 0.4})
    >>> b = Cell("toy", "MAP", {"stage": "b"}, 0.4, samples={"q1": 0.4, "q2": 0.4})
    >>> found = contrast([a, b], [1, -1])
    >>> round(found.value, 3), found.draws["toy"].influence.round(3).tolist()
    (0.1, [0.1, -0.1])
    """
    if any(cell.drawn.of == "rounds" for cell in cells):
        return _contrast_of_rounds(cells, coefficients)
    parts: dict[str, list[tuple[float, Cell]]] = {}
    runs: dict[str, Runs] = {}
    spreads: dict[str, tuple[float, int]] = {}
    value = 0.0
    for cell, coefficient in zip(cells, coefficients, strict=True):
        mean = mean_of(cell)
        if logarithmic and mean <= 0:
            raise InputError("a ratio needs values above 0", given=mean)
        value += coefficient * (np.log(mean) if logarithmic else mean)
        scale = coefficient / mean if logarithmic else coefficient
        for weight, part in cell.parts or [(1.0, cell)]:
            if part.drawn.of != "count":
                draw = part.drawn.draw or f"{part.dataset} {_system(part)}"
                parts.setdefault(draw, []).append((scale * weight, part))
        _add_training(cell, scale, runs, spreads)
    return Estimate(value, {draw: _draw(found) for draw, found in parts.items()}, runs, spreads)


def add(estimates: Sequence[Estimate], weights: Sequence[float]) -> Estimate:
    """The weighted sum of estimates: draws and runs that several share are added sample by sample.

    Raises `InputError` where they have other samples of the same draw.
    """
    refuse_unlike(estimates)
    draws: dict[str, Draw] = {}
    runs: dict[str, Runs] = {}
    spreads: dict[str, tuple[float, int]] = {}
    for estimate, weight in zip(estimates, weights, strict=True):
        for name, draw in estimate.draws.items():
            before = draws.get(name)
            moved = weight * draw.influence + (before.influence if before else 0)
            draws[name] = Draw(draw.of, draw.names, moved)
        for name, run in estimate.runs.items():
            before = runs.get(name)
            # What is left over is taken away only where it is known for one contrast alone.
            moved = weight * run.influence + (before.influence if before else 0)
            rest = None if before or run.rest is None else weight * run.rest
            runs[name] = Runs(run.seeds, moved, rest)
        for name, (deviation, freedom) in estimate.spreads.items():
            # One run behind several contrasts moves them together.
            spreads[name] = (spreads.get(name, (0.0, 0))[0] + weight * deviation, freedom)
    value = sum(w * e.value for e, w in zip(estimates, weights, strict=True))
    return Estimate(value, draws, runs, spreads)


def refuse_unlike(estimates: Sequence[Estimate]) -> None:
    """Raise `InputError` where estimates have other samples of the same draw, which is resampled as one."""
    seen: dict[str, Draw] = {}
    for name, draw in (found for estimate in estimates for found in estimate.draws.items()):
        names = seen.setdefault(name, draw).names
        if names != draw.names:
            raise InputError(
                f"the contrasts rest on unlike {draw.of} of {name}",
                given=sorted(set(names) ^ set(draw.names))[:5],
            )


def mean_of(cell: Cell) -> float:
    """The mean of a cell's samples, or of its parts; its value when it is a count.

    Raises `InputError` for a cell that has neither.
    """
    if cell.parts:
        return float(sum(weight * mean_of(part) for weight, part in cell.parts))
    if cell.samples:
        return float(np.mean(list(cell.samples.values())))
    if cell.drawn.of == "count":
        return cell.value
    raise InputError(f"the results keep no samples of {cell.measure} on {cell.dataset}")


def _system(cell: Cell) -> str:
    return " ".join(f"{k}={v}" for k, v in sorted(cell.factors.items()) if v)


def _draw(parts: Sequence[tuple[float, Cell]]) -> Draw:
    """Influences of the samples that several cells share, added up by name, clusters as one sample each."""
    names, total = None, None
    for scale, cell in parts:
        samples = by_cluster(cell.samples) if cell.drawn.clustered else cell.samples
        mine = tuple(sorted(samples))
        if not mine:
            raise InputError(f"the results keep no samples of {cell.measure} on {cell.dataset}")
        if names is not None and mine != names:
            raise InputError(
                f"cells of {cell.dataset} have unlike {cell.drawn.of}",
                given=sorted(set(mine) ^ set(names))[:5],
            )
        values = np.array([samples[name] for name in mine], dtype=float)
        if not np.all(np.isfinite(values)):
            raise InputError(f"a sample of {cell.measure} on {cell.dataset} is no number")
        names, total = mine, scale * (values - values.mean()) + (0 if total is None else total)
    return Draw(parts[0][1].drawn.of, names, total)


def by_cluster(samples: Mapping[str, float]) -> dict[str, float]:
    """One value a cluster, such that their mean is the mean of all samples (clusters may differ in size).

    >>> by_cluster({"fog/1": 1.0, "fog/2": 3.0, "snow/1": 4.0, "snow/2": 4.0})
    {'fog': 2.0, 'snow': 4.0}
    """
    clusters: dict[str, list[float]] = {}
    for name, value in samples.items():
        clusters.setdefault(name.partition("/")[0], []).append(value)
    mean, size = np.mean(list(samples.values())), len(samples) / len(clusters)
    return {c: float(mean + sum(v - mean for v in values) / size) for c, values in clusters.items()}


def _add_training(
    cell: Cell, scale: float, runs: dict[str, Runs], spreads: dict[str, tuple[float, int]]
) -> None:
    system = _system(cell)
    if cell.runs:
        seeds = tuple(sorted(cell.runs))
        system = f"{system} of {' '.join(seeds)}"  # other seeds are other runs
        means = np.array([cell.runs[seed].value for seed in seeds])
        found = Runs(seeds, scale * (means - means.mean()), _rest(cell, scale, seeds))
        before = runs.get(system)
        runs[system] = Runs(seeds, before.influence + found.influence) if before else found
    elif cell.spread is not None:
        deviation = abs(scale) * cell.spread[0]
        spreads[system] = (spreads.get(system, (0.0, 0))[0] + deviation, cell.spread[1])


def _rest(cell: Cell, scale: float, seeds: tuple[str, ...]) -> np.ndarray | None:
    """What neither the seed nor the topic explains, (seeds, topics); None when runs keep no samples."""
    if cell.parts or not all(cell.runs[seed].samples for seed in seeds):
        return None
    names = sorted(cell.runs[seeds[0]].samples)
    table = scale * np.array([[cell.runs[seed].samples[name] for name in names] for seed in seeds])
    return table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()


def _contrast_of_rounds(cells: Sequence[Cell], coefficients: Sequence[float]) -> Estimate:
    """Contrast of logarithms of medians; round by round where cells were timed in turn."""
    by_draw: dict[str, list[tuple[float, Cell]]] = {}
    for cell, coefficient in zip(cells, coefficients, strict=True):
        if not cell.samples:
            raise InputError(f"the results keep no rounds of {cell.measure} on {cell.dataset}")
        draw = cell.drawn.draw or f"{cell.dataset} {cell.measure} {_system(cell)}"
        by_draw.setdefault(draw, []).append((coefficient, cell))
    value, draws = 0.0, {}
    for draw, found in by_draw.items():
        names = sorted(set.intersection(*(set(cell.samples) for _, cell in found)))
        table = np.array([[cell.samples[name] for name in names] for _, cell in found], dtype=float)
        if not names or np.any(table <= 0):
            raise InputError("a ratio of times needs rounds that both have, all above 0", given=draw)
        logs = np.array([coefficient for coefficient, _ in found]) @ np.log(table)
        middle = float(np.median(logs))
        value += middle
        draws[draw] = Draw("rounds", tuple(names), _signs(logs, middle))
    return Estimate(value, draws)


def _signs(values: np.ndarray, middle: float) -> np.ndarray:
    """Influences on a median: signs, scaled so that their mean has the median's standard error."""
    n, ordered = len(values), np.sort(values)
    if n < 3:
        return values - middle
    k = max(round((n + 1) / 2 - 2.5758 * np.sqrt(n / 4)), 1)
    error = (ordered[n - k] - ordered[k - 1]) / (2 * 2.5758)
    signs = np.sign(values - middle)
    signs = signs - signs.mean()
    spread = signs.std(ddof=1)
    return signs * (error * np.sqrt(n) / spread) if spread > 0 else np.zeros(n)
