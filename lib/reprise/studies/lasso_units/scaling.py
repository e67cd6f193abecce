"""Units on rates: how many source samples a given excess risk takes as the problem grows along one axis.

For each value of the axis and each strategy the risk is measured at budgets around the one that the closed
form expects, and the budget at which it falls to the wanted risk is read off between them, for every seed by
itself. A slope is that of a straight line through log budget against log axis; one slope a seed gives its
interval. The expected slope is the same with the closed form's variance factor in place of the measured
budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reprise.multitask.active import learn_once
from reprise.multitask.allocation import allocate
from reprise.multitask.setting import excess_risk, make_instances
from reprise.multitask.surrogate import variance_factor
from reprise.studies.lasso_units.synthetic import KNOWN, ModelSampler, _known_relevance, cell_of

AROUND = (0.5, 0.8, 1.3, 2.0, 3.2)
"""Budgets at which the risk is measured, in shares of the expected one."""

PLENTY = 10**7
"""Target samples: so many that what the target's head costs does not show."""


def measure_budgets(
    context: Any,
    *,
    axis: str,
    value: int,
    family: str,
    model: Mapping[str, Any],
    strategies: list[str],
    risk: float,
    noise: float,
    seeds: list[int],
    floor: float,
) -> dict[str, Any]:
    """The budget that each strategy needs for the risk at one value of the axis, and the expected one, by
    seed.
    """
    model = {**model, axis: value}
    instances = make_instances(family, seeds, **model)
    sources, found = model["sources"], {}
    for name in context.progress(strategies, label=f"{axis} {value}"):
        strategy = KNOWN[name]
        nu, power = _known_relevance(strategy, instances), strategy.q if strategy else 1.0
        plain = variance_factor(
            instances.heads, instances.target, allocate(nu, power, 10**9, int(floor * 1e9 / sources))
        )
        expected = noise**2 * (model["d"] - model["k"]) * plain / risk
        risks, budgets = [], np.maximum(np.outer(AROUND, expected), 2 * sources).astype(int)
        for number, row in enumerate(budgets):
            counts = np.concatenate(
                [
                    allocate(nu[i : i + 1], power, int(n), max(int(floor * n / sources), 1))
                    for i, n in enumerate(row)
                ]
            )
            sampler = ModelSampler(instances, noise, np.random.default_rng([context.seed, number]))
            done = learn_once(sampler, sampler.target(PLENTY), counts, nu, model["k"])
            risks.append(excess_risk(done.predictor, instances.target_parameter))
        found[name] = {
            "needed": needed_budget(budgets, np.array(risks), risk).tolist(),
            "expected": expected.tolist(),
        }
    return {"value": value, "budgets": found}


def needed_budget(budgets: np.ndarray, risks: np.ndarray, wanted: float) -> np.ndarray:
    """The budget (seeds,) at which the line through each seed's log risk (budgets, seeds) meets the wanted
    risk.

    A line, and not the first budget below the wanted risk: of several noisy risks the first low one is a
    lucky one.

    >>> needed_budget(np.array([[10], [100]]), np.array([[1.0], [0.1]]), 0.1 ** 0.5).round(6).tolist()
    [31.622777]
    >>> needed_budget(np.array([[10], [100]]), np.array([[1.0], [0.1]]), 0.01).round(6).tolist()
    [1000.0]
    """
    x, y = np.log(budgets), np.log(risks)
    across, up = x - x.mean(axis=0), y - y.mean(axis=0)
    slope = (across * up).sum(axis=0) / (across**2).sum(axis=0)
    # a seed whose risk does not fall (few budgets, much noise) is given the leading term's slope
    slope = np.where(slope < -0.2, slope, -1.0)
    return np.exp(x.mean(axis=0) + (np.log(wanted) - y.mean(axis=0)) / slope)


def fit_slopes(
    context: Any, *, experiment: str, axis: str, roles: Sequence[str], seeds: list[int]
) -> dict[str, Any]:
    """Cells of needed and expected budgets along the axis, their ratio to L1's, and both slopes with seeds as
    samples.
    """
    points = [context.value(role) for role in roles]
    axis_log = np.log([point["value"] for point in points])
    cells = []
    for name in points[0]["budgets"]:
        tables = {
            kind: np.array([point["budgets"][name][key] for point in points])
            for kind, key in (("measured", "needed"), ("expected", "expected"))
        }
        for kind, table in tables.items():
            said = {"experiment": experiment, "strategy": name, "kind": kind}
            centred = axis_log - axis_log.mean()
            slopes = centred @ (np.log(table) - np.log(table).mean(axis=0)) / (centred**2).sum()
            cells.append(cell_of("slope", said, slopes, seeds))
            best = np.array(
                [point["budgets"]["L1"]["needed" if kind == "measured" else "expected"] for point in points]
            )
            for point, row, least in zip(points, table, best, strict=True):
                here = {**said, axis: str(point["value"])}
                cells.append(cell_of("needed samples", here, row, seeds))
                if name != "L1":
                    cells.append(cell_of("needed samples over L1", here, row / least, seeds))
    return {"cells": cells}
