"""A 1x1 and the depthwise convolution after it by bands of rows, where the planes between them are large.

Expanded planes of the first layers (96 channels of 112 x 112 pixels are 4.8 MB) leave the second-level cache
before they are read again. By bands they need not be there at all: for some output rows of the depthwise
convolution the 1x1 convolution writes just the rows that these need into memory of the thread's own, which
stays in the cache and is used for the next band again. Rows that two bands need are made twice.
"""

from __future__ import annotations

from math import gcd

from reprise.sparsity.kernels.depthwise import Part
from reprise.sparsity.kernels.host import Host
from reprise.sparsity.planes import LINE, Shape

_LARGE = 2
"""Second-level caches that planes must fill before they are cut; smaller ones are mostly there still."""
_SHARE = 0.5
"""Of the second-level cache, for a band; the rest is for what the 1x1 convolution reads."""
_COUNT = 4
"""The number of bands is a multiple of this, for two or four threads to share evenly."""
_TWICE = 0.25
"""Most rows that may be made twice, as a share."""


def plan_bands(middle: Shape, size: int, stride: int, host: Host) -> list[Part] | None:
    """Bands of the planes between the layers, for a depthwise kernel of `size`; None where they do not pay.

    A band begins on a cache line of each plane, so that vectors are not cut by lines.

    >>> from reprise.sparsity.kernels.host import Host
    >>> host = Host("avx512", 16, 32, 32768, "", "")
    >>> bands = plan_bands(Shape(96, 112, 112), 3, 2, host)
    >>> len(bands), [(b.first, b.end, b.start, b.stop) for b in bands[:2]]
    (12, [(0, 5, 0, 10), (5, 10, 9, 20)])
    >>> plan_bands(Shape(512, 14, 14), 3, 1, host) is None
    True
    """
    floats = LINE // 4
    unit, row = floats // gcd(middle.width, floats), 4 * middle.channels * middle.width
    output = Shape(middle.channels, -(-middle.height // stride), -(-middle.width // stride))
    most = int(_SHARE * host.l2_bytes // row)
    rows = (most - size + stride - unit + 1) // stride
    if middle.size < _LARGE * host.l2_bytes or rows < 1:
        return None
    count = -(-output.height // (rows * _COUNT)) * _COUNT
    found, rows = [], -(-output.height // count)
    for first in range(0, output.height, rows):
        end = min(first + rows, output.height)
        start = max(first * stride - size // 2, 0) // unit * unit
        stop = min((end - 1) * stride - size // 2 + size, middle.height)
        found.append(Part(first, end, start, stop, output))
    twice = sum(part.stop - part.start for part in found) / middle.height - 1
    return found if twice <= _TWICE else None


def scratch_shape(middle: Shape, bands: list[Part]) -> Shape:
    """The planes of one band: those of the tallest."""
    return Shape(middle.channels, max(band.stop - band.start for band in bands), middle.width)
