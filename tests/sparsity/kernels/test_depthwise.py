"""Depthwise convolution on planes against float64: sizes, strides, images smaller than the kernel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.sparsity import reference
from reprise.sparsity.depthwise import depthwise_tasks
from reprise.sparsity.kernels.depthwise import DepthwiseKernel
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.planes import Arena, Shape, read_planes, write_planes


def run(x, weights, bias, stride, epilogue="none", level=None, threads=1):
    host, arena, images = find_host(level), Arena(), len(x)
    before = Shape(*x.shape[1:])
    after = DepthwiseKernel(before, weights.shape[-1], stride).output
    buffers = arena.take(images * before.size), arena.take(images * after.size)
    write_planes(buffers[0], x, before)
    tasks, keep = depthwise_tasks(
        weights,
        bias,
        buffers,
        before,
        stride,
        host,
        epilogue=epilogue,
        bounds=(0.0, 6.0),
        images=images,
        threads=threads,
    )
    Program([tasks], host, keep).run()
    return read_planes(buffers[1], images, after)


def random_layer(seed, channels, size, height, width, images=1):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(images, channels, height, width)).astype(np.float32)
    weights = generator.normal(size=(channels, size, size)).astype(np.float32)
    return x, weights, generator.normal(size=channels).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    size=st.sampled_from([3, 5]),
    stride=st.sampled_from([1, 2]),
    height=st.integers(1, 40),
    width=st.integers(1, 70),
)
def test_equals_the_reference(size, stride, height, width):
    x, weights, bias = random_layer(0, 3, size, height, width)
    expected = reference.depthwise(x, weights, bias, stride)
    assert run(x, weights, bias, stride) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("level", ["avx2", "scalar"])
@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (5, 1), (5, 2)])
def test_narrower_vectors_and_several_images(level, size, stride):
    if find_host().level not in ("avx512", "avx2"):
        level = "scalar"
    x, weights, bias = random_layer(1, 5, size, 19, 33, images=2)
    expected = reference.apply(reference.depthwise(x, weights, bias, stride), "clamp", (0.0, 6.0))
    ours = run(x, weights, bias, stride, "clamp", level, threads=2)
    assert ours == pytest.approx(expected, abs=1e-5)


def test_equals_torch():
    import torch

    x, weights, bias = random_layer(2, 8, 3, 14, 14)
    theirs = torch.nn.functional.conv2d(
        torch.from_numpy(x), torch.from_numpy(weights[:, None]), torch.from_numpy(bias), 2, 1, 1, 8
    )
    assert run(x, weights, bias, 2) == pytest.approx(theirs.numpy(), abs=1e-5)


def test_nan_stays_where_the_kernel_reaches():
    x, weights = np.ones((1, 1, 7, 7), np.float32), np.ones((1, 3, 3), np.float32)
    x[0, 0, 3, 3] = np.nan
    bad = np.isnan(run(x, weights, np.zeros(1, np.float32), 1)[0, 0])
    assert bad[2:5, 2:5].all() and bad.sum() == 9
