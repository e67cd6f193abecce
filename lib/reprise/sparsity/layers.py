"""What a network is made of: the shapes of its 1x1 layers, its multiply-adds and its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reprise.sparsity.lowering import Operation, lower


@dataclass(frozen=True)
class Cost:
    """Multiply-adds (by kind of layer) and parameters of a network; zeros are not counted."""

    macs: dict[str, int]
    parameters: int

    @property
    def total(self) -> int:
        """All multiply-adds."""
        return sum(self.macs.values())


def pointwise_layers(model: Any, side: int) -> list[tuple[int, int, int]]:
    """(inputs, outputs, side of the plane) of every 1x1 convolution of planes, for square images.

    >>> from reprise.sparsity.models import make_model
    >>> pointwise_layers(make_model("mobilenet-v1"), 224)[-1]
    (1024, 1024, 7)
    """
    return [
        (op.weights.shape[1], op.weights.shape[0], sides[op.output])
        for op, sides in _walk(lower(model), side)
        if op.kind == "pointwise"
    ]


def count_cost(model: Any, side: int) -> Cost:
    """Multiply-adds for one square image and parameters that are not zero, batch norms folded.

    >>> from reprise.sparsity.models import make_model
    >>> round(count_cost(make_model("mobilenet-v1"), 224).total / 1e6)
    569
    """
    macs: dict[str, int] = {}
    parameters = 0
    for op, sides in _walk(lower(model), side):
        if op.weights is None:
            continue
        kept = int(np.count_nonzero(op.weights))
        parameters += kept + len(op.bias)
        macs[op.kind] = macs.get(op.kind, 0) + kept * sides[op.output] ** 2
    return Cost(macs, parameters)


def _walk(operations: list[Operation], side: int) -> list[tuple[Operation, dict[int, int]]]:
    """Each operation with the side of every value's plane so far (1 for vectors)."""
    sides, found = {0: side}, []
    for op in operations:
        before = sides[op.inputs[0]]
        sides[op.output] = 1 if op.kind in ("pool", "linear") else -(-before // op.stride)
        found.append((op, sides))
    return found
