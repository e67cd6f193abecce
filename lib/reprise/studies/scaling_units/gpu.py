"""GPU-hours of the papers' largest pieces of work, at the rates that `reprise bench gpu` measured somewhere.

Amounts are the papers': steps times batch of ANCE-PRF's training (2112.06400: 83,240 steps of two times 32)
and of GPL's (2112.07577: 140,000 steps of 32), the passages of MS MARCO, and those of the 14 public sets of
BEIR as its cards round them. Loading data, and evaluating, come on top.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from reprise.experiment.study import Parameters
from reprise.experiment.values import Name

Rate = Literal["encoding", "ANCE-PRF", "GPL", "ImageNet"]


class GpuRates(Parameters):
    """Items a second of each kind of work on `machine`: passages, queries, tuples, images."""

    machine: Annotated[Name, Field(min_length=3)]
    rates: dict[Rate, Annotated[float, Field(gt=0, le=1e9)]]


H100 = GpuRates(
    machine="one NVIDIA H100 80GB HBM3 (PyTorch 2.11, bfloat16)",
    rates={"encoding": 17_408, "ANCE-PRF": 821, "GPL": 787, "ImageNet": 8_085},
)
"""What `reprise bench gpu` said on a borrowed machine on 2026-11-26."""


class Work(NamedTuple):
    """A piece of work: how many items of which rate it takes."""

    name: str
    rate: Rate
    items: int


WORK = (
    Work("MS MARCO's passages, encoded once", "encoding", 8_841_823),
    Work("BEIR's 14 public sets, encoded once", "encoding", 25_012_270),
    Work("ANCE-PRF, one encoder trained", "ANCE-PRF", 83_240 * 64),
    Work("GPL, one retriever adapted to one collection", "GPL", 140_000 * 32),
    Work("MobileNet v1 trained on ImageNet, 150 epochs", "ImageNet", 150 * 1_281_167),
)


def gpu_hours(measured: GpuRates) -> list[dict[str, Any]]:
    """Cells of rate and GPU-hours, a row a piece of work whose rate was measured.

    >>> cells = gpu_hours(GpuRates(machine="a GPU", rates={"GPL": 1000.0}))
    >>> [(c["measure"], round(c["value"], 2)) for c in cells]    # 4.48 million tuples
    [('items', 4480000.0), ('items a second', 1000.0), ('GPU-hours', 1.24)]
    """
    return [
        {
            "dataset": "extrapolated",
            "measure": measure,
            "factors": {"work": work.name},
            "value": float(value),
        }
        for work in WORK
        if (rate := measured.rates.get(work.rate))
        for measure, value in (
            ("items", work.items),
            ("items a second", rate),
            ("GPU-hours", work.items / rate / 3600),
        )
    ]
