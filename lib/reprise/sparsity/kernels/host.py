"""The vector unit of the machine that the kernels are compiled for.

Widths are of float32: 16 lanes (AVX-512), 8 (AVX2 with FMA), 4 (NEON, SSE2). A host with none of them gets
portable code, one pixel at a time, and `describe` says so. `level` asks for less than the host has, which is
how the narrower kernels are tested on a wider machine.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reprise.errors import ParameterError

LEVELS = {"avx512": (16, 32), "avx2": (8, 16), "neon": (4, 32), "sse2": (4, 16), "scalar": (1, 16)}
"""Lanes and vector registers of each level."""

_WITHOUT = {
    "avx2": ("avx512",),
    "sse2": ("avx512", "avx", "fma", "f16c", "vaes", "vpclmulqdq"),
    "scalar": ("avx512", "avx", "fma", "f16c", "vaes", "vpclmulqdq"),
}
"""Prefixes of the features that are switched off to compile for less than the host has."""


@dataclass(frozen=True)
class Host:
    """What kernels are made for: lanes of float32, vector registers, bytes of two levels of data cache."""

    level: str
    lanes: int
    registers: int
    l1_bytes: int
    cpu: str
    features: str
    l2_bytes: int = 1 << 20

    def describe(self) -> str:
        """One line for results and messages."""
        width = f"{self.lanes} lanes of float32" if self.lanes > 1 else "portable scalar code"
        return f"{self.cpu} ({self.level}, {width}, {self.l1_bytes // 1024} KiB L1d)"


@lru_cache(maxsize=8)
def find_host(level: str | None = None) -> Host:
    """This machine, or a lower `level` of it.

    Raises `ParameterError` for a level that the machine does not have. Warns once when there is no vector
    unit that the kernels know.

    >>> find_host().lanes in (16, 8, 4, 1)
    True
    >>> find_host("scalar").describe().count("portable scalar code")
    1
    """
    import llvmlite.binding as llvm

    features = dict(llvm.get_host_cpu_features())
    best = best_level(features, llvm.get_process_triple())
    order = list(LEVELS)
    if level is not None and (level not in LEVELS or order.index(level) < order.index(best)):
        raise ParameterError(
            "this machine has no such vector unit", given=level, remedy=f"choose {best!r} or a lower level"
        )
    if best == "scalar" and level is None:
        warnings.warn(
            "no vector unit that the sparse kernels know (AVX-512, AVX2, NEON, SSE2): portable scalar code "
            "is used, whose times say nothing about the paper",
            stacklevel=2,
        )
    level = level or best
    for name in features:
        if level != best and name.startswith(_WITHOUT.get(level, ())):
            features[name] = False
    flags = ",".join(("+" if on else "-") + name for name, on in sorted(features.items()))
    lanes, registers = LEVELS[level]
    l1, l2 = _cache_bytes(0, 32), _cache_bytes(2, 1024)
    return Host(level, lanes, registers, l1, llvm.get_host_cpu_name(), flags, l2)


def best_level(features: dict[str, bool], triple: str) -> str:
    """The widest level that a set of processor features offers.

    >>> best_level({"avx2": True, "fma": True, "avx512f": False}, "x86_64-unknown-linux-gnu")
    'avx2'
    >>> best_level({}, "riscv64-unknown-linux-gnu")
    'scalar'
    """
    if features.get("avx512f"):
        return "avx512"
    if features.get("avx2") and features.get("fma"):
        return "avx2"
    if triple.startswith(("aarch64", "arm64")) or features.get("neon"):
        return "neon"
    return "sse2" if features.get("sse2") else "scalar"


def _cache_bytes(index: int, otherwise: int) -> int:
    """A cache of the first core (0: first level, data; 2: second); `otherwise` KiB if it is not told."""
    try:
        text = Path(f"/sys/devices/system/cpu/cpu0/cache/index{index}/size").read_text().strip()
        return int(text.removesuffix("K")) * 1024
    except (OSError, ValueError):
        return otherwise * 1024
