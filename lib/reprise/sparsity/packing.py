"""Sparse weights as the stream that a strip kernel reads; see `kernels.strip` for its words.

The paper's encoding (values, differences between input channels, nonzero counts) as one stream instead of
three, with offsets from the strip instead of differences: a panel can then begin at any channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.errors import InputError


@dataclass(frozen=True)
class Packed:
    """A stream of 32-bit words for `groups` groups of `rows` output channels, in `panels` panels."""

    words: np.ndarray
    rows: int
    groups: int
    panels: int


def pack_weights(
    weights: np.ndarray,
    bias: np.ndarray,
    *,
    rows: int = 1,
    panel: int | None = None,
    stride: int | None = None,
    offsets: np.ndarray | None = None,
) -> Packed:
    """The stream of weights (outputs, inputs), bias (outputs,), for blocks of `rows` output channels.

    `panel` is how many input channels a panel has (all when None). The byte offset of an input channel is its
    number times `stride`, or its entry in `offsets`. A channel is kept for a block when any of its weights is
    not 0. Raises `InputError` for shapes that do not fit.

    >>> packed = pack_weights(np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([0.5, 1.0]), stride=64)
    >>> packed.words.view(np.float32)[[1, 2, 5]].tolist(), packed.words[[0, 3, 4]].tolist()
    ([0.5, 2.0, 1.0], [1, 64, 0])
    """
    weights, bias = np.asarray(weights, np.float32), np.asarray(bias, np.float32)
    if weights.ndim != 2 or bias.shape != weights.shape[:1] or min(weights.shape) < 1 or len(bias) % rows:
        raise InputError(
            "weights are (outputs, inputs) and biases (outputs,), outputs a multiple of the block",
            given=(weights.shape, bias.shape, rows),
        )
    outputs, inputs = weights.shape
    offsets = np.arange(inputs) * stride if offsets is None else np.asarray(offsets)
    if len(offsets) != inputs or np.abs(offsets).max() >= 2**31:
        raise InputError("every input channel needs a byte offset of 32 bits", given=offsets.shape)
    blocks = weights.reshape(outputs // rows, rows, inputs)
    biases = bias.reshape(-1, rows)
    panel = panel or inputs
    parts = [
        _pack_panel(blocks[:, :, at : at + panel], offsets[at : at + panel], biases if at == 0 else None)
        for at in range(0, inputs, panel)
    ]
    return Packed(np.concatenate(parts), rows, len(blocks), len(parts))


def _pack_panel(blocks: np.ndarray, offsets: np.ndarray, biases: np.ndarray | None) -> np.ndarray:
    """Words of one panel: (groups, rows, channels) weights; biases stand in the first panel only."""
    groups, rows, _ = blocks.shape
    group, channel = np.nonzero((blocks != 0).any(axis=1))
    counts = np.bincount(group, minlength=groups)
    head = 1 + (rows if biases is not None else 0)
    starts = np.concatenate([[0], np.cumsum(head + counts * (rows + 1))])
    words = np.empty(starts[-1], np.int32)
    floats = words.view(np.float32)
    words[starts[:-1]] = counts
    if biases is not None:
        floats[starts[:-1, None] + 1 + np.arange(rows)] = biases
    rank = np.arange(len(group)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = starts[group] + head + rank * (rows + 1)
    floats[at[:, None] + np.arange(rows)] = blocks[group, :, channel]
    words[at + rows] = offsets[channel]
    return words
