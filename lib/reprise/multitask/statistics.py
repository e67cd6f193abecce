"""What least squares needs of a task's samples: Gram matrix, moment and count, for stacks of tasks at once.

A stack has any leading axes (targets, seeds) and then tasks. Statistics of separate samples add up, so
topping up a task is a sum. For the synthetic model they are drawn without drawing the samples: if X (n, d) is
standard normal, then X = QR with R upper trapezoidal, R's diagonal chi with n, n - 1, ... degrees of freedom
and the rest standard normal (Bartlett 1933), also for n < d; and Q' noise is standard normal. The cost does
not depend on n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError


@dataclass(frozen=True)
class TaskStatistics:
    """`gram` (..., tasks, d, d) = X'X, `moment` (..., tasks, d) = X'y, `count` (..., tasks) = samples."""

    gram: np.ndarray
    moment: np.ndarray
    count: np.ndarray

    def __post_init__(self) -> None:
        d = self.moment.shape[-1]
        if self.gram.shape != (*self.moment.shape, d) or self.count.shape != self.moment.shape[:-1]:
            raise InputError(
                "gram (..., tasks, d, d), moment (..., tasks, d) and count (..., tasks) do not fit",
                given=(self.gram.shape, self.moment.shape, self.count.shape),
            )

    def __add__(self, other: TaskStatistics) -> TaskStatistics:
        """Statistics of both samples together."""
        return TaskStatistics(self.gram + other.gram, self.moment + other.moment, self.count + other.count)

    def __getitem__(self, index: object) -> TaskStatistics:
        """The part of the leading axes that `index` picks out."""
        return TaskStatistics(self.gram[index], self.moment[index], self.count[index])

    @property
    def dim(self) -> int:
        """The number of inputs d."""
        return self.moment.shape[-1]


def statistics_of(inputs: np.ndarray, labels: np.ndarray) -> TaskStatistics:
    """Statistics of samples (..., tasks, n, d) with labels (..., tasks, n).

    Raises `InputError` for shapes that do not fit and for values that are not finite.

    >>> statistics_of(np.array([[[1.0], [2.0]]]), np.array([[1.0, 1.0]])).moment.tolist()
    [[3.0]]
    """
    if inputs.shape[:-1] != labels.shape:
        raise InputError("samples and labels do not fit", given=(inputs.shape, labels.shape))
    if not (np.isfinite(inputs).all() and np.isfinite(labels).all()):
        raise InputError(
            "samples and labels must be finite numbers",
            given=f"{(~np.isfinite(inputs)).sum()} inputs and {(~np.isfinite(labels)).sum()} labels are not",
        )
    turned = np.swapaxes(inputs, -1, -2)
    count = np.full(labels.shape[:-1], labels.shape[-1])
    return TaskStatistics(turned @ inputs, (turned @ labels[..., None])[..., 0], count)


def draw_statistics(
    parameters: np.ndarray, counts: np.ndarray, noise: float, generator: np.random.Generator
) -> TaskStatistics:
    """Statistics of counts (..., tasks) samples y = x'theta + noise with standard normal x.

    `parameters` (..., tasks, d) are the thetas. Raises `InputError` for shapes that do not fit or a negative
    count.

    >>> theta = np.array([[1.0, -1.0]])
    >>> drawn = draw_statistics(theta, np.array([3]), 0.0, np.random.default_rng(1))
    >>> bool(np.allclose(drawn.moment, (drawn.gram @ theta[..., None])[..., 0]))
    True
    """
    counts = np.asarray(counts)
    if parameters.shape[:-1] != counts.shape or (counts < 0).any():
        raise InputError(
            "a count of at least 0 is needed for each task", given=(parameters.shape, counts.shape)
        )
    d = parameters.shape[-1]
    rows = np.arange(d)
    freedom = np.maximum(counts[..., None] - rows, 0)
    upper = np.triu(generator.standard_normal((*counts.shape, d, d)), 1)
    diagonal = np.sqrt(2 * generator.standard_gamma(freedom / 2))
    upper[..., rows, rows] = diagonal
    there = rows < counts[..., None]  # a sample of n < d has only n rows
    upper *= there[..., None]
    errors = noise * generator.standard_normal((*counts.shape, d)) * there
    gram = np.swapaxes(upper, -1, -2) @ upper
    moment = (gram @ parameters[..., None])[..., 0] + (np.swapaxes(upper, -1, -2) @ errors[..., None])[..., 0]
    return TaskStatistics(gram, moment, counts)
