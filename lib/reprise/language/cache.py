"""Keys and values of what was read, with room for what comes: tokens are added in place and can be taken off
again.

transformers' growing cache copies everything it holds for every token; this one writes into memory set aside
before, and goes back to an earlier length at no cost, which is what scoring several options after one prefix
needs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from reprise.errors import InputError

if TYPE_CHECKING:
    from transformers.cache_utils import Cache

    from reprise.language.model import LanguageModel


def make_cache(lm: LanguageModel, room: int) -> Cache:
    """An empty cache for at most `room` tokens a row; pass it to `forward.read`."""
    if room < 1:
        raise InputError("a cache needs room for a token", given=room)
    from transformers.cache_utils import Cache

    return Cache(layers=[_layer_class()(room) for _ in range(lm.layers)])


def cut_cache(held: Cache, length: int) -> None:
    """Forget all but the first `length` tokens; `InputError` when it does not hold as many."""
    if not 0 <= length <= held.get_seq_length():
        raise InputError("a cache can only get shorter", given=length, remedy=f"0 to {held.get_seq_length()}")
    for layer in held.layers:
        layer.length = length


@cache
def _layer_class() -> type:
    """The class of one layer's cache: a function, so that transformers is imported only when it is used."""
    import torch
    from transformers.cache_utils import CacheLayerMixin

    class RoomyLayer(CacheLayerMixin):
        """Keys and values (batch, key heads, room, dim), of which the first `length` are in use."""

        is_sliding = False

        def __init__(self, room: int) -> None:
            super().__init__()
            self.room, self.length = room, 0

        def lazy_initialization(self, key_states: torch.Tensor) -> None:
            batch, heads, _, dim = key_states.shape
            self.keys = key_states.new_empty((batch, heads, self.room, dim))
            self.values = torch.empty_like(self.keys)
            self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True

        def update(
            self, key_states: torch.Tensor, value_states: torch.Tensor, cache_kwargs: Any = None
        ) -> tuple[torch.Tensor, torch.Tensor]:
            if not self.is_initialized:
                self.lazy_initialization(key_states)
            end = self.length + key_states.shape[2]
            if end > self.room:
                raise InputError(f"the cache has room for {self.room:,} tokens", given=f"{end:,} tokens")
            self.keys[:, :, self.length : end] = key_states
            self.values[:, :, self.length : end] = value_states
            self.length = end
            return self.keys[:, :, :end], self.values[:, :, :end]

        def get_mask_sizes(self, cache_position: torch.Tensor) -> tuple[int, int]:
            return self.length + cache_position.shape[0], 0

        def get_seq_length(self) -> int:
            return self.length

        def get_max_cache_shape(self) -> int:
            return self.room

    return RoomyLayer
