"""Multi-task fits in one stack against one fit a task in a loop: heads, Lasso, the shared representation."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

TASKS, SAMPLES, K, DIM, TARGETS = 160, 100, 10, 65, 10
SWEEPS = 3


def benchmark(
    tasks: int = TASKS,
    samples: int = SAMPLES,
    k: int = K,
    dim: int = DIM,
    targets: int = TARGETS,
    repeats: int = 5,
) -> list[dict[str, Any]]:
    """Three rows, each after a check that both ways give the same answer."""
    generator = np.random.default_rng(0)
    return [
        _heads(generator, tasks, samples, k, repeats),
        _lasso(generator, tasks, k, repeats),
        _representation(generator, tasks, samples, k, dim, targets, max(repeats // 2, 1)),
    ]


def _heads(generator: np.random.Generator, tasks: int, samples: int, k: int, repeats: int) -> dict[str, Any]:
    """Heads of all tasks on a given representation, from samples."""
    from sklearn.linear_model import Ridge

    from reprise.multitask.representation import Representation, fit_heads
    from reprise.multitask.statistics import statistics_of

    x, y = generator.normal(size=(tasks, samples, k)), generator.normal(size=(tasks, samples))
    given = Representation(np.eye(k), np.zeros((k, 1)), np.array(1.0))

    def ours() -> np.ndarray:
        return fit_heads(statistics_of(x, y), given).T

    def peer() -> np.ndarray:
        return np.stack(
            [Ridge(alpha=1.0, fit_intercept=False).fit(a, b).coef_ for a, b in zip(x, y, strict=True)]
        )

    _same(ours(), peer(), 1e-6)
    note = f"{tasks} tasks, {samples} samples, {k} features; against scikit-learn's Ridge a task"
    return compare_times("heads of all tasks", ours, peer, note, repeats)


def _lasso(generator: np.random.Generator, targets: int, k: int, repeats: int) -> dict[str, Any]:
    """Relevance of the sources to every target, each target with heads of its own."""
    from sklearn.linear_model import Lasso

    from reprise.multitask.lasso import largest_penalty, lasso

    heads, aims = generator.normal(size=(targets, k, 150)), generator.normal(size=(targets, k))
    penalties = 0.1 * largest_penalty(heads, aims) / k

    def ours() -> np.ndarray:
        return lasso(heads, aims, 0.1)

    def peer() -> np.ndarray:
        return np.stack(
            [
                Lasso(alpha=a, fit_intercept=False, tol=1e-6, max_iter=100_000).fit(w, t).coef_
                for w, t, a in zip(heads, aims, penalties, strict=True)
            ]
        )

    _same(ours(), peer(), 1e-2)
    note = f"{targets} targets, {k} x 150 heads each; against scikit-learn's Lasso a target"
    return compare_times("Lasso of all targets", ours, peer, note, repeats)


def _representation(
    generator: np.random.Generator, tasks: int, samples: int, k: int, dim: int, targets: int, repeats: int
) -> dict[str, Any]:
    """The shared map of several targets, against the same alternation task by task and target by target."""
    from reprise.multitask.representation import first_basis, fit_representation
    from reprise.multitask.statistics import draw_statistics

    theta = (
        generator.normal(size=(targets, tasks, k)) @ generator.normal(size=(targets, k, dim)) / np.sqrt(dim)
    )
    statistics = draw_statistics(theta, np.full((targets, tasks), samples), 1.0, generator)

    def ours() -> np.ndarray:
        return fit_representation(statistics, k, ridge=0, sweeps=SWEEPS, tolerance=0).parameters

    def peer() -> np.ndarray:
        found = []
        for target in range(targets):
            gram, moment = statistics.gram[target], statistics.moment[target]
            basis = first_basis(statistics[target], k)
            for _ in range(SWEEPS):
                system, goal = np.zeros((dim * k, dim * k)), np.zeros((dim, k))
                for g, m in zip(gram, moment, strict=True):
                    head = np.linalg.solve(basis.T @ g @ basis, basis.T @ m)
                    system += np.kron(g, np.outer(head, head))
                    goal += np.outer(m, head)
                basis, _ = np.linalg.qr(np.linalg.solve(system, goal.ravel()).reshape(dim, k))
            heads = [
                np.linalg.solve(basis.T @ g @ basis, basis.T @ m) for g, m in zip(gram, moment, strict=True)
            ]
            found.append(np.stack(heads) @ basis.T)
        return np.stack(found)

    _same(ours(), peer(), 0.05)
    note = f"{targets} targets, {tasks} tasks, {dim} inputs, k {k}, {SWEEPS} sweeps; against loops over tasks"
    return compare_times("shared representation", ours, peer, note, repeats)


def _same(ours: np.ndarray, peer: np.ndarray, tolerance: float) -> None:
    if np.linalg.norm(ours - peer) > tolerance * np.linalg.norm(peer):
        raise AssertionError("ours and the peer's answers differ: the times compare nothing")
