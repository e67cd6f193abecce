"""A MobileNet v2 whose 1x1 layers read no more channels than a strip of them fits the first-level cache.

Fast Sparse ConvNets has such a network, laid out by hand; its layout could not be read, only that expansions
and depth were changed so that channels stay in the cache. This one follows from a rule: where an expanded
layer is too wide the expansion is cut, and the stage gets as many more blocks as that left multiply-adds.
"""

from __future__ import annotations

from collections.abc import Sequence

Stage = tuple[int, int, int, int]
"""Expansion, output channels, repeats, stride of the first."""

MOST = 512
"""Channels of which a strip of 16 pixels, the paper's, fits 32 KiB."""


def cache_aware_stages(stages: Sequence[Stage], before: int, most: int = MOST) -> list[Stage]:
    """The stages of a network that begins with `before` channels, none of its 1x1 layers reading over `most`.

    The first block of a stage stands alone, as its expansion may differ from that of the others. A stage
    whose channels are more than `most` themselves is left without expansion.

    >>> cache_aware_stages([(6, 160, 3, 2)], before=96)
    [(5, 160, 1, 2), (3, 160, 4, 1)]
    """
    found: list[Stage] = []
    for expansion, channels, repeats, stride in stages:
        first, others = (min(expansion, max(1, most // n)) for n in (before, channels))
        wanted = _work(expansion, before, channels, stride) - _work(first, before, channels, stride)
        wanted += (repeats - 1) * _work(expansion, channels, channels, 1)
        found.append((first, channels, 1, stride))
        more = round(wanted / _work(others, channels, channels, 1))
        if more:
            found.append((others, channels, more, 1))
        before = channels
    return found


def _work(expansion: int, before: int, after: int, stride: int) -> int:
    """Multiply-adds of a block's 1x1 layers for a pixel of its output; without expansion there is but one."""
    widen = before * before * expansion * stride**2 if expansion > 1 else 0
    return widen + before * expansion * after
