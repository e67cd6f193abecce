"""The targets of one kind of corruption against the sources of all others, and how a target is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reprise.multitask.active import Epoch
from reprise.multitask.sampling import TaskStreams
from reprise.studies.lasso_units.images import ImageSet, disjoint_parts, one_against_rest


class KindTasks:
    """All tasks of an image set; `sources(kind)` are those of the other kinds, `targets(kind)` its own."""

    def __init__(
        self, images: ImageSet, *, pixels: bool, length: int, disjoint: bool, generator: np.random.Generator
    ) -> None:
        inputs = images.train_pixels if pixels else images.train
        self.kinds = len(inputs)
        labels, group = one_against_rest(images.train_labels, self.kinds)
        pool = disjoint_parts(images.train_labels, self.kinds, generator) if disjoint else None
        self.streams = TaskStreams.make(inputs, labels, group, length, generator, pool)
        self.test = images.test_pixels if pixels else images.test
        self.test_labels = one_against_rest(images.test_labels, 1)[0]

    def sources(self, kind: int) -> list[int]:
        """Numbers of the source tasks of a kind's targets."""
        return [t for t in range(10 * self.kinds) if t // 10 != kind]

    def targets(self, kind: int) -> list[int]:
        """Numbers of a kind's own tasks."""
        return list(range(10 * kind, 10 * kind + 10))


def judge_scores(scores: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Measures (targets,) of predictions (targets, n) against labels of -1 and 1, in per cent.

    "balanced error" is the mean of both classes' errors at threshold 0, which is 50 for guessing though one
    class is nine times the other; "error" counts all wrong predictions alike; "AUC" needs no threshold.
    """
    from scipy.stats import rankdata

    positive = labels > 0
    wrong = (scores > 0) != positive
    missed = (wrong & positive).sum(axis=1) / positive.sum(axis=1)
    false = (wrong & ~positive).sum(axis=1) / (~positive).sum(axis=1)
    ranks = rankdata(scores, axis=1)
    n = positive.sum(axis=1)
    area = ((ranks * positive).sum(axis=1) - n * (n + 1) / 2) / (n * (~positive).sum(axis=1))
    return {
        "balanced error": 50 * (missed + false),
        "error": 100 * wrong.mean(axis=1),
        "AUC": 100 * area,
    }


def describe_choice(nu: np.ndarray, counts: np.ndarray) -> dict[str, np.ndarray]:
    """How many sources a target's relevance names, and how many its samples amount to: (targets,) each.

    "sources chosen" counts relevances of at least a thousandth of the largest; "effective sources" is
    (sum n)^2 / sum n^2 of the counts, T when all are alike.
    """
    size = np.abs(nu)
    largest = size.max(axis=1, keepdims=True)
    named = np.where(largest[:, 0] > 0, (size > 1e-3 * largest).sum(axis=1), nu.shape[1])
    n = counts.astype(float)
    return {"sources chosen": named, "effective sources": n.sum(axis=1) ** 2 / (n**2).sum(axis=1)}


def record_epochs(
    epochs: Sequence[Epoch], scores: Sequence[np.ndarray], labels: np.ndarray
) -> list[dict[str, list[float]]]:
    """One entry an epoch: every measure as a list over targets."""
    entries = []
    for epoch, score in zip(epochs, scores, strict=True):
        measures = judge_scores(score, labels) | describe_choice(epoch.nu, epoch.counts)
        entries.append({name: np.round(values, 6).tolist() for name, values in measures.items()})
    return entries


def spread_relevance(nu: np.ndarray, sources: Sequence[int], kinds: int) -> list[list[float]]:
    """|nu| (sources,) of a target as a map (kinds, 10) that sums to 1; the target's own kind is 0."""
    table = np.zeros(10 * kinds)
    table[list(sources)] = np.abs(nu)
    return np.round(table / max(table.sum(), 1e-300), 6).reshape(kinds, 10).tolist()


def as_context_seed(context: Any, kind: int) -> np.random.Generator:
    """A generator for what is drawn for one kind's targets, alike for every batch of kinds."""
    return np.random.default_rng([context.seed, kind])
