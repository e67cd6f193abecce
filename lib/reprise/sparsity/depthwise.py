"""A depthwise convolution planned: tasks over whole planes, or over bands in memory of each thread's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from reprise.sparsity.kernels.arguments import EVERYTHING, Bounds, make_arguments
from reprise.sparsity.kernels.depthwise import DepthwiseKernel, Part
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.kernels.program import Task
from reprise.sparsity.planes import Shape

_TASKS_A_THREAD = 4


def depthwise_tasks(
    weights: np.ndarray,
    bias: np.ndarray,
    buffers: tuple[np.ndarray, np.ndarray],
    planes: Shape,
    stride: int,
    host: Host,
    *,
    epilogue: str = "none",
    bounds: Bounds = EVERYTHING,
    images: int = 1,
    threads: int = 1,
) -> tuple[list[Task], list[object]]:
    """Tasks of a layer with weights (channels, size, size), and what must be kept alive for them."""
    channels, size, _ = weights.shape
    kind = DepthwiseKernel(planes, size, stride, epilogue)
    kernel, after = kind.compile(host), kind.output
    table = _table(weights, bias)
    parts = 1 if threads == 1 else min(channels, -(-threads * _TASKS_A_THREAD // images))
    made = []
    for first, end in pairwise([channels * i // parts for i in range(parts + 1)]):
        places = [b[first * p.stride // 4 :] for b, p in zip(buffers, (planes, after), strict=True)]
        made.append(make_arguments(*places, table[first:], bounds, end - first))
    tasks = [
        Task(kernel, arguments.ctypes.data, n * planes.size, n * after.size)
        for n in range(images)
        for arguments in made
    ]
    return tasks, [table, *buffers, *made]


def part_tasks(
    weights: np.ndarray,
    bias: np.ndarray,
    buffers: tuple[np.ndarray, np.ndarray],
    planes: Shape,
    parts: Sequence[Part],
    stride: int,
    host: Host,
    *,
    epilogue: str = "none",
    bounds: Bounds = EVERYTHING,
) -> tuple[list[Task], list[object]]:
    """A task for each part; buffer 0 holds, for each thread, planes with the input rows of one part."""
    table = _table(weights, bias)
    arguments = make_arguments(*buffers, table, bounds, len(weights), planes.size)
    tasks = []
    for part in parts:
        kind = DepthwiseKernel(planes, weights.shape[-1], stride, epilogue, part)
        places = 4 * kind.centre * planes.width, 4 * part.first * part.output.width
        # the rows by themselves decide the code, not where in the image they are
        tasks.append(Task(kind.compile(host), arguments.ctypes.data, *places))
    return tasks, [table, arguments, *buffers]


def _table(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Bias and weights of each channel, as the kernel reads them."""
    return np.concatenate([bias[:, None], weights.reshape(len(weights), -1)], axis=1).astype(np.float32)
