"""Attention that can be replaced: a function of ours in the place of every layer's, or of some layers and
heads.

transformers asks a registry for the attention of a model by name. Models opened here ask for
`IMPLEMENTATION`, which is PyTorch's scaled dot product unless `replace_attention` has put another function
there. Decoding, one query a row, hands the query heads that share a key head over as rows of one matrix, so
that no keys are copied for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reprise.errors import InputError, ParameterError

if TYPE_CHECKING:
    import torch

    from reprise.language.model import LanguageModel

IMPLEMENTATION = "reprise"


@dataclass(frozen=True)
class Call:
    """What one layer asks of its attention.

    `query` is (batch, heads, queries, dim), `key` and `value` (batch, key heads, keys, dim) after rotation
    and with what the cache held before; query head h reads key head h // (heads / key heads). The queries are
    the last of the keys. `mask` is None where each query sees all keys up to its own, else True (batch or 1,
    1, queries, keys) where it sees; every query sees something. Scores are `scale` times the product. `heads`
    are the numbers of the query heads in the layer.
    """

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    mask: torch.Tensor | None
    scale: float
    layer: int
    heads: tuple[int, ...]

    @property
    def prefill(self) -> bool:
        """Whether it is the first call of a text: as many queries as keys."""
        return self.query.shape[2] == self.key.shape[2]


Attention = Callable[[Call], "torch.Tensor"]
"""Gives the attended values, (batch, heads, queries, dim)."""


def full_attention(call: Call) -> torch.Tensor:
    """PyTorch's own, as the model has it without any replacement."""
    from torch.nn.functional import scaled_dot_product_attention

    q, k, v = call.query, call.key, call.value
    batch, heads, queries, dim = q.shape
    if queries == 1:
        grouped = q.view(batch, k.shape[1], heads // k.shape[1], dim)
        out = scaled_dot_product_attention(grouped, k, v, attn_mask=call.mask, scale=call.scale)
        return out.view(batch, heads, 1, dim)
    if call.mask is None and not call.prefill:
        raise InputError("several queries after a cache need a mask", given=(queries, k.shape[2]))
    return scaled_dot_product_attention(
        q,
        k,
        v,
        attn_mask=call.mask,
        is_causal=call.mask is None,
        scale=call.scale,
        enable_gqa=heads != k.shape[1],
    )


@contextmanager
def replace_attention(
    lm: LanguageModel,
    function: Attention,
    *,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
) -> Iterator[None]:
    """Inside the block, `function` is the attention of these layers' heads (from 0); of all when None.

    With `heads` the others keep full attention. Blocks nest: the inner one has the last word on its layers.
    Raises `ParameterError` for a layer or head that the model does not have.
    """
    config = lm.model.config
    chosen = _numbers("layer", layers, config.num_hidden_layers)
    parts = None if heads is None else _numbers("head", heads, config.num_attention_heads)
    modules = [
        m
        for m in lm.model.modules()
        if getattr(m, "layer_idx", None) in chosen and hasattr(m, "num_key_value_groups")
    ]
    before = [getattr(module, _SLOT, None) for module in modules]
    for module in modules:
        setattr(module, _SLOT, (function, parts))
    try:
        yield
    finally:
        for module, earlier in zip(modules, before, strict=True):
            setattr(module, _SLOT, earlier)


def register() -> None:
    """Tell transformers about the implementation; a second time changes nothing."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    AttentionInterface.register(IMPLEMENTATION, _attend)
    AttentionMaskInterface.register(IMPLEMENTATION, sdpa_mask)


_SLOT = "reprise_attention"


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """In transformers' form: gives (batch, queries, heads, dim)."""
    if attention_mask is not None:
        attention_mask = attention_mask[:, :, :, : key.shape[2]]
    heads = tuple(range(query.shape[1]))
    call = Call(query, key, value, attention_mask, scaling, module.layer_idx, heads)
    function, chosen = getattr(module, _SLOT, None) or (full_attention, None)
    out = _checked(function, call) if chosen is None else _of_heads(function, call, chosen)
    return out.transpose(1, 2).contiguous(), None


def _of_heads(function: Attention, call: Call, chosen: Sequence[int]) -> torch.Tensor:
    """Full attention with the chosen heads' output put in its place; each comes with its own keys."""
    group = call.query.shape[1] // call.key.shape[1]
    of = [head // group for head in chosen]
    part = replace(
        call,
        query=call.query[:, list(chosen)],
        key=call.key[:, of],
        value=call.value[:, of],
        heads=tuple(chosen),
    )
    out = full_attention(call).clone()
    out[:, list(chosen)] = _checked(function, part)
    return out


def _checked(function: Attention, call: Call) -> torch.Tensor:
    out = function(call)
    if out.shape != call.query.shape:
        raise InputError(
            "an attention function must give a vector for every query",
            given=tuple(out.shape),
            remedy=f"give {tuple(call.query.shape)}",
        )
    return out


def _numbers(what: str, wanted: Sequence[int] | None, count: int) -> list[int]:
    numbers = list(range(count)) if wanted is None else [*wanted]
    if not numbers or not set(numbers) <= set(range(count)) or len(set(numbers)) < len(numbers):
        raise ParameterError(f"the model's {what}s are 0 to {count - 1}, each named once", given=wanted)
    return numbers
