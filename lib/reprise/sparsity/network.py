"""The executor: a network's operations planned for an input shape (see `plan`), run as one native program.

`compile_sparse(model)` is all that a user needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.sparsity.kernels.host import Host, find_host
from reprise.sparsity.kernels.pool import ThreadPool
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.lowering import Operation, lower
from reprise.sparsity.plan import Plan, Settings


class SparseNetwork:
    """A network ready to run; made by `compile_sparse`. Programs are made at the first use of a shape."""

    def __init__(self, operations: Sequence[Operation], host: Host, settings: Settings) -> None:
        self.operations, self.host, self.settings = list(operations), host, settings
        self._pool, self._lock = ThreadPool(settings.threads), Lock()
        self._plans: dict[tuple[tuple[int, ...], bool], Plan] = {}

    def __call__(self, images: Any) -> Any:
        """Logits (n, classes) of images (n, channels, height, width) in float32: NumPy or torch in, same out.

        Images whose memory is channels last are read as they are. Raises `InputError` for another shape or
        type.
        """
        tensor = not isinstance(images, np.ndarray)
        array = images.detach().cpu().numpy() if tensor else images
        self._check(array)
        # image by image: what a layer wrote is then still in the cache when the next one reads it
        results = [self._one(array[i : i + 1]) for i in range(len(array))]
        result = results[0] if len(results) == 1 else np.concatenate(results)
        if not tensor:
            return result
        import torch

        return torch.from_numpy(result)

    def _one(self, image: np.ndarray) -> np.ndarray:
        with self._lock:  # a plan reads and writes in one place
            plan = self._plan(image)
            self._pool.run(plan.program)
            return plan.result()

    def prepare(self, images: np.ndarray) -> Program:
        """The program for these images, which it reads when it runs; for timing it alone."""
        self._check(images)
        return self._plan(images).program

    def run_prepared(self, program: Program) -> None:
        """Run a prepared program with this network's threads."""
        self._pool.run(program)

    def _plan(self, array: np.ndarray) -> Plan:
        """The plan for images of this shape, set to read these."""
        last = array.transpose(0, 2, 3, 1)
        channels_last = last.flags.c_contiguous and not array.flags.c_contiguous
        data = last if channels_last else np.ascontiguousarray(array)
        key = (array.shape, channels_last)
        if key not in self._plans:
            self._plans[key] = Plan(self.operations, *key, self.host, self.settings)
        self._plans[key].read(data)
        return self._plans[key]

    def _check(self, array: np.ndarray) -> None:
        channels = self.operations[0].weights.shape[1]
        if array.dtype != np.float32 or array.ndim != 4 or array.shape[1] != channels or 0 in array.shape:
            raise InputError(
                f"images are float32 (n, {channels}, height, width)", given=(str(array.dtype), array.shape)
            )


def compile_sparse(
    model: Any,
    *,
    threads: int = 1,
    block: int | None = None,
    panels: bool = True,
    level: str | None = None,
) -> SparseNetwork:
    """A torch network (MobileNet v1, v2, EfficientNet or alike) that runs its zeros for nothing.

    The weights are copied: prune first (see `pruning.sparsify`). `block` says in which block of output
    channels 1x1 layers run, None that each layer's pattern decides; without `panels` they read all input
    channels at once, as in the paper. `level` asks for narrower vectors than the machine's. Raises
    `InputError`, naming it, for a layer that is not known.
    """
    if threads < 1:
        raise ParameterError("a network runs on at least one thread", given=threads)
    return SparseNetwork(lower(model), find_host(level), Settings(threads, block, panels))
