"""The unit that tests differences between systems on one dataset: one stated family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FAMILY = "all pairs of systems that the paper or this study speaks of, on this dataset"


def compare_systems(
    context: Any,
    *,
    roles: Sequence[str],
    pairs: Sequence[tuple[Mapping[str, str], Mapping[str, str]]],
    measure: str,
) -> dict[str, Any]:
    """Paired t-tests over topics, seeds averaged first, Holm's correction over the pairs of this dataset."""
    from reprise.evaluation.cells import Cell, Cells
    from reprise.evaluation.significance import compare_family

    cells = Cells(
        Cell(**c)
        for c in average_seeds([c for role in roles for c in context.value(role)["cells"]])
        if c["measure"] == measure
    )
    chosen = [(cells.get(**left), cells.get(**right)) for left, right in pairs]
    compared = compare_family([p for p in chosen if all(p)], family=FAMILY)
    return {"comparisons": [c.to_dict() for c in compared]}


def average_seeds(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cells of the same system averaged over seeds, value by topic; `seeds` says over how many.

    >>> one = {"dataset": "d", "measure": "m", "factors": {}, "value": 1.0, "n": 1, "samples": {"q": 1.0}}
    >>> other = {**one, "value": 0.0, "samples": {"q": 0.0}}
    >>> [(c["value"], c["samples"]) for c in average_seeds([one, other])]
    [(0.5, {'q': 0.5})]
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for cell in cells:
        key = (cell["dataset"], cell["measure"], *sorted(cell["factors"].items()))
        groups.setdefault(key, []).append(cell)
    return [
        {
            **{k: group[0][k] for k in ("dataset", "measure", "factors", "n")},
            "value": sum(c["value"] for c in group) / len(group),
            "samples": {
                topic: sum(c["samples"][topic] for c in group) / len(group) for topic in group[0]["samples"]
            },
        }
        for group in groups.values()
    ]
