"""How many times faster several threads run a sparse network, and what the machine gives several threads.

Beside the network two programs of nothing else are timed: multiply-adds in registers, which several cores do
several times as fast, and planes that are passed on from thread to thread, which takes about as long as one
thread alone takes without passing where the cores share a cache. On a machine that is shared the system moves
threads about: to cores far from each other, or to one. What the two programs say, and nothing of the network,
decides whether a spell of measurements is set aside and another begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import sleep
from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.kernels.passing import passing_program
from reprise.sparsity.kernels.peak import peak_program
from reprise.sparsity.kernels.pool import ThreadPool
from reprise.sparsity.models import IMAGE
from reprise.sparsity.network import compile_sparse
from reprise.studies.sparse_units.networks import drawn_network, prepared
from reprise.studies.sparse_units.timing import cell, interleave_rows, ratios, share

ADDS, PASSING = "multiply-adds", "passing planes on"

_ROW = 10
"""Images in a row whose times are taken."""
_MOST, _PAUSE = 4, 1.0
"""At most so many times the spells that are wanted; seconds between, in which threads may be moved."""
_ADDS_AT_LEAST, _PASSING_AT_MOST = 0.9, 1.5
"""A spell counts if multiply-adds are sped up by 0.9 of the threads, and passing on takes at most half again
as long as it takes one thread (measured where cores share a cache: 0.98 and 1.1; elsewhere: 2.5)."""


def time_threads(
    context: Context,
    network: str,
    sparsity: float,
    threads: int,
    repeats: int,
    seconds: float,
    spells: int,
    side: int = 0,
) -> dict[str, Any]:
    """Milliseconds of a pruned network on one thread and on several, in turn, and of the two programs.

    A repetition is the median of ten images in a row, after one that is not timed: while one thread runs the
    other core sleeps, and the first image after that says how the system wakes it. Repetitions of so many
    `spells` are kept; were none quiet, those of the last.
    """
    side = side or IMAGE.get(network, 224)
    image = np.random.default_rng(context.seed).normal(size=(1, 3, side, side)).astype(np.float32)
    model, host = drawn_network(network, 1.0, sparsity, "1x1", context.seed), find_host()
    calls: dict[tuple[str, int], Callable[[], Any]] = {}
    for n in sorted({1, threads}):
        calls["sparse", n] = prepared(compile_sparse(model, threads=n), image)
        calls[ADDS, n] = partial(ThreadPool(n).run, peak_program(host, n))
        calls[PASSING, n] = partial(ThreadPool(n).run, passing_program(host, n))
    quiet: list[dict[tuple[str, int], list[float]]] = []
    aside = 0
    while len(quiet) < spells and aside + len(quiet) < _MOST * spells:
        times = interleave_rows(calls, repeats, seconds, _ROW)
        if is_quiet(times, threads):
            quiet.append(times)
        else:
            aside += 1
        sleep(_PAUSE)
    times = {key: [t for spell in quiet or [times] for t in spell[key]] for key in calls}
    cells = []
    for (kind, n), found in times.items():
        factors = {"part": "threads", "implementation": kind, "threads": str(n)}
        if kind == "sparse":
            factors |= {"sparsity": share(sparsity), "block": "1x1"}
        cells.append(cell(network, "milliseconds", factors, found))
        cells.append(cell(network, "times faster", factors, ratios(times[kind, 1], found)))
    return {"cells": [*cells, cell(network, "spells set aside", {"part": "threads"}, [aside])]}


def is_quiet(times: Mapping[tuple[str, int], list[float]], threads: int) -> bool:
    """Whether the machine gave the threads cores of their own that share a cache.

    >>> near = {(ADDS, 1): [1.0], (ADDS, 2): [0.51], (PASSING, 1): [1.0], (PASSING, 2): [1.1]}
    >>> is_quiet(near, 2), is_quiet({**near, (PASSING, 2): [2.5]}, 2), is_quiet({**near, (ADDS, 2): [1.0]}, 2)
    (True, False, False)
    """
    adds = median(times[ADDS, 1]) / median(times[ADDS, threads])
    passing = median(times[PASSING, threads]) / median(times[PASSING, 1])
    return threads == 1 or (adds >= _ADDS_AT_LEAST * threads and passing <= _PASSING_AT_MOST)
