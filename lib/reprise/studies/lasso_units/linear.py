"""Units of the linear representation: all ten targets of a kind at once, for several kinds a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reprise.multitask.active import Rule, budgets_of, explore, run_epochs, share_fit
from reprise.multitask.representation import fit_single
from reprise.multitask.rules import (
    embedding_rule,
    gradient_rule,
    lasso_rule,
    least_l2_rule,
    shared_rule,
    shuffled,
    uniform,
)
from reprise.multitask.sampling import SourceSampler
from reprise.multitask.statistics import TaskStatistics
from reprise.studies.lasso_units.images import ImageSet
from reprise.studies.lasso_units.tasks import (
    KindTasks,
    as_context_seed,
    judge_scores,
    record_epochs,
    spread_relevance,
)

POWERS = {"L2": 2.0}
"""The power of an allocation; 1 for every strategy that is not named."""

TOGETHER = ("uniform", "shared")
"""Strategies that treat all targets of a kind alike."""


def rules_of(penalty: float, generator: np.random.Generator) -> dict[str, Callable[[], Rule]]:
    """Every strategy's rule by the name that the results use."""
    return {
        "uniform": lambda: uniform,
        "L2": lambda: least_l2_rule,
        "L1": lambda: lasso_rule(penalty),
        "gradient": lambda: gradient_rule,
        "embedding": lambda: embedding_rule,
        "shared": lambda: shared_rule(penalty),
        "shuffled": lambda: shuffled(lasso_rule(penalty), generator),
    }


def run_linear(
    context: Any,
    *,
    kinds: list[int],
    strategies: list[str],
    k: int,
    samples: int,
    target_samples: int,
    epochs: int,
    penalty: float,
    ridge: float,
    disjoint: bool,
    shown: list[int],
) -> dict[str, Any]:
    """Measures of every strategy, epoch and target of some kinds, and the relevance of the `shown` targets.

    `samples` is the mean number a source at the end; "target only" is ridge regression on the target's own.
    """
    images = ImageSet.open(context)
    budget = samples * 10 * (images.train.shape[0] - 1)
    tasks = KindTasks(
        images,
        pixels=False,
        length=budget,
        disjoint=disjoint,
        generator=np.random.default_rng(context.seed),
    )
    found: dict[str, Any] = {}
    maps: dict[str, Any] = {}
    for kind in context.progress(kinds, label="kinds"):
        sources, targets = tasks.sources(kind), tasks.targets(kind)
        own = _own_statistics(tasks, targets, target_samples)
        sampler = SourceSampler(tasks.streams, sources)
        budgets = budgets_of(budget, epochs)
        fit = {"ridge": ridge, "tolerance": 1e-3}
        # the first epoch is uniform: the sources are drawn and fitted once, and every target gets its head
        first = share_fit(explore(sampler, own[:1], len(sources), budgets[0], k, **fit), own)
        rules = rules_of(penalty, as_context_seed(context, kind))
        outcome: dict[str, Any] = {}
        for name in strategies:
            if name == "target only":
                scores = fit_single(own, ridge)[:, 0] @ tasks.test[kind].T
                measures = judge_scores(scores, tasks.test_labels)
                outcome[name] = [{m: np.round(v, 6).tolist() for m, v in measures.items()}]
                continue
            power, together = POWERS.get(name, 1.0), name in TOGETHER
            run = run_epochs(sampler, first, rules[name](), power, budgets[1:], together=together, **fit)
            scores = [epoch.predictor @ tasks.test[kind].T for epoch in run]
            outcome[name] = record_epochs(run, scores, tasks.test_labels)
            for target in set(shown) & set(targets):
                nu = run[-1].nu[target - targets[0]]
                maps.setdefault(str(target), {})[name] = spread_relevance(nu, sources, tasks.kinds)
        found[str(kind)] = outcome
    return {"outcome": found, "relevance": maps}


def _own_statistics(tasks: KindTasks, targets: list[int], samples: int) -> TaskStatistics:
    """The targets' own samples: (targets, 1) tasks."""
    gram, moment = zip(*(tasks.streams.statistics(t, 0, samples) for t in targets), strict=True)
    return TaskStatistics(
        np.stack(gram)[:, None], np.stack(moment)[:, None], np.full((len(targets), 1), samples)
    )
