"""What torch is set to while a retriever computes: threads, precision, and the form of attention."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@contextlib.contextmanager
def use_threads(threads: int | None) -> Iterator[None]:
    """Let torch use this many threads inside the block; `None` leaves the count as it is."""
    import torch

    before = torch.get_num_threads()
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def autocast(device: str, precision: str) -> contextlib.AbstractContextManager:
    """torch's autocast to bfloat16, or no casting for "float32"."""
    import torch

    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bfloat16")


def attention(device: torch.device) -> contextlib.AbstractContextManager:
    """Attention step by step on a CPU, where PyTorch's fused kernel takes 2.5 times as long backward."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else contextlib.nullcontext()
