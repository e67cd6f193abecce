"""The synthetic setting: sources y = x'B w_t + noise that share B (d, k), and a target head W nu.

Families of instances, each with its reason; `heads` are (k, T) and `target` is (k,), both of length 1 unless
said: random  heads in random directions, the target too sparse  the same, but the target is an equal mix of
two sources rare    two of the T sources are the only ones that reach the target's direction clusters  five
groups of unequal size around random directions, the target in the smallest spikes  s sources are s axes and
the target is their equal mix; all others lie in the k - s other axes hardest  one source is the target, the
others are a short way towards it, where squared-L2 sampling pays most
         (`reprise.multitask.surrogate.hardest_scale`); k - 1 other axes have one source each
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import ParameterError
from reprise.multitask.surrogate import hardest_scale


@dataclass(frozen=True)
class Instance:
    """A stack of problems: `basis` (..., d, k), source `heads` (..., k, T), `target` (..., k)."""

    basis: np.ndarray
    heads: np.ndarray
    target: np.ndarray

    @property
    def parameters(self) -> np.ndarray:
        """The sources' predictors: (..., T, d)."""
        return np.swapaxes(self.basis @ self.heads, -1, -2)

    @property
    def target_parameter(self) -> np.ndarray:
        """The target's predictor: (..., d)."""
        return (self.basis @ self.target[..., None])[..., 0]


def make_instances(
    family: str, seeds: list[int], *, d: int, k: int, sources: int, sparsity: int = 1
) -> Instance:
    """One instance of a family for each seed, stacked.

    Raises `ParameterError` for an unknown family, k above d or the number of sources, and a sparsity out of
    range.

    >>> made = make_instances("spikes", [1, 2], d=6, k=3, sources=10, sparsity=2)
    >>> made.heads.shape, made.target[0].round(3).tolist()
    ((2, 3, 10), [0.707, 0.707, 0.0])
    """
    if family not in FAMILIES:
        raise ParameterError("unknown family of instances", given=family, remedy=f"one of {sorted(FAMILIES)}")
    if not 1 <= k <= min(d, sources):
        raise ParameterError(
            "k is at least 1 and at most the number of inputs and of sources",
            given={"k": k, "inputs": d, "sources": sources},
        )
    made = []
    for seed in seeds:
        generator = np.random.default_rng(seed)
        heads, target = FAMILIES[family](k, sources, sparsity, generator)
        basis, _ = np.linalg.qr(generator.normal(size=(d, k)))
        made.append((basis, heads, target))
    return Instance(*(np.stack(part) for part in zip(*made, strict=True)))


def excess_risk(predictor: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """E (x'predictor - x'truth)^2 (...) for standard normal x: the squared distance.

    >>> excess_risk(np.array([1.0, 2.0]), np.array([1.0, 0.0])).item()
    4.0
    """
    return ((predictor - truth) ** 2).sum(axis=-1)


def _units(generator: np.random.Generator, k: int, count: int) -> np.ndarray:
    return _scaled(generator.normal(size=(k, count)))


def _scaled(heads: np.ndarray) -> np.ndarray:
    return heads / np.linalg.norm(heads, axis=0)


def _random(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return _units(generator, k, t), _units(generator, k, 1)[:, 0]


def _sparse(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if k < 2:
        raise ParameterError("the sparse family needs k of at least 2, or two sources may cancel", given=k)
    heads = _units(generator, k, t)
    return heads, _scaled(heads[:, :2].sum(axis=1))


def _rare(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if k < 2 or t < 3:
        raise ParameterError("the rare family needs k of at least 2 and three sources", given=(k, t))
    target = np.eye(k)[0]
    others = np.vstack([np.zeros(t - 2), _units(generator, k - 1, t - 2)])
    return np.hstack([np.stack([target, target], axis=1), others]), target


def _clusters(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.maximum(np.array([0.5, 0.25, 0.15, 0.06]) * t, 1).astype(int)
    if t - sizes.sum() < 1:
        raise ParameterError("five clusters need more sources", given=t)
    sizes = np.append(sizes, t - sizes.sum())
    centres = np.repeat(_units(generator, k, 5), sizes, axis=1)
    heads = _scaled(centres + 0.2 * generator.normal(size=(k, t)) / np.sqrt(k))
    return heads, _scaled(centres[:, -1] + 0.2 * generator.normal(size=k) / np.sqrt(k))


def _spikes(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if not 1 <= s < k or t < k:
        raise ParameterError("the sparsity is at least 1 and below k", given={"sparsity": s, "k": k})
    axes = np.concatenate([np.arange(s), s + np.arange(t - s) % (k - s)])
    return np.eye(k)[:, axes], np.where(np.arange(k) < s, 1 / np.sqrt(s), 0.0)


def _hardest(k: int, t: int, s: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    towards = t - (k - 1)  # sources along the target, of which the first is the target
    if towards < 2:
        raise ParameterError("the hardest family needs more sources than k", given={"k": k, "sources": t})
    lengths = np.full(t, 1.0)
    lengths[1:towards] = hardest_scale(towards)
    axes = np.concatenate([np.zeros(towards, int), np.arange(1, k)])
    return np.eye(k)[:, axes] * lengths, np.eye(k)[0]


FAMILIES = {
    "random": _random,
    "sparse": _sparse,
    "rare": _rare,
    "clusters": _clusters,
    "spikes": _spikes,
    "hardest": _hardest,
}
