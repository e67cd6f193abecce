"""The paper's central comparison: dense and sparse networks of equal published accuracy, timed here.

Two lists of published top-1 on ImageNet: "slim" takes dense MobileNet v1 from TensorFlow's model card and
sparse from the paper's (two training recipes); "sgk" takes both from the same group's later list, where one
recipe made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from reprise.experiment.study import Parameters
from reprise.experiment.values import Label

NETWORK = "mobilenet-v1"
SPARSITY = "0.9"


Width = Annotated[float, Field(gt=0, le=8)]
"""A factor of a network's channels."""

Block = Literal["1x1", "2x1", "4x1", "paper"]
"""Output channels that share their zeros; "paper" is the layout of the released model."""

Percent = Annotated[float, Field(gt=0, le=100)]


class Pair(Parameters):
    """Width and published top-1 (%) of a dense MobileNet v1 and of the 90 % sparse one that matches it."""

    name: Label
    dense: tuple[Width, Percent]
    sparse: tuple[Width, Percent]
    block: Block


def matched_cells(
    pairs: Sequence[Pair], cells: Sequence[Mapping[str, Any]], counts: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Cells of the dataset "matched accuracy": time, ratio and counts of each pair that was timed.

    The two networks of a pair were timed in units of their own, so the ratio is of medians and has no
    samples: no round of the one belongs to a round of the other.
    """
    found: list[dict[str, Any]] = []
    for pair in pairs:
        sides = {
            "dense": {"width": f"{pair.dense[0]:g}", "implementation": "best dense"},
            "sparse": {
                "width": f"{pair.sparse[0]:g}",
                "implementation": "sparse",
                "sparsity": SPARSITY,
                "block": pair.block,
            },
        }
        timed = {role: _find(cells, "milliseconds", wanted) for role, wanted in sides.items()}
        if not all(timed.values()):
            continue
        for role, (width, accuracy) in (("dense", pair.dense), ("sparse", pair.sparse)):
            factors = {"pair": pair.name, "network": role, "width": f"{width:g}"}
            found.append(_cell("milliseconds", factors, timed[role]["value"], timed[role]["samples"]))
            found.append(_cell("published top-1", factors, accuracy, {}))
            wanted = {"width": f"{width:g}", "sparsity": "0" if role == "dense" else SPARSITY}
            for measure in ("million multiply-adds", "million parameters"):
                count = _find(counts, measure, wanted | ({"block": pair.block} if role == "sparse" else {}))
                if count:
                    found.append(_cell(measure, factors, count["value"], {}))
        ratio = timed["dense"]["value"] / timed["sparse"]["value"]
        found.append(_cell("times faster", {"pair": pair.name, "network": "sparse"}, ratio, {}))
    return found


def _find(
    cells: Sequence[Mapping[str, Any]], measure: str, wanted: Mapping[str, str]
) -> Mapping[str, Any] | None:
    wanted = {"part": "network", **wanted}
    fits = [
        c
        for c in cells
        if c["dataset"] == NETWORK
        and c["measure"] == measure
        and all(c["factors"].get(k) == v for k, v in wanted.items())
    ]
    return fits[0] if fits else None


def _cell(
    measure: str, factors: Mapping[str, str], value: float, samples: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "dataset": "matched accuracy",
        "measure": measure,
        "factors": dict(factors),
        "value": value,
        "n": len(samples) or None,
        "samples": dict(samples),
    }
