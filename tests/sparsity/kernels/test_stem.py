"""The stem: an image, channels last or first, convolved into planes."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.sparsity import reference
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.kernels.stem import Split
from reprise.sparsity.planes import Arena, Shape, read_planes
from reprise.sparsity.pointwise import Pointwise, plan_row_strips


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("size", "stride"), [(3, 2), (3, 1), (5, 2), (7, 2)])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (15, 17), (3, 2)])
def test_equals_the_reference(size, stride, height, width, channels_last, threads):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 3, height, width)).astype(np.float32)
    weights = generator.normal(size=(6, 3, size, size)).astype(np.float32)
    bias = generator.normal(size=6).astype(np.float32)
    host, arena = find_host(), Arena()
    split = Split(Shape(3, height, width), size, stride, channels_last)
    after = Shape(6, -(-height // stride), -(-width // stride))
    image, planes, out = arena.take(x.nbytes), arena.take(2 * split.bytes), arena.take(2 * after.size)
    image[: x.size] = (x.transpose(0, 2, 3, 1) if channels_last else x).reshape(-1)
    first, keep = split.tasks((image, planes), host, images=2, threads=threads)
    second, keep_too = Pointwise(weights.reshape(6, -1), bias).tasks(
        [planes, out],
        (split.image, after),
        host,
        images=2,
        strips=plan_row_strips(after.width, after.height, 4 * split.pitch, split.start, host),
        offsets=split.tap_offsets(),
        input_size=split.bytes,
    )
    Program([first, second], host, [keep, keep_too]).run()
    expected = reference.convolution(x, weights, bias, stride)
    assert read_planes(out, 2, after) == pytest.approx(expected, abs=1e-4)


def test_refuses_kernels_it_cannot_split():
    with pytest.raises(InputError, match="odd kernel"):
        Split(Shape(3, 8, 8), 4, 2)
    with pytest.raises(InputError, match="stride 1 or 2"):
        Split(Shape(3, 8, 8), 3, 3)
