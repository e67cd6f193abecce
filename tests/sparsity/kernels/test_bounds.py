"""Kernels touch nothing outside their buffers: each buffer ends at a page that may not be touched."""

import ctypes
import mmap
import subprocess
import sys

import numpy as np
import pytest

PAGE = mmap.PAGESIZE


class Guarded:
    """A buffer between two pages without any right; `end` puts it against the upper one, else the lower."""

    def __init__(self, size, end=True):
        pages = -(-size // PAGE)
        self._block = mmap.mmap(-1, (pages + 2) * PAGE)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._block))
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for page in (0, pages + 1):
            assert protect(base + page * PAGE, PAGE, 0) == 0
        start = (pages + 1) * PAGE - size if end else PAGE
        self.array = np.frombuffer(self._block, np.float32, size // 4, start)


def run_all():
    """Every kernel, its buffers against the upper guard and against the lower one."""
    for at_end in (True, False):
        run_guarded(at_end)
    print("inside")


def run_guarded(at_end):
    """Every kernel at sizes with awkward tails, each buffer of exactly the bytes that it is said to need."""
    from reprise.sparsity.depthwise import depthwise_tasks, part_tasks
    from reprise.sparsity.kernels.depthwise import DepthwiseKernel, Part
    from reprise.sparsity.kernels.host import find_host
    from reprise.sparsity.kernels.linear import linear_tasks
    from reprise.sparsity.kernels.pooling import pooling_tasks, scaling_tasks
    from reprise.sparsity.kernels.program import Program
    from reprise.sparsity.kernels.stem import Split
    from reprise.sparsity.planes import Shape
    from reprise.sparsity.pointwise import Pointwise, plan_row_strips

    host, generator, keep = find_host(), np.random.default_rng(0), []

    def take(size):
        return Guarded(size, at_end).array

    def ready(made):
        tasks, kept = made
        keep.append(kept)
        Program([tasks], host).run()

    for height, width in ((1, 1), (7, 7), (5, 3), (14, 14), (16, 16), (9, 31)):
        before, after = Shape(6, height, width), Shape(5, height, width)
        weights = generator.normal(size=(5, 6)).astype(np.float32)
        bias, buffers = np.zeros(5, np.float32), [take(2 * s.size) for s in (before, after, after)]
        for block in (1, 2, 4):
            layer = Pointwise(weights, bias, "silu", block=block)
            ready(layer.tasks(buffers, (before, after), host, images=2))
        for size in (3, 5):
            for stride in (1, 2):
                out = take(2 * DepthwiseKernel(before, size, stride).output.size)
                kernel = generator.normal(size=(6, size, size)).astype(np.float32)
                source = take(2 * before.size)
                zeros = np.zeros(6, np.float32)
                ready(depthwise_tasks(kernel, zeros, (source, out), before, stride, host, images=2))
                output = DepthwiseKernel(before, size, stride).output
                part = Part(0, output.height, 0, height, output)  # all rows, from memory of a thread's own
                own, strips = take(before.size), Pointwise(weights, bias).band_strips([part], width, host)[0]
                square, six = np.ones((6, 6), np.float32), np.zeros(6, np.float32)
                one = Pointwise(square, six, block=2)
                ready(one.tasks([source, own], (before, before), host, strips=strips, scratch=True))
                ready(part_tasks(kernel, zeros, (own, take(output.size)), before, [part], stride, host))
                split = Split(Shape(3, height, width), size, stride, channels_last=True)
                end = Shape(4, -(-height // stride), -(-width // stride))
                image, planes = take(2 * 12 * height * width), take(2 * split.bytes)
                ready(split.tasks((image, planes), host, images=2))
                strips = plan_row_strips(end.width, end.height, 4 * split.pitch, split.start, host)
                ready(
                    Pointwise(np.ones((4, 3 * size**2), np.float32), np.zeros(4, np.float32)).tasks(
                        [planes, take(2 * end.size)],
                        (split.image, end),
                        host,
                        images=2,
                        strips=strips,
                        offsets=split.tap_offsets(),
                        input_size=split.bytes,
                    )
                )
        vector = take(4 * 2 * 6)
        ready(pooling_tasks((buffers[0], vector), before, host, images=2))
        ready(scaling_tasks((buffers[0], vector), before, host, images=2))
        ready(linear_tasks(weights, bias, (vector, take(4 * 2 * 5)), host, images=2))


CALL = "import runpy; runpy.run_path({path!r})[{name!r}]()"


@pytest.mark.skipif(sys.platform != "linux", reason="pages without rights are set by mprotect")
def test_no_kernel_reads_or_writes_outside():
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(path=__file__, name="run_all")], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "inside\n"), done.stderr


def touch_outside():
    """What the test would see of a kernel that reads one float too far."""
    guarded = Guarded(64)
    ctypes.memmove(ctypes.create_string_buffer(8), guarded.array.ctypes.data + 60, 8)


@pytest.mark.skipif(sys.platform != "linux", reason="pages without rights are set by mprotect")
def test_a_touch_outside_would_be_seen():
    command = [sys.executable, "-c", CALL.format(path=__file__, name="touch_outside")]
    assert subprocess.run(command, capture_output=True).returncode == -11
