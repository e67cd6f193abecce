"""Layers joined by bands: every row made once, from the rows that it needs; the same logits as without."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reprise.sparsity import bands
from reprise.sparsity.bands import plan_bands, scratch_shape
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.lowering import lower
from reprise.sparsity.network import compile_sparse
from reprise.sparsity.plan import find_pairs
from reprise.sparsity.planes import LINE, Shape


@settings(max_examples=60, deadline=None)
@given(
    channels=st.integers(1, 40),
    height=st.integers(3, 70),
    width=st.integers(1, 70),
    size=st.sampled_from([3, 5]),
    stride=st.sampled_from([1, 2]),
    cache=st.integers(1 << 10, 1 << 16),
)
def test_bands_cover_the_planes_and_fit_the_cache(channels, height, width, size, stride, cache):
    host, middle = replace(find_host(), l2_bytes=cache), Shape(channels, height, width)
    found = plan_bands(middle, size, stride, host)
    if found is None:
        return
    assert middle.size >= bands._LARGE * cache
    made = [row for band in found for row in range(band.first, band.end)]
    assert made == list(range(-(-height // stride)))
    for band in found:
        rows = range(band.first, band.end)
        needed = {row * stride - size // 2 + k for row in rows for k in range(size)} & set(range(height))
        assert needed <= set(range(band.start, band.stop))
        assert band.start * width * 4 % LINE == 0 and band.start >= 0 and band.stop <= height
        assert 4 * channels * width * (band.stop - band.start) <= bands._SHARE * cache
    assert scratch_shape(middle, found).height == max(band.stop - band.start for band in found)


def test_planes_that_fit_the_cache_are_left_alone():
    host = replace(find_host(), l2_bytes=1 << 20)
    assert plan_bands(Shape(64, 56, 56), 3, 1, host) is None
    assert plan_bands(Shape(4096, 112, 112), 3, 1, host) is None  # not a row of them fits


class Pairs(nn.Module):
    """A stem, then for each (outputs, size, stride, activation) a 1x1 and a depthwise convolution."""

    def __init__(self, *pairs):
        super().__init__()
        at, layers = 8, [nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU()]
        for outputs, size, stride, activation in pairs:
            depthwise = nn.Conv2d(outputs, outputs, size, stride, size // 2, groups=outputs)
            layers += [nn.Conv2d(at, outputs, 1), activation(), depthwise, activation()]
            at = outputs
        self.layers, self.end = nn.Sequential(*layers), nn.Conv2d(at, 5, 1)

    def forward(self, x):
        return self.end(self.layers(x))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("block", [1, 2, 4])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (50, 38), (33, 128)])
@pytest.mark.parametrize("share", [0.01, 0.03])
def test_the_same_planes_as_torch(monkeypatch, threads, block, height, width, share):
    """Outputs that fill no block, strides 1 and 2, kernels of 3 and 5, sparse weights, bands of few rows."""
    monkeypatch.setattr(bands, "_LARGE", 0)
    monkeypatch.setattr(bands, "_SHARE", share)
    monkeypatch.setattr(bands, "_TWICE", 5)
    torch.manual_seed(0)
    model = Pairs((14, 3, 1, nn.ReLU6), (9, 5, 2, nn.SiLU), (17, 3, 2, nn.ReLU6)).eval()
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1):
                layer.weight.mul_(torch.rand_like(layer.weight) < 0.5)
    x = torch.randn(2, 3, height, width)
    network = compile_sparse(model, threads=threads, block=block)
    with torch.inference_mode():
        expected = model(x).numpy()
    first = network(x).numpy()
    assert first == pytest.approx(expected, abs=1e-5)
    assert all(np.array_equal(network(x).numpy(), first) for _ in range(3))


def test_a_pair_is_joined_only_if_nothing_else_reads_between():
    class Shortcut(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.wide = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 1)
            self.depthwise, self.end = nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.Conv2d(8, 8, 1)

        def forward(self, x):
            wide = self.wide(self.stem(x))
            return wide + self.end(self.depthwise(wide))

    def kinds(model):
        return [[op.kind for op in group] for group in find_pairs(lower(model.eval()))]

    assert kinds(Shortcut()) == [["stem"], ["pointwise"], ["depthwise"], ["pointwise"]]
    assert kinds(Pairs((8, 3, 1, nn.ReLU))) == [["stem"], ["pointwise", "depthwise"], ["pointwise"]]
