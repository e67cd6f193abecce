"""From what was measured to collections that do not fit here: bytes, hours, and the machine they need.

Bytes follow from the index's own layout and are exact; times are the largest measured size's, scaled by the
number of passages, which flat search and encoding follow and which flatters nothing that is faster.
Index types beyond flat are those that faiss's guidelines give for the size (its wiki, "Guidelines to choose
an index").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

ID_BYTES = 8
"""What an inverted list keeps beside each code."""

SPARE = 1.3
"""A machine has this many times the memory of the index it holds."""

LARGEST = 1024
"""GB of memory of the largest machine that is counted as one."""


class Carrier(NamedTuple):
    """A faiss index type (its factory string) and the bytes that it keeps for a vector."""

    factory: str
    bytes_per_vector: int


def carriers(count: int, dim: int) -> list[Carrier]:
    """What could hold so many vectors of `dim` floats, from the exact and large to the coarse and small.

    >>> [c.factory for c in carriers(8_841_823, 384)]
    ['Flat', 'IVF65536_HNSW32,SQ8', 'OPQ48,IVF65536_HNSW32,PQ48']
    """
    lists = 65_536 if count < 10_000_000 else 262_144 if count < 100_000_000 else 1_048_576
    coarse, pieces = f"IVF{lists}_HNSW32", max(dim // 8, 1)
    return [
        Carrier("Flat", 4 * dim),
        Carrier(f"{coarse},SQ8", dim + ID_BYTES),
        Carrier(f"OPQ{pieces},{coarse},PQ{pieces}", pieces + ID_BYTES),
    ]


def machine_memory(gigabytes: float) -> float:
    """GB of memory of the machine, a power of two, that holds an index of this size with room to spare.

    >>> machine_memory(13.6), machine_memory(1536.0)
    (32.0, 2048.0)
    """
    size = 8.0
    while size < SPARE * gigabytes:
        size *= 2
    return size


def extrapolate(
    cells: Sequence[Mapping[str, Any]], targets: Mapping[str, int], dim: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Cells of time and disk a target, and cells of memory a target and index type.

    `cells` are the measured ones, `targets` the numbers of passages by name.
    """
    measured = {(c["measure"], int(c["factors"]["passages"])): c["value"] for c in cells}

    def at_largest(measure: str) -> tuple[float, int]:
        size = max(n for name, n in measured if name == measure)
        return measured[measure, size], size

    rate, _ = at_largest("encoding: passages a second and core")
    bm25, _ = at_largest("BM25: passages a second")
    work, memory = [], []
    for target, count in targets.items():

        def scaled(measure: str, count: int = count) -> float:
            value, size = at_largest(measure)
            return value * count / size

        values = {
            "encoding: core-hours": count / rate / 3600,
            "dense: joining, hours": scaled("dense: joining, seconds") / 3600,
            "dense: seconds a query": scaled("dense: ms a query") / 1000,
            "BM25: hours of indexing": count / bm25 / 3600,
            "BM25: GB on disk": scaled("BM25: GB on disk"),
            "texts: GB on disk": scaled("texts: GB on disk"),
        }
        work += [_cell(measure, {"target": target}, value) for measure, value in values.items()]
        for carrier in carriers(count, dim):
            size = carrier.bytes_per_vector * count / 1e9
            factors = {"target": target, "index": carrier.factory}
            needed = machine_memory(size)
            memory += [
                _cell("GB of index", factors, size),
                _cell("machines", factors, max(needed / LARGEST, 1.0)),
                _cell("GB of memory each", factors, min(needed, LARGEST)),
            ]
    return work, memory


def _cell(measure: str, factors: dict[str, str], value: float) -> dict[str, Any]:
    return {"dataset": "extrapolated", "measure": measure, "factors": factors, "value": float(value)}
