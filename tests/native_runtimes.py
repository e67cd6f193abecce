"""Native runtimes that one worker can hold, used one after another in this process.

A program, not a module of tests: `python native_runtimes.py java lapack torch` starts each named runtime when
its turn comes, uses it in the main thread and in another, and at last uses all of them again. A wrong number
ends it with a traceback, a fault in native code with a signal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

THREADS = 2
SIZES = (8, 100, 250)
"""OpenBLAS solves the smallest system in one thread, and the others in several, on a deep stack."""


@cache
def _matrix(size: int, dtype: type = np.float32) -> np.ndarray:
    drawn = np.random.default_rng(size).standard_normal((size, size))
    return (drawn + size * np.eye(size)).astype(dtype)


def java() -> None:
    """A class of Lucene's, in a Java that `start_java` started."""
    from reprise.retrieval.java import java_class, start_java

    start_java()
    english = java_class("io.anserini.analysis.DefaultEnglishAnalyzer").newDefaultInstance()
    found = java_class("io.anserini.analysis.AnalyzerUtils").analyze(english, "the sparse matrices")
    assert list(found.toArray()) == ["spars", "matric"]


def pyserini() -> None:
    """pyserini, imported without a word to Java before: it starts Java itself."""
    import importlib

    importlib.import_module("reprise")  # as every worker does, and before pyserini
    from pyserini.pyclass import JString

    assert JString("lucene").length() == 6


def lapack() -> None:
    """BLAS and LAPACK through NumPy and SciPy, which bring an OpenBLAS each."""
    from scipy import linalg

    for size in SIZES:
        a = _matrix(size, np.float64)
        eye = np.eye(size)
        assert np.allclose(np.linalg.solve(a, a @ eye), eye)
        assert np.allclose(np.linalg.inv(a) @ a, eye)
        assert np.allclose(linalg.lu_solve(linalg.lu_factor(a), a), eye)
        q, r = np.linalg.qr(a)
        assert np.allclose(q @ r, a)
        u, s, v = np.linalg.svd(a)
        assert np.allclose((u * s) @ v, a)
        values, vectors = linalg.eigh(a @ a.T)
        assert np.allclose((vectors * values) @ vectors.T, a @ a.T)


def torch() -> None:
    """Matrix products, a solution and a convolution by torch: its own OpenMP, MKL and oneDNN."""
    import torch

    torch.set_num_threads(THREADS)
    for size in SIZES:
        a = torch.from_numpy(_matrix(size))
        assert torch.allclose(torch.linalg.solve(a, a @ a), a, atol=1e-2)
    image = torch.ones(1, 16, 64, 64)
    assert torch.nn.functional.conv2d(image, torch.ones(16, 16, 3, 3), padding=1).max() == 9 * 16
    with torch.autocast("cpu", torch.bfloat16):
        assert (torch.ones(256, 256) @ torch.ones(256, 256) == 256).all()


def faiss() -> None:
    """Search by matrix products, and k-means: faiss's own OpenMP and OpenBLAS."""
    import faiss

    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexFlatIP(250)
    index.add(_matrix(250))
    assert (index.search(_matrix(250), 1)[1][:, 0] == np.arange(250)).all()
    rotation = faiss.PCAMatrix(100, 10)  # LAPACK
    rotation.train(_matrix(100))
    assert rotation.apply(_matrix(100)).shape == (100, 10)
    means = faiss.Kmeans(250, 4, niter=2, min_points_per_centroid=1)
    means.train(_matrix(250))
    assert np.isfinite(means.centroids).all()


@cache
def _numba_total() -> Callable[[np.ndarray], float]:
    import numba

    @numba.njit(parallel=True)
    def total(values: np.ndarray) -> float:
        found = 0.0
        for place in numba.prange(len(values)):
            found += values[place]
        return found

    return total


def numba() -> None:
    """A parallel loop that numba compiles and runs on its own threads."""
    assert _numba_total()(np.ones(100_000)) == 100_000


@cache
def _onnx_session() -> object:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    size = SIZES[-1]
    about = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, size]) for name in ("given", "found")
    ]
    weights = numpy_helper.from_array(_matrix(size), "weights")
    product = helper.make_node("MatMul", ["given", "weights"], ["found"])
    graph = helper.make_graph([product], "product", about[:1], about[1:], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def onnxruntime() -> None:
    """A matrix product by ONNX Runtime on its own threads."""
    a = _matrix(SIZES[-1])
    found = _onnx_session().run(None, {"given": a})[0]
    assert np.allclose(found, a @ a, rtol=1e-4, atol=1e-1)


@cache
def _kernels() -> Callable[[], None]:
    from functools import partial

    from reprise.sparsity.kernels.host import find_host
    from reprise.sparsity.kernels.passing import passing_program
    from reprise.sparsity.kernels.pool import ThreadPool

    host = find_host()
    return partial(ThreadPool(THREADS, host).run, passing_program(host, THREADS))


def sklearn() -> None:
    """Nearest neighbours by scikit-learn: one more OpenMP."""
    from sklearn.cluster import KMeans

    found = KMeans(2, n_init=1, random_state=0).fit(np.repeat([[0.0, 1.0], [9.0, 8.0]], 2000, axis=0))
    assert found.inertia_ < 1e-9


def kernels() -> None:
    """A program of our own kernels' on its pool of threads."""
    _kernels()()


def main(names: list[str]) -> None:
    steps = [globals()[name] for name in names]
    for step in steps:
        step()
        with ThreadPoolExecutor(1) as other:
            other.submit(step).result()
    for step in steps:
        step()
    print("used", *names)


if __name__ == "__main__":
    main(sys.argv[1:])
