"""Active multi-task representation learning: explore all sources alike, estimate relevance, sample by it,
repeat.

As in arXiv 2202.00911 (L2-A-MTRL) and 2306.02556 (L1-A-MTRL): from the fit of one epoch the relevance of
every source to the target is estimated, the next epoch's larger budget is allocated by it, only the top-up is
drawn (what has been drawn is each source's floor), and all is fitted again. The papers' numbers of epochs,
floors, penalty and stopping rule could not be read: here the budget doubles each epoch, the first epoch is
uniform, and the number of epochs is given.

A rule (`Rule`) maps a fit to relevance; see `reprise.multitask.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from reprise.errors import ParameterError
from reprise.multitask.allocation import allocate
from reprise.multitask.representation import Representation, fit_heads, fit_representation
from reprise.multitask.statistics import TaskStatistics


class Sampler(Protocol):
    """Where samples come from: the statistics of samples number `have` to `want` of every source."""

    def draw(self, have: np.ndarray, want: np.ndarray) -> TaskStatistics: ...


@dataclass(frozen=True)
class Epoch:
    """The state after one epoch, for a stack of targets.

    `nu` (targets, T) is the relevance that the epoch's samples were allocated by, `counts` (targets, T) the
    samples so far, `fitted` the sources' representation, `head` (targets, k) the target's head on it,
    `target` the statistics of the target's own samples, (targets, 1) tasks.
    """

    nu: np.ndarray
    counts: np.ndarray
    statistics: TaskStatistics
    fitted: Representation
    head: np.ndarray
    target: TaskStatistics

    @property
    def predictor(self) -> np.ndarray:
        """The target's predictor: (targets, d)."""
        return (self.fitted.basis @ self.head[..., None])[..., 0]


Rule = Callable[[Epoch], np.ndarray]
"""Relevance (targets, T) from what has been learned so far."""


def budgets_of(total: int, epochs: int) -> list[int]:
    """The budget at the end of each epoch; it doubles, and the last is the total.

    >>> budgets_of(1000, 3)
    [250, 500, 1000]
    """
    if epochs < 1 or total < 1:
        raise ParameterError("at least one epoch and one sample", given={"epochs": epochs, "total": total})
    return [total // 2 ** (epochs - 1 - i) for i in range(epochs)]


def explore(
    sampler: Sampler, target: TaskStatistics, sources: int, budget: int, k: int, **fit: float
) -> Epoch:
    """The first epoch: the budget spread alike over all sources, for a stack of targets.

    `fit` are options of `fit_representation`. Raises `ParameterError` for a budget below one sample a source.
    """
    if budget < sources:
        raise ParameterError(
            "the budget of the first epoch is smaller than one sample a source",
            given={"budget": budget, "sources": sources},
            remedy=f"a budget of at least {sources} in the first epoch, or fewer epochs",
        )
    nu = np.zeros((len(target.count), sources))
    counts = allocate(nu, 1.0, budget)
    return _learn(sampler.draw(np.zeros_like(counts), counts), target, nu, counts, k, None, fit)


def advance(sampler: Sampler, epoch: Epoch, rule: Rule, power: float, budget: int, **fit: float) -> Epoch:
    """One more epoch: allocate `budget` in all by the rule's relevance, draw the top-up, fit again."""
    nu = rule(epoch)
    counts = allocate(nu, power, budget, epoch.counts)
    statistics = epoch.statistics + sampler.draw(epoch.counts, counts)
    return _learn(statistics, epoch.target, nu, counts, epoch.head.shape[-1], epoch.fitted.basis, fit)


def share_fit(one: Epoch, target: TaskStatistics, nu: np.ndarray | None = None) -> Epoch:
    """The state of several targets that have one fit (a stack of one) in common: each gets its own head.

    `nu` (targets, T) is kept as the relevance; without it the one target's is.
    """
    n = len(target.count)

    def spread(a: np.ndarray) -> np.ndarray:
        return np.broadcast_to(a, (n, *a.shape[1:]))

    s, f = one.statistics, one.fitted
    fitted = Representation(spread(f.basis), spread(f.heads), spread(f.penalty))
    statistics = TaskStatistics(spread(s.gram), spread(s.moment), spread(s.count))
    head = fit_heads(target, fitted)[..., 0]
    return Epoch(spread(one.nu) if nu is None else nu, spread(one.counts), statistics, fitted, head, target)


def run_epochs(
    sampler: Sampler,
    first: Epoch,
    rule: Rule,
    power: float,
    budgets: Sequence[int],
    *,
    together: bool = False,
    **fit: float,
) -> list[Epoch]:
    """All epochs, from the given first one through `budgets`, the budgets of those after it.

    `together` says that all targets share one fit in the first epoch and that the rule treats them alike
    (uniform, one set of sources for all), so that one fit is made and shared.
    """
    epochs = [first]
    for budget in budgets:
        last = epochs[-1]
        if together:
            nu = rule(last)
            alone = replace(
                last,
                nu=last.nu[:1],
                counts=last.counts[:1],
                statistics=last.statistics[:1],
                fitted=last.fitted[:1],
                head=last.head[:1],
                target=last.target[:1],
            )
            one = advance(sampler, alone, lambda _, nu=nu: nu[:1], power, budget, **fit)
            epochs.append(share_fit(one, last.target, nu))
        else:
            epochs.append(advance(sampler, last, rule, power, budget, **fit))
        epochs[-2] = replace(last, statistics=last.statistics[:0])  # a stack of Grams is large
    return epochs


def learn_once(
    sampler: Sampler, target: TaskStatistics, counts: np.ndarray, nu: np.ndarray, k: int, **fit: float
) -> Epoch:
    """Draw given counts (targets, T) at once and fit: what is done when relevance is known."""
    return _learn(sampler.draw(np.zeros_like(counts), counts), target, nu, counts, k, None, fit)


def _learn(
    statistics: TaskStatistics,
    target: TaskStatistics,
    nu: np.ndarray,
    counts: np.ndarray,
    k: int,
    start: np.ndarray | None,
    fit: dict[str, float],
) -> Epoch:
    fitted = fit_representation(statistics, k, start=start, **fit)
    head = fit_heads(target, fitted)[..., 0]
    return Epoch(nu, counts, statistics, fitted, head, target)
