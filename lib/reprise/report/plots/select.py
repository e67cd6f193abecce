"""What a plot draws: cells chosen by factor, their varying factors, and the fixed order of every value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results

Select = Mapping[str, "str | Sequence[str]"]


def chosen(cells: Cells, select: Select | None, measure: str | None = None) -> Cells:
    """The selected cells; `ParameterError` when none is left."""
    wanted = dict(select or {}) | ({"measure": measure} if measure else {})
    found = cells.select(**wanted)
    if not len(found):
        raise ParameterError("the figure's selection leaves no number to draw", given=wanted)
    return found


def varying(cells: Iterable[Cell], without: Sequence[str] = ()) -> list[str]:
    """The factors (and "dataset") with more than one value among the cells, in order of appearance."""
    cells = list(cells)
    names = dict.fromkeys(["dataset", *(name for cell in cells for name in cell.factors)])
    return [n for n in names if n not in without and len({c[n] for c in cells if c[n]}) > 1]


def order_of(results: Results, published: Cells, name: str) -> list[str]:
    """Every value of a factor that the study or the paper has, in one order for all figures."""
    lists = [
        value
        for value in results.body.values()
        if isinstance(value, list) and value and isinstance(value[0], dict) and "factors" in value[0]
    ]
    ours = [
        cell["dataset"] if name == "dataset" else cell["factors"].get(name, "")
        for cells in [results.body.get("cells", []), *lists]
        for cell in cells
    ]
    return [value for value in dict.fromkeys([*ours, *(c[name] for c in published)]) if value]


def as_number(text: str) -> float | None:
    """The number that a factor's value is, None when it is a word.

    >>> as_number("0.5"), as_number("bm25")
    (0.5, None)
    """
    try:
        return float(text)
    except ValueError:
        return None
