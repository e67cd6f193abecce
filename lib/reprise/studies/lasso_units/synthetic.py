"""Units of the synthetic model: known and estimated relevance, on instances where the truth is known.

Every strategy gets the same budget, the same instances and its own draws. A sample is a seed (an instance and
its noise). "variance factor" is the closed form of `reprise.multitask.surrogate` at the counts that were
drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reprise.multitask.active import Epoch, budgets_of, explore, learn_once, run_epochs
from reprise.multitask.allocation import L1, L2, Strategy, allocate
from reprise.multitask.rules import lasso_rule, least_l2_rule, uniform
from reprise.multitask.setting import Instance, excess_risk, make_instances
from reprise.multitask.statistics import TaskStatistics, draw_statistics
from reprise.multitask.surrogate import variance_factor
from reprise.studies.lasso_units.tasks import describe_choice

KNOWN = {
    "uniform": None,
    "L2": L2,
    "L1": L1,
    "least L2, power 1": Strategy(2, 1),
    "least L1, power 2": Strategy(1, 2),
    "least L1, power 1/2": Strategy(1, 0.5),
    "least L2, power 1/2": Strategy(2, 0.5),
}
"""Strategies by name, with the least norm p and the power q of the allocation."""


class ModelSampler:
    """Draws from the synthetic model; the generator is its own, so a strategy's draws are repeatable."""

    def __init__(self, instances: Instance, noise: float, generator: np.random.Generator) -> None:
        self.instances, self.noise, self.generator = instances, noise, generator

    def draw(self, have: np.ndarray, want: np.ndarray) -> TaskStatistics:
        """Statistics of want - have new samples (seeds, sources)."""
        return draw_statistics(self.instances.parameters, want - have, self.noise, self.generator)

    def target(self, samples: int) -> TaskStatistics:
        """The target's own samples: (seeds, 1) tasks."""
        truth = self.instances.target_parameter[:, None]
        return draw_statistics(truth, np.full(truth.shape[:2], samples), self.noise, self.generator)


def run_strategies(
    context: Any,
    *,
    family: str,
    model: Mapping[str, Any],
    budget: int,
    seeds: list[int],
    noise: float,
    target_samples: int,
    floor: float,
    epochs: int,
    penalty: float,
    known: list[str],
) -> dict[str, Any]:
    """Cells of one family of instances at one budget: relevance known, and estimated over epochs.

    `floor` is the share of the uniform count that every source gives when relevance is known.
    """
    instances = make_instances(family, seeds, **model)
    k, sources = model["k"], model["sources"]
    said = {"family": family, "budget": str(budget)}
    least = max(int(floor * budget / sources), 1)
    cells = []
    for name in context.progress(known, label=family):
        strategy = KNOWN[name]
        nu = _known_relevance(strategy, instances)
        counts = allocate(nu, strategy.q if strategy else 1.0, budget, least)
        # each strategy starts from the same generator: the same target samples, its own source samples
        sampler = ModelSampler(instances, noise, np.random.default_rng([context.seed, 1]))
        done = learn_once(sampler, sampler.target(target_samples), counts, nu, k)
        cells += _cells({**said, "strategy": name, "relevance": "known"}, instances, done, seeds)
    for name, rule, power in (
        ("uniform", uniform, 1.0),
        ("L2", least_l2_rule, 2.0),
        ("L1", lasso_rule(penalty), 1.0),
    ):
        sampler = ModelSampler(instances, noise, np.random.default_rng([context.seed, 2]))
        target, budgets = sampler.target(target_samples), budgets_of(budget, epochs)
        first = explore(sampler, target, sources, budgets[0], k)
        run = run_epochs(sampler, first, rule, power, budgets[1:])
        for number, epoch in enumerate(run, 1):
            factors = {**said, "strategy": name, "relevance": "estimated"}
            extra = {} if number == len(run) else {"epoch": str(number)}
            cells += _cells({**factors, **extra}, instances, epoch, seeds)
    return {"cells": cells}


def _known_relevance(strategy: Strategy | None, instances: Instance) -> np.ndarray:
    if strategy is None:
        return np.zeros((len(instances.heads), instances.heads.shape[2]))
    return strategy.relevance(instances.heads, instances.target)


def _cells(
    factors: Mapping[str, str], instances: Instance, epoch: Epoch, seeds: list[int]
) -> list[dict[str, Any]]:
    measures = {
        "excess risk": excess_risk(epoch.predictor, instances.target_parameter),
        "variance factor": variance_factor(instances.heads, instances.target, epoch.counts),
    } | describe_choice(epoch.nu, epoch.counts)
    return [cell_of(measure, factors, values, seeds) for measure, values in measures.items()]


def cell_of(measure: str, factors: Mapping[str, str], values: np.ndarray, seeds: list[int]) -> dict[str, Any]:
    """A cell of the synthetic model whose samples are seeds."""
    samples = {str(seed): float(value) for seed, value in zip(seeds, values, strict=True)}
    return {
        "dataset": "synthetic",
        "measure": measure,
        "factors": dict(factors),
        "value": float(np.mean(values)),
        "n": len(samples),
        "samples": samples,
    }
