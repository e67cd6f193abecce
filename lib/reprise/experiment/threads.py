"""Numeric libraries held to a number of threads while a unit runs.

The thread count changes the order of floating-point sums, so it is part of a unit's key and must hold.
Libraries that are loaded already are told directly; those that the unit loads itself read the
environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@contextmanager
def limit_threads(n: int) -> Iterator[None]:
    """Run the body with `n` threads in BLAS, OpenMP and torch; what was set before is set again after."""
    from threadpoolctl import threadpool_limits

    before = {name: os.environ.get(name) for name in _VARIABLES}
    torch = sys.modules.get("torch")
    torch_before = torch.get_num_threads() if torch else None
    os.environ.update(dict.fromkeys(_VARIABLES, str(n)))
    try:
        with threadpool_limits(n):
            if torch:
                torch.set_num_threads(n)
            yield
    finally:
        if torch:
            torch.set_num_threads(torch_before)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
