"""Units on what Lasso recovers of nu^1, and on what sources that cost would save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reprise.multitask.active import explore, learn_once
from reprise.multitask.allocation import L1, L2, allocate
from reprise.multitask.costs import least_weighted_l1, money_needed, money_spent
from reprise.multitask.lasso import lasso
from reprise.multitask.relevance import least_l1
from reprise.multitask.setting import excess_risk, make_instances
from reprise.multitask.surrogate import variance_factor
from reprise.studies.lasso_units.synthetic import ModelSampler, cell_of


def recover_relevance(
    context: Any,
    *,
    family: str,
    model: Mapping[str, Any],
    samples: int,
    penalties: list[float],
    seeds: list[int],
    noise: float,
    target_samples: int,
) -> dict[str, Any]:
    """Cells on nu estimated by Lasso after `samples` samples of every source.

    "efficiency" is the variance of nu^1's allocation over that of the estimated one, 1 where nothing is lost,
    with a floor of a tenth of uniform in both. "misplaced share" is half the L1 distance of the allocations,
    which does not vanish where nu^1 is not unique (like sources may stand for each other).
    """
    instances = make_instances(family, seeds, **model)
    sources, k = model["sources"], model["k"]
    sampler = ModelSampler(instances, noise, np.random.default_rng(context.seed))
    epoch = explore(sampler, sampler.target(target_samples), sources, samples * sources, k)
    truth = np.abs(least_l1(instances.heads, instances.target))
    cells = []
    for penalty in context.progress(penalties, label=family):
        nu = np.abs(lasso(epoch.fitted.heads, epoch.head, penalty))
        said = {"family": family, "samples": str(samples), "penalty": f"{penalty:g}"}
        shares = [with_floor(a) for a in (nu, truth)]
        factors = [variance_factor(instances.heads, instances.target, s) for s in shares]
        apart = 0.5 * np.abs(normalised(nu) - normalised(truth)).sum(axis=1)
        chosen = nu > 1e-3 * nu.max(axis=1, keepdims=True)
        wanted = truth > 1e-6
        cells += [
            cell_of("misplaced share", said, apart, seeds),
            cell_of("efficiency", said, factors[1] / factors[0], seeds),
            cell_of("support found", said, (chosen & wanted).sum(axis=1) / wanted.sum(axis=1), seeds),
            cell_of("sources chosen", said, chosen.sum(axis=1), seeds),
        ]
    return {"cells": cells}


def spend_money(
    context: Any,
    *,
    family: str,
    model: Mapping[str, Any],
    scheme: str,
    spread: float,
    opening: float,
    money: float,
    floor: float,
    seeds: list[int],
    noise: float,
    target_samples: int,
) -> dict[str, Any]:
    """Cells on sources that cost: the risk that the same money buys, and the money that the same variance
    takes.

    Scheme "sample": prices are log-normal with that `spread`, every source is opened for nothing and gives a
    `floor` share of the uniform count. Scheme "opening": samples cost 1, each used source costs `opening`,
    and only sources that a strategy names are used. Relevance is known, so that only prices differ.
    """
    instances = make_instances(family, seeds, **model)
    sources, k = model["sources"], model["k"]
    prices = np.exp(spread * np.random.default_rng(context.seed).normal(size=sources))
    prices = prices / prices.mean() if scheme == "sample" else np.ones(sources)
    opening = opening if scheme == "opening" else 0.0
    blind = np.abs(least_l1(instances.heads, instances.target))
    plans = {
        "uniform": np.ones_like(blind),
        "L2": L2.relevance(instances.heads, instances.target) ** 2,
        "L1": np.abs(L1.relevance(instances.heads, instances.target)),
        "L1, cost-aware": np.abs(least_weighted_l1(instances.heads, instances.target, prices))
        / np.sqrt(prices),
    }
    if scheme == "opening":  # with equal prices a sample the cost-aware relevance is nu^1 itself
        del plans["L1, cost-aware"]
    cells = []
    for name, plan in plans.items():
        shares = normalised(plan) if scheme == "opening" else with_floor(plan, floor)
        counts = np.stack([_buy(row, prices, opening, money) for row in shares])
        said = {"family": family, "scheme": scheme, "strategy": name}
        sampler = ModelSampler(instances, noise, np.random.default_rng([context.seed, 1]))
        target = sampler.target(target_samples)
        risk = _risk_of_used(sampler, target, counts, k)
        factor = variance_factor(instances.heads, instances.target, shares)
        cells += [
            cell_of("excess risk at equal money", said, risk, seeds),
            cell_of("money spent", said, money_spent(counts, prices, opening), seeds),
            cell_of(
                "money for equal variance",
                said,
                money_needed(factor, shares, prices, opening, money / 2),
                seeds,
            ),
        ]
    return {"cells": cells}


def normalised(weights: np.ndarray) -> np.ndarray:
    """Weights (..., T) as shares that sum to 1."""
    return weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)


def with_floor(weights: np.ndarray, floor: float = 0.1) -> np.ndarray:
    """Shares of which `floor` is spread alike over all sources, so that none is without samples."""
    return (1 - floor) * normalised(weights) + floor / weights.shape[-1]


def _buy(shares: np.ndarray, prices: np.ndarray, opening: float, money: float) -> np.ndarray:
    """Whole samples in these shares for the money, after the used sources are opened.

    A source whose share comes to no sample is not opened, and its money buys samples of the others.
    """
    used, counts = shares > 1e-9, np.zeros(len(shares), int)
    while True:
        left = money - opening * used.sum()
        total = int(left / (shares[used] * prices[used]).sum() * shares[used].sum())
        counts[:] = 0
        counts[used] = allocate(shares[used], 1.0, max(total, 1))
        if ((counts > 0) == used).all():
            return counts
        used = counts > 0


def _risk_of_used(sampler: ModelSampler, target: Any, counts: np.ndarray, k: int) -> np.ndarray:
    """The risk, seed by seed, of learning from the used sources only; k is at most their number."""
    if (counts > 0).all():
        done = learn_once(sampler, target, counts, np.zeros(counts.shape), k)
        return excess_risk(done.predictor, sampler.instances.target_parameter)
    from reprise.multitask.representation import fit_heads, fit_representation
    from reprise.multitask.statistics import TaskStatistics

    drawn = sampler.draw(np.zeros_like(counts), counts)
    risks = []
    for i, row in enumerate(counts):
        used = row > 0
        part = TaskStatistics(drawn.gram[i][used], drawn.moment[i][used], row[used])
        fitted = fit_representation(part, min(k, int(used.sum())))
        predictor = (fitted.basis @ fit_heads(target[i], fitted))[..., 0]
        risks.append(float(excess_risk(predictor, sampler.instances.target_parameter[i])))
    return np.array(risks)
