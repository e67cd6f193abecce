"""The precision that encoders compute and train in: bfloat16 where the processor multiplies it itself.

Elsewhere PyTorch emulates it. Encoding by MiniLM on one core of a Zen 4 gives 53 documents a second in
bfloat16 and 27 in float32; kept to AVX-512 without BF16 it gives 14 in bfloat16, and kept to AVX2 it gives 7,
while float32 stays at 27. So a study's precision is "auto" unless its parameters say another, and is made one
of the two when the parameters are read: keys, manifests and units only ever see what it came to.

It is the processor that decides, of the machine that makes the keys. On a GPU, or on a cluster whose nodes
differ from the machine in front of it, the parameter can be set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

_FLAGS = {"avx512_bf16": "AVX-512 BF16", "amx_bf16": "AMX", "bf16": "ARM BF16"}
"""What Linux calls the instructions in /proc/cpuinfo, and what their makers call them."""

_LINES = ("flags", "Features")

_BELOW = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"}
"""Values of ONEDNN_MAX_CPU_ISA that keep PyTorch's matrix products from using those instructions."""

_assumed: ContextVar[str | None] = ContextVar("assumed precision", default=None)


def native_precision() -> str:
    """ "bfloat16" where this processor multiplies it itself, else "float32"."""
    return _assumed.get() or ("bfloat16" if bfloat16_unit() else "float32")


def bfloat16_unit() -> str:
    """The instructions that multiply bfloat16 here; empty where there are none, or PyTorch is kept from them.

    What runs on other systems than Linux has none that PyTorch uses.
    """
    name = next((name for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA") if os.environ.get(name)), "")
    if os.environ.get(name, "").upper() in _BELOW:
        return ""
    flags = _processor_flags()
    return next((words for flag, words in _FLAGS.items() if flag in flags), "")


@contextmanager
def assume(precision: str | None) -> Iterator[None]:
    """Inside the block "auto" is this precision: what another processor's results are compared under.

    >>> with assume("float32"):
    ...     native_precision()
    'float32'
    """
    token = _assumed.set(precision)
    try:
        yield
    finally:
        _assumed.reset(token)


def _resolve(precision: str) -> str:
    return native_precision() if precision == "auto" else precision


Precision = Annotated[Literal["auto", "float32", "bfloat16"], AfterValidator(_resolve)]
"""A parameter that is "auto" or says which; read, it is "float32" or "bfloat16"."""


@cache
def _processor_flags() -> frozenset[str]:
    try:
        return flags_in(Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        return frozenset()


def flags_in(cpuinfo: str) -> frozenset[str]:
    """The instruction sets of the first core, as Linux tells them: `flags` on x86, `Features` on ARM.

    >>> sorted(flags_in("vendor_id : x\\nflags\\t\\t: fpu avx2 avx512_bf16\\n"))
    ['avx2', 'avx512_bf16', 'fpu']
    >>> sorted(flags_in("processor : 0\\nFeatures\\t: fp asimd bf16\\n"))
    ['asimd', 'bf16', 'fp']
    """
    names = (line.partition(":") for line in cpuinfo.splitlines())
    return frozenset(next((words for name, _, words in names if name.strip() in _LINES), "").split())
