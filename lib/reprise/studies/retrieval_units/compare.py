"""The unit that tests differences between stages: pairs the paper marks or speaks of, one stated family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reprise.evaluation.cells import Cell, Cells

FAMILY = "all differences between stages tested on this dataset, by this measure, at one feedback setting"

# (left, right) for every sparse and dense pair. The paper marks each stage against No-PRF and Pre against
# Post; its text also speaks of Both against Post, and of fusion and feedback against what they start from.
FUSED_PAIRS = (
    ("no-prf", "dense"),
    ("pre-prf", "dense"),
    ("post-prf", "dense"),
    ("both-prf", "dense"),
    ("no-prf", "vprf"),
    ("pre-prf", "no-prf"),
    ("post-prf", "no-prf"),
    ("both-prf", "no-prf"),
    ("pre-prf", "post-prf"),
    ("both-prf", "post-prf"),
)


def compare_stages(context: Any, *, evaluated: Sequence[str], settings: Sequence[str]) -> dict[str, Any]:
    """Paired t-tests with bootstrap intervals over topics, Holm-corrected within each family."""
    import numpy as np

    from reprise.evaluation.significance import compare_family

    cells = Cells(Cell(**cell) for role in evaluated for cell in context.value(role)["cells"])
    generator = np.random.default_rng(context.seed)
    families = [(measure, setting) for measure in cells.values("measure") for setting in settings]
    compared = []
    for measure, setting in context.progress(families, label="comparisons"):
        pairs = list(_pairs(cells.select(measure=measure, prf=["", setting])))
        compared += compare_family(
            pairs, family=FAMILY, correction="holm", interval="bca", generator=generator
        )
    return {"comparisons": [comparison.to_dict() for comparison in compared]}


def _pairs(cells: Cells) -> Iterator[tuple[Cell, Cell]]:
    """The pairs of cells of one measure and one feedback setting."""
    for dense in cells.values("dense"):
        alone = {stage: cells.get(dense=dense, stage=stage) for stage in ("dense", "vprf")}
        yield alone["vprf"], alone["dense"]
        for sparse in cells.select(dense=dense).values("sparse"):
            stages = alone | {cell["stage"]: cell for cell in cells.select(dense=dense, sparse=sparse)}
            yield from ((stages[left], stages[right]) for left, right in FUSED_PAIRS)
