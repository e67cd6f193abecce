"""1x1 convolution by strips against float64: any shape, any pattern, every width of vector."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.errors import InputError, ParameterError
from reprise.sparsity import reference
from reprise.sparsity.kernels.host import LEVELS, find_host
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.planes import Arena, Shape, read_planes, write_planes
from reprise.sparsity.pointwise import Pointwise, choose_block, plan_strips

LEVELS_HERE = list(LEVELS)[list(LEVELS).index(find_host().level) :]
LEVELS_HERE = [level for level in LEVELS_HERE if level != "neon" or find_host().level == "neon"]


def run(
    x, weights, bias, *, block=None, residual=None, epilogue="none", bounds=(0.0, 6.0), level=None, threads=1
):
    host, arena, images = find_host(level), Arena(), len(x)
    before = Shape(*x.shape[1:])
    after = Shape(len(weights), before.height, before.width)
    buffers = [arena.take(images * before.size), arena.take(images * after.size), None]
    write_planes(buffers[0], x, before)
    if residual is not None:
        buffers[2] = arena.take(images * after.size)
        write_planes(buffers[2], residual, after)
    layer = Pointwise(weights, bias, epilogue, (0.0, 6.0), block)
    tasks, keep = layer.tasks(buffers, (before, after), host, images=images, threads=threads)
    Program([tasks], host, keep).run()
    return read_planes(buffers[1], images, after)


def random_layer(seed, outputs, inputs, sparsity, block=1):
    generator = np.random.default_rng(seed)
    kept = np.repeat(generator.random((-(-outputs // block), inputs)) >= sparsity, block, axis=0)[:outputs]
    weights = (generator.normal(size=(outputs, inputs)) * kept).astype(np.float32)
    return generator, weights, generator.normal(size=outputs).astype(np.float32)


def close(ours, expected, inputs):
    """float32 sums of `inputs` products of the order of 1."""
    assert ours == pytest.approx(expected, abs=1e-6 * (10 + inputs), rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    outputs=st.integers(1, 40),
    inputs=st.integers(1, 300),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    sparsity=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
    block=st.sampled_from([None, 1, 2, 4]),
    seed=st.integers(0, 2**16),
)
def test_equals_the_dense_product(outputs, inputs, height, width, sparsity, block, seed):
    generator, weights, bias = random_layer(seed, outputs, inputs, sparsity, block or 1)
    x = generator.normal(size=(1, inputs, height, width)).astype(np.float32)
    close(run(x, weights, bias, block=block), reference.pointwise(x, weights, bias), inputs)


@pytest.mark.parametrize("level", LEVELS_HERE)
@pytest.mark.parametrize("block", [1, 2, 4])
@pytest.mark.parametrize("epilogue", ["none", "clamp", "silu", "sigmoid"])
def test_every_level_block_and_epilogue(level, block, epilogue):
    """9 x 7 pixels leave a tail at every width, 150 inputs need panels, 18 outputs leave 2 over."""
    generator, weights, bias = random_layer(1, 18, 150, 0.8, block)
    x = generator.normal(size=(2, 150, 9, 7)).astype(np.float32)
    residual = generator.normal(size=(2, 18, 9, 7)).astype(np.float32)
    ours = run(x, weights, bias, block=block, residual=residual, epilogue=epilogue, level=level, threads=2)
    sums = reference.pointwise(x, weights, bias) + residual
    close(ours, reference.apply(sums, epilogue, (0.0, 6.0)), 150)


def test_panels_change_nothing_but_rounding():
    generator, weights, bias = random_layer(2, 24, 1000, 0.7)
    x = generator.normal(size=(1, 1000, 7, 7)).astype(np.float32)
    close(run(x, weights, bias, block=1), reference.pointwise(x, weights, bias), 1000)


def test_a_channel_without_weights_is_its_bias():
    weights, bias = np.zeros((4, 3), np.float32), np.array([1.0, -2.0, 0.5, 7.0], np.float32)
    ours = run(np.ones((1, 3, 5, 5), np.float32), weights, bias, epilogue="clamp")
    assert ours[0, :, 0, 0].tolist() == [1.0, 0.0, 0.5, 6.0]
    assert (ours == ours[:, :, :1, :1]).all()


@pytest.mark.parametrize("epilogue", ["none", "clamp", "silu", "sigmoid"])
def test_nan_and_infinity_go_where_the_dense_product_sends_them(epilogue):
    """Input 0 has a NaN, input 1 an infinity; a weight of 0 is no weight, so channel 2 meets neither."""
    x = np.ones((1, 3, 2, 2), np.float32)
    x[0, 0, 0, 0], x[0, 1, 0, 1], x[0, 1, 1, 0] = np.nan, np.inf, -np.inf
    weights = np.array([[1, 0, 1], [0, 1, 1], [0, 0, 1]], np.float32)
    ours = run(x, weights, np.zeros(3, np.float32), block=1, epilogue=epilogue)
    sums = np.array([[[np.nan, 2], [2, 2]], [[2, np.inf], [-np.inf, 2]], [[1, 1], [1, 1]]], np.float64)
    with np.errstate(invalid="ignore"):
        expected = reference.apply(sums[None], epilogue, (0.0, 6.0))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-30)


def test_several_threads_give_the_bits_of_one():
    generator, weights, bias = random_layer(3, 64, 300, 0.9)
    x = generator.normal(size=(3, 300, 14, 14)).astype(np.float32)
    assert (run(x, weights, bias, threads=1) == run(x, weights, bias, threads=4)).all()


def test_the_block_is_that_of_the_pattern():
    assert [choose_block(random_layer(4, 32, 64, 0.9, block)[1]) for block in (1, 2, 4)] == [1, 2, 4]
    assert choose_block(np.ones((32, 64))) == 4  # a dense layer shares every load
    assert choose_block(np.ones((3, 8))) == 1  # three outputs make no block


def test_strips_cover_the_plane_once():
    for pixels in range(1, 200):
        at = 0
        for strip in plan_strips(pixels, find_host()):
            assert strip.input == strip.output == at
            at += 4 * sum(strip.shape)
        assert 4 * pixels <= at <= Shape(1, 1, pixels).stride


def test_refuses_what_is_no_layer():
    good = np.ones((4, 4), np.float32)
    with pytest.raises(InputError, match="NaN"):
        Pointwise(np.full((4, 4), np.nan, np.float32), np.ones(4, np.float32))
    with pytest.raises(InputError, match="do not fit"):
        Pointwise(good, np.ones(3, np.float32))
    with pytest.raises(ParameterError, match="1, 2 or 4"):
        Pointwise(good, np.ones(4, np.float32), block=3)
    with pytest.raises(InputError, match="fit the planes"):
        run(np.ones((1, 5, 2, 2), np.float32), good, np.ones(4, np.float32))
