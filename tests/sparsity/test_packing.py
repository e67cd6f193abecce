"""The stream of words, read back word by word."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.sparsity.packing import pack_weights
from reprise.sparsity.planes import Arena, Shape, read_planes, write_planes


def unpack(packed, outputs, inputs, stride):
    """Weights and biases from a stream, by the rules that its kernel reads it with."""
    words, floats, at = packed.words, packed.words.view(np.float32), 0
    weights, bias = np.zeros((outputs, inputs), np.float32), np.zeros(outputs, np.float32)
    for panel in range(packed.panels):
        for group in range(packed.groups):
            rows = slice(group * packed.rows, (group + 1) * packed.rows)
            count, at = words[at], at + 1
            if panel == 0:
                bias[rows], at = floats[at : at + packed.rows], at + packed.rows
            for _ in range(count):
                weights[rows, words[at + packed.rows] // stride] = floats[at : at + packed.rows]
                at += packed.rows + 1
    assert at == len(words)
    return weights, bias


@pytest.mark.parametrize("rows", [1, 2, 4])
@pytest.mark.parametrize("panel", [None, 1, 7, 50])
def test_the_stream_holds_the_weights(rows, panel):
    generator = np.random.default_rng(0)
    weights = (generator.normal(size=(12, 33)) * (generator.random((12, 33)) < 0.2)).astype(np.float32)
    bias = generator.normal(size=12).astype(np.float32)
    packed = pack_weights(weights, bias, rows=rows, panel=panel, stride=64)
    found, biases = unpack(packed, 12, 33, 64)
    assert (found == weights).all() and (biases == bias).all()
    kept = (weights.reshape(12 // rows, rows, 33) != 0).any(axis=1).sum()
    assert len(packed.words) == 12 + packed.panels * packed.groups + kept * (rows + 1)


def test_refuses_what_does_not_fit():
    with pytest.raises(InputError, match="multiple of the block"):
        pack_weights(np.ones((3, 2)), np.ones(3), rows=2, stride=64)
    with pytest.raises(InputError, match="32 bits"):
        pack_weights(np.ones((2, 2)), np.ones(2), stride=2**31)


def test_planes_hold_images_and_lie_apart():
    shape, arena = Shape(3, 5, 7), Arena()
    buffers = [arena.take(2 * shape.size) for _ in range(3)]
    x = np.arange(2 * 3 * 35, dtype=np.float32).reshape(2, 3, 5, 7)
    write_planes(buffers[0], x, shape)
    assert (read_planes(buffers[0], 2, shape) == x).all()
    assert len({b.ctypes.data % 4096 for b in buffers}) == 3
    assert all(b.ctypes.data % 64 == 0 for b in buffers)
    assert shape.stride % 128 == 64  # an odd number of lines
