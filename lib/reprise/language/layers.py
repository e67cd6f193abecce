"""States of chosen layers, and no more of the model than it takes to get them.

Layer 0 is the embeddings, layer k the output of block k; the last one is after the final norm, as
transformers counts. Nothing above the highest chosen layer is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from reprise.errors import ParameterError
from reprise.language.forward import pad_right, read
from reprise.language.model import LanguageModel
from reprise.language.tokens import check_ids

if TYPE_CHECKING:
    import torch


@contextmanager
def tapped(lm: LanguageModel, layers: Sequence[int]) -> Iterator[dict[int, torch.Tensor]]:
    """Inside the block, a forward pass leaves the states of these layers here, and stops after the highest.

    A pass that is stopped raises `Tapped`, which says nothing is wrong.
    """
    from torch.nn import ModuleList

    body = lm.model.base_model
    blocks = next(m for m in body.modules() if isinstance(m, ModuleList))
    kept: dict[int, torch.Tensor] = {}
    last = max(layers)

    def keep(layer: int) -> Any:
        def hook(_module: Any, _given: Any, out: Any) -> None:
            kept[layer] = out[0] if isinstance(out, tuple) else out
            if layer == last:
                raise Tapped

        return hook

    where = {0: body.get_input_embeddings(), lm.layers: body.norm}
    hooks = [
        (where[layer] if layer in where else blocks[layer - 1]).register_forward_hook(keep(layer))
        for layer in layers
    ]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


class Tapped(Exception):
    """The highest layer that was asked for has been reached."""


def check_layers(lm: LanguageModel, layers: Sequence[int]) -> None:
    """Raise `ParameterError` for no layers and for one that the model does not have."""
    if not len(layers) or min(layers) < 0 or max(layers) > lm.layers:
        raise ParameterError(f"the model's layers are 0 to {lm.layers}", given=list(layers))


def hidden_states(
    lm: LanguageModel, rows: Sequence[Sequence[int]], layers: Sequence[int]
) -> dict[int, torch.Tensor]:
    """States of these layers, each (rows, tokens, dim), of rows padded behind, in one pass without gradients.

    Raises as `check_layers` does, and as `check_ids` for a row.
    """
    import torch

    check_layers(lm, layers)
    for number, row in enumerate(rows):
        check_ids(lm, row, f"row {number}")
    with torch.inference_mode(), tapped(lm, layers) as kept, suppress(Tapped):
        read(lm, pad_right(lm, rows))
    return kept
