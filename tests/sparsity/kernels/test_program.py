"""Programs and threads: every task once, steps in order, whoever runs them; errors by name."""

import time

import numpy as np
import pytest

from reprise.errors import ParameterError
from reprise.sparsity.kernels.arguments import make_arguments
from reprise.sparsity.kernels.epilogue import EPILOGUES
from reprise.sparsity.kernels.host import best_level, find_host
from reprise.sparsity.kernels.jit import assembly, compile_kernel
from reprise.sparsity.kernels.passing import passing_program
from reprise.sparsity.kernels.peak import peak_program
from reprise.sparsity.kernels.pool import ThreadPool
from reprise.sparsity.kernels.program import Program, Task
from reprise.sparsity.kernels.strip import StripKernel
from reprise.sparsity.kernels.writer import Writer


def affine(host):
    """A kernel: x[a] = 2 * x[a] + b."""
    w = Writer("affine")
    place = w.at(w.field(0, "ptr"), w.mul("%a", 8))
    w.store("i64", w.add(w.mul(w.load("i64", place, 8), 2), "%b"), place, 8)
    return compile_kernel(w.finish(), "affine", host)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("shares", [1, 2, 7])
@pytest.mark.parametrize("joined", [False, True])
def test_each_task_once_and_in_order(threads, shares, joined):
    """1 then 3 on x = 0: 2 * (2 * 0 + 1) + 3 = 5; the other order would give 2 * 3 + 1 = 7.

    As two steps, or as the two tasks of a job; with as many shares as threads, fewer, and more.
    """
    host, x = find_host(), np.zeros(40, np.int64)
    arguments = make_arguments(x)
    steps = [[Task(affine(host), arguments.ctypes.data, i, b) for i in range(40)] for b in (1, 3)]
    if joined:
        steps = [list(zip(*steps, strict=True))]
    pool, program = ThreadPool(threads), Program(steps, host, [x, arguments], shares)
    for times in range(1, 20):
        x[:] = 0
        pool.run(program)
        assert x.tolist() == [5] * 40, times


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_helpers_that_sleep_and_helpers_that_linger(pause):
    """A run right after another meets a helper at the gate, a later one has to wake it; both do all work."""
    host, x = find_host(), np.zeros(8, np.int64)
    arguments = make_arguments(x)
    tasks = [Task(affine(host), arguments.ctypes.data, i, 1) for i in range(8)]
    pool, program = ThreadPool(3), Program([tasks] * 5, host, [x, arguments], 3)
    for _ in range(10):
        x[:] = 0
        pool.run(program)
        assert x.tolist() == [31] * 8
        time.sleep(pause)


@pytest.mark.parametrize("threads", [1, 2])
def test_multiply_adds_alone(threads):
    """x = x / 2 + 1 / 2 tends to 1 in each of the twelve chains of every task."""
    program = peak_program(find_host(), threads)
    ThreadPool(threads).run(program)
    numbers = program._keep[0].reshape(8 * threads, -1)
    lanes = find_host().lanes
    assert numbers[:, 16 : 16 + lanes] == pytest.approx(12.0)
    assert (numbers[:, :lanes] == 0.5).all()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_planes_that_are_passed_on(threads):
    """Every number is doubled in each of the eight rounds, whoever has it."""
    program = passing_program(find_host(), threads)
    numbers = program._keep[0]
    numbers[:] = 1.0
    ThreadPool(threads).run(program)
    whole = numbers.nbytes // (8 * threads) // 64 * 64 * 8 * threads // 4
    assert (numbers[:whole] == 2.0**8).all()


def test_a_closed_pool_and_an_empty_one():
    pool = ThreadPool(2)
    pool.close()
    with pytest.raises(ParameterError, match="closed"):
        pool.run(Program([], find_host()))
    with pytest.raises(ParameterError, match="at least one"):
        ThreadPool(0)


def test_hosts():
    assert best_level({"avx512f": True}, "x86_64-linux") == "avx512"
    assert best_level({}, "aarch64-linux") == "neon"
    assert best_level({"sse2": True}, "x86_64-linux") == "sse2"
    with pytest.raises(ParameterError, match="no such vector unit"):
        find_host("sve")


def test_a_host_without_vectors_is_told(monkeypatch):
    monkeypatch.setattr("reprise.sparsity.kernels.host.best_level", lambda *_: "scalar")
    find_host.cache_clear()
    with pytest.warns(UserWarning, match="portable scalar code"):
        assert find_host().lanes == 1
    find_host.cache_clear()


def test_the_inner_loop_keeps_its_sums_in_registers():
    """No sum is spilled to the stack inside the kernel: each multiply-add works on registers and one load."""
    host = find_host()
    if host.level != "avx512":
        pytest.skip("counts instructions of AVX-512")
    code = assembly(StripKernel((16,) * 5, 4, "clamp").text(), host)
    assert code.count("vfmadd") == 5 * 4
    assert "(%rsp)" not in code


def test_kinds_of_epilogue_are_known_to_the_reference():
    from reprise.sparsity import reference

    for kind in EPILOGUES:
        assert np.isnan(reference.apply(np.array([np.nan]), kind, (0.0, 6.0))).all()
