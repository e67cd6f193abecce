"""What the paper profile's work takes on a GPU, and what it takes on this machine's cores.

Models have the papers' sizes and random weights, which are as fast as trained ones; texts have the papers'
lengths, without padding. From these rates the study `scaling` reckons GPU-hours (`--set gpu=...`). A machine
without a GPU has nothing to measure. The CPU does a small share of each piece, and its time is multiplied.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

VOCABULARY = 30_522


class Piece(NamedTuple):
    """One kind of work: what a call of `make(count, device)` does, with `count` items at once.

    `item` is the plural of one; the CPU does a `share`-th part.
    """

    name: str
    item: str
    count: int
    share: int
    make: Callable[[int, str], Callable[[], None]]


def encoding(count: int, device: str, layers: int = 12, tokens: int = 128) -> Callable[[], None]:
    """A forward pass of BERT's size in bfloat16 over `count` passages."""
    import torch

    model = _bert(layers).to(device=device, dtype=torch.bfloat16).eval()
    texts = torch.randint(VOCABULARY, (count, tokens), device=device)

    def call() -> None:
        with torch.inference_mode():
            model(input_ids=texts, attention_mask=torch.ones_like(texts))

    return call


def text_step(count: int, device: str, layers: int, lengths: tuple[int, ...]) -> Callable[[], None]:
    """A training step over `count` examples, each of texts of these lengths: forward, backward, AdamW."""
    import torch

    model = _bert(layers).to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-6)
    texts = [torch.randint(VOCABULARY, (count, tokens), device=device) for tokens in lengths]

    def call() -> None:
        with torch.autocast(device, torch.bfloat16):
            first = [
                model(input_ids=t, attention_mask=torch.ones_like(t)).last_hidden_state[:, 0] for t in texts
            ]
        torch.stack(first).float().square().mean().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return call


def image_step(count: int, device: str, side: int = 224) -> Callable[[], None]:
    """A training step of MobileNet v1 over `count` images."""
    import torch

    from reprise.sparsity.models import make_model

    model = make_model("mobilenet-v1").to(device, memory_format=torch.channels_last).train()
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    images = torch.randn(count, 3, side, side, device=device).to(memory_format=torch.channels_last)

    def call() -> None:
        with torch.autocast(device, torch.bfloat16):
            logits = model(images)
        logits.float().square().mean().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return call


PIECES = (
    Piece("encoding, BERT's size, 128 tokens", "passages", 256, 16, encoding),
    Piece(
        "ANCE-PRF: training, RoBERTa's size, 512 tokens",
        "queries",
        64,
        32,
        lambda count, device: text_step(count, device, 12, (512,)),
    ),
    Piece(
        "GPL: training, DistilBERT's size, 64 + 350 + 350 tokens",
        "tuples",
        32,
        16,
        lambda count, device: text_step(count, device, 6, (64, 350, 350)),
    ),
    Piece("ImageNet: training, MobileNet v1", "images", 256, 32, image_step),
)


def benchmark(pieces: tuple[Piece, ...] = PIECES, repeats: int = 10) -> list[dict[str, Any]]:
    """A row a piece: seconds of all its items on the GPU, and on the cores; none without a GPU."""
    import torch

    if not torch.cuda.is_available():
        return []
    return [measure(piece, "cuda", repeats) for piece in pieces]


def measure(piece: Piece, device: str, repeats: int) -> dict[str, Any]:
    """The row of a piece of work: on `device` against the CPU."""
    ours = _seconds(piece.make(piece.count, device), device, repeats)
    peer = piece.share * _seconds(piece.make(piece.count // piece.share, "cpu"), "cpu", 2)
    return {
        "name": piece.name,
        "ours_s": float(np.median(ours)),
        "peer_s": float(np.median(peer)),
        "ratio": float(np.median(peer) / np.median(ours)),
        "spread": [float(peer.min() / ours.max()), float(peer.max() / ours.min())],
        "note": f"{piece.count} at once: {piece.count / np.median(ours):,.0f} {piece.item} a second",
    }


def _bert(layers: int) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    with torch.random.fork_rng(devices=[]):
        return BertModel(BertConfig(vocab_size=VOCABULARY, num_hidden_layers=layers), add_pooling_layer=False)


def _seconds(call: Callable[[], None], device: str, repeats: int) -> np.ndarray:
    """Seconds of each call, the device's work waited for; two calls before are not counted."""
    import torch

    def timed() -> float:
        start = perf_counter()
        call()
        if device != "cpu":
            torch.cuda.synchronize()
        return perf_counter() - start

    return np.array([timed() for _ in range(repeats + 2)][2:])
