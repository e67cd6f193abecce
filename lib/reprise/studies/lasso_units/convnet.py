"""Units of the ConvNet representation: uniform, L2 and L1 for all ten targets of a kind, trained as one
stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reprise.multitask.active import Epoch, budgets_of
from reprise.multitask.allocation import allocate
from reprise.multitask.convnet import ConvNetSettings, ConvNetStack, Weights
from reprise.studies.lasso_units.images import ImageSet
from reprise.studies.lasso_units.linear import POWERS, TOGETHER, rules_of
from reprise.studies.lasso_units.tasks import KindTasks, as_context_seed, record_epochs, spread_relevance


def run_convnet(
    context: Any,
    *,
    kinds: list[int],
    strategies: list[str],
    size: int,
    k: int,
    samples: int,
    target_samples: int,
    epochs: int,
    penalty: float,
    network: Mapping[str, Any],
    disjoint: bool,
    shown: list[int],
) -> dict[str, Any]:
    """Measures of every strategy, epoch and target of some kinds, as `reprise.studies.lasso_units.linear`."""
    images = ImageSet.open(context)
    budget = samples * 10 * (images.train.shape[0] - 1)
    generator = np.random.default_rng(context.seed)
    tasks = KindTasks(images, pixels=True, length=budget, disjoint=disjoint, generator=generator)
    settings = ConvNetSettings(k=k, **network)
    found: dict[str, Any] = {}
    maps: dict[str, Any] = {}
    for kind in context.progress(kinds, label="kinds"):
        sources, targets = tasks.sources(kind), tasks.targets(kind)
        stack = ConvNetStack(tasks.streams, sources, size, settings, context.device)
        own = _own_images(tasks, targets, size, target_samples)
        budgets = budgets_of(budget, epochs)
        counts = allocate(np.zeros((1, len(sources))), 1.0, budgets[0])
        # the first epoch is uniform, so one network is trained and every target starts from it
        first = stack.train(stack.initial(1, context.seed + kind), counts, context.seed)
        rules = rules_of(penalty, as_context_seed(context, kind))
        test = tasks.test[kind].reshape(-1, size, size)
        outcome = {}
        for name in strategies:
            run = _run(
                stack,
                first,
                rules[name](),
                POWERS.get(name, 1.0),
                name in TOGETHER,
                budgets,
                own,
                context.seed,
            )
            scores = [stack.scores(weights, epoch, test) for weights, epoch in run]
            outcome[name] = record_epochs([epoch for _, epoch in run], scores, tasks.test_labels)
            for target in set(shown) & set(targets):
                nu = run[-1][1].nu[target - targets[0]]
                maps.setdefault(str(target), {})[name] = spread_relevance(nu, sources, tasks.kinds)
        found[str(kind)] = outcome
    return {"outcome": found, "relevance": maps}


def _own_images(
    tasks: KindTasks, targets: list[int], size: int, samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """The targets' own samples: images (targets, n, size, size) and labels (targets, n)."""
    rows = np.stack([tasks.streams.rows(t, 0, samples) for t in targets])
    inputs = tasks.streams.inputs[tasks.streams.group[targets[0]]]
    labels = np.take_along_axis(tasks.streams.labels[targets], rows, axis=1)
    return inputs[rows].reshape(*rows.shape, size, size), labels


def _run(
    stack: ConvNetStack,
    first: Weights,
    rule: Any,
    power: float,
    together: bool,
    budgets: list[int],
    own: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> list[tuple[Weights, Epoch]]:
    """Weights and state after each epoch; those that treat all targets alike train one network for all."""
    n, sources = len(own[0]), len(stack.sources)
    nu = np.zeros((n, sources))
    counts = allocate(nu, 1.0, budgets[0])
    one = first
    weights = {name: w.expand(n, *w.shape[1:]) for name, w in one.items()}
    run = [(weights, _read(stack, one, weights, counts, nu, own, shared=True))]
    for number, budget in enumerate(budgets[1:], 1):
        nu = rule(run[-1][1])
        counts = allocate(nu, power, budget, counts)
        if together:
            one = stack.train(one, counts[:1], seed + number)
            weights = {name: w.expand(n, *w.shape[1:]) for name, w in one.items()}
        else:
            weights = stack.train(weights, counts, seed + number)
        run.append((weights, _read(stack, one, weights, counts, nu, own, shared=together)))
    return run


def _read(
    stack: ConvNetStack,
    one: Weights,
    weights: Weights,
    counts: np.ndarray,
    nu: np.ndarray,
    own: tuple[np.ndarray, np.ndarray],
    *,
    shared: bool,
) -> Epoch:
    """The state of an epoch; where one network serves all targets, its sources are read once."""
    if not shared:
        return stack.read(weights, counts, nu, *own)
    from reprise.multitask.active import share_fit

    alone = stack.read(one, counts[:1], nu[:1], own[0][:1], own[1][:1])
    return share_fit(alone, stack.target_statistics(weights, *own), nu)
