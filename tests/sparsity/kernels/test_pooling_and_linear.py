"""Pooling, scaling and the fully connected layer against NumPy, at sizes with and without a tail."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.sparsity import reference
from reprise.sparsity.kernels.host import find_host
from reprise.sparsity.kernels.linear import linear_tasks
from reprise.sparsity.kernels.pooling import pooling_tasks, scaling_tasks
from reprise.sparsity.kernels.program import Program
from reprise.sparsity.planes import Arena, Shape, read_planes, write_planes


@pytest.mark.parametrize("level", [None, "scalar"])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 7), (4, 8), (9, 13)])
def test_mean_of_planes_and_scaling_by_it(level, height, width):
    host, arena, shape = find_host(level), Arena(), Shape(10, height, width)
    x = np.random.default_rng(0).normal(size=(2, 10, height, width)).astype(np.float32)
    planes, means = arena.take(2 * shape.size), arena.take(80)
    write_planes(planes, x, shape)
    tasks, keep = pooling_tasks((planes, means), shape, host, images=2, threads=2)
    Program([tasks], host, keep).run()
    assert means[:20].reshape(2, 10) == pytest.approx(x.mean((2, 3)), abs=1e-6)
    tasks, keep = scaling_tasks((planes, means), shape, host, images=2)
    Program([tasks], host, keep).run()
    expected = x * x.mean((2, 3), keepdims=True)
    assert read_planes(planes, 2, shape) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("level", [None, "scalar"])
@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (4, 16), (37, 45), (10, 1000)])
@pytest.mark.parametrize("epilogue", ["none", "silu"])
def test_fully_connected(level, outputs, inputs, epilogue):
    host, arena, generator = find_host(level), Arena(), np.random.default_rng(1)
    weights = generator.normal(size=(outputs, inputs)).astype(np.float32)
    bias, x = generator.normal(size=outputs), generator.normal(size=(2, inputs))
    source, target = arena.take(8 * inputs), arena.take(8 * outputs)
    source[: 2 * inputs] = x.reshape(-1)
    tasks, keep = linear_tasks(weights, bias, (source, target), host, epilogue=epilogue, images=2, threads=2)
    Program([tasks], host, keep).run()
    expected = reference.apply(x @ weights.astype(float).T + bias, epilogue)
    assert target[: 2 * outputs].reshape(2, outputs) == pytest.approx(expected, abs=1e-4, rel=1e-5)


def test_weights_and_bias_must_fit():
    with pytest.raises(InputError, match="do not fit"):
        linear_tasks(np.ones((3, 2)), np.ones(2), (np.ones(2), np.ones(3)), find_host())
