"""Samples of image tasks: fixed balanced streams, of which an allocation takes the first n.

A source is a one-against-rest task on one group of inputs (a corruption). Its stream alternates positives and
negatives, each class in random order and anew when it is used up, so that labels are balanced and a source
gives its own samples before any comes twice. The stream is fixed by the generator: two allocations that give
a source n samples give the same ones, which pairs all strategies, and the same seed gives the same draws for
ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError
from reprise.multitask.statistics import TaskStatistics


@dataclass(frozen=True)
class TaskStreams:
    """Streams of tasks: `inputs` (groups, n, d), `labels` (tasks, n) of -1 and 1, `group` (tasks,), the group
    of each.

    `pool` (tasks, n) says which of a group's samples a task may draw; all when it is None. Statistics have
    the inputs' precision: single precision halves what a fit of many tasks reads again and again.
    """

    inputs: np.ndarray
    labels: np.ndarray
    group: np.ndarray
    streams: tuple[np.ndarray, ...]

    @classmethod
    def make(
        cls,
        inputs: np.ndarray,
        labels: np.ndarray,
        group: Sequence[int],
        length: int,
        generator: np.random.Generator,
        pool: np.ndarray | None = None,
    ) -> TaskStreams:
        """Streams of `length` samples; `InputError` for tasks of one class only and inputs that are not
        finite.
        """
        if not np.isfinite(inputs).all():
            raise InputError(
                "images must be finite numbers", given=f"{int((~np.isfinite(inputs)).sum())} are not"
            )
        if len(labels) != len(group) or labels.shape[1] != inputs.shape[1]:
            raise InputError(
                "labels (tasks, n) do not fit inputs (groups, n, d)", given=(labels.shape, inputs.shape)
            )
        allowed = np.ones(labels.shape, bool) if pool is None else pool
        one = [t for t in range(len(labels)) if len(np.unique(labels[t][allowed[t]])) < 2]
        if one:
            raise InputError(
                "a task needs samples of both classes",
                given=f"tasks {one[:5]} of {len(labels)}",
                remedy="give these tasks more samples, or leave them out",
            )
        streams = tuple(
            _balanced(np.flatnonzero(allowed[t] & (labels[t] > 0)),
                      np.flatnonzero(allowed[t] & (labels[t] <= 0)), length, generator)
            for t in range(len(labels))
        )  # fmt: skip
        return cls(inputs, labels, np.asarray(group), streams)

    def rows(self, task: int, have: int, want: int) -> np.ndarray:
        """Places in the group's inputs of samples number `have` to `want` of a task.

        Raises `InputError` when the stream is shorter.
        """
        if want > len(self.streams[task]):
            raise InputError(
                "an allocation asks for more samples than were drawn",
                given={"task": task, "wanted": int(want), "drawn": len(self.streams[task])},
            )
        return self.streams[task][have:want]

    def statistics(self, task: int, have: int, want: int) -> tuple[np.ndarray, np.ndarray]:
        """Gram (d, d) and moment (d,) of those samples."""
        rows = self.rows(task, have, want)
        inputs, labels = self.inputs[self.group[task]], self.labels[task].astype(self.inputs.dtype)
        if len(rows) > inputs.shape[0]:  # repeated samples are cheaper counted
            times = np.bincount(rows, minlength=len(inputs)).astype(inputs.dtype)
            weighted = inputs * times[:, None]
            return inputs.T @ weighted, weighted.T @ labels
        x = inputs[rows]
        return x.T @ x, x.T @ labels[rows]


class SourceSampler:
    """Draws for a stack of targets that share their sources; `tasks` are the sources' numbers."""

    def __init__(self, streams: TaskStreams, tasks: Sequence[int]) -> None:
        self.streams, self.tasks = streams, list(tasks)

    def draw(self, have: np.ndarray, want: np.ndarray) -> TaskStatistics:
        """Statistics (targets, sources) of samples number `have` to `want` (targets, sources)."""
        d, precision = self.streams.inputs.shape[-1], self.streams.inputs.dtype
        gram = np.zeros((*want.shape, d, d), precision)
        moment = np.zeros((*want.shape, d), precision)
        known: dict[tuple[int, int, int], tuple[np.ndarray, np.ndarray]] = {}
        for target, source in zip(*np.nonzero(want > have), strict=True):
            # targets that ask for the same samples of a source share the work
            key = (self.tasks[source], int(have[target, source]), int(want[target, source]))
            if key not in known:
                known[key] = self.streams.statistics(*key)
            gram[target, source], moment[target, source] = known[key]
        return TaskStatistics(gram, moment, want - have)


def _balanced(
    positive: np.ndarray, negative: np.ndarray, length: int, generator: np.random.Generator
) -> np.ndarray:
    stream = np.empty(length + 1, np.int32)
    for first, members in enumerate((positive, negative)):
        wanted = stream[first::2]
        rounds = [generator.permutation(members) for _ in range(-(-len(wanted) // len(members)))]
        wanted[:] = np.concatenate(rounds)[: len(wanted)]
    return stream[:length]
