"""From a row to the single comparisons that it speaks of: which cells, with which coefficients, where.

A source that lacks a system in one combination leaves that combination out, and the verdict says how many
were left out. Where a row speaks of a scale, only the combinations at that scale count; the others are a
curve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from reprise.claims.claim import Claim, Row, label
from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Cells

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)$")


@dataclass(frozen=True)
class Comparison:
    """One contrast of a row: `group` says where, `link` between which systems, `cells` and `coefficients`
    what.

    `logarithmic`: of the cells' logarithms (ratios, slopes of them, and times, which are compared as ratios).
    `expected` is what a value is compared with. Those that are not `counted` are points of a curve.
    """

    group: Mapping[str, str]
    link: str
    cells: tuple[Cell, ...]
    coefficients: tuple[float, ...]
    logarithmic: bool = False
    expected: float | None = None
    decimals: int = 4
    counted: bool = True

    @property
    def pair(self) -> tuple[Cell, Cell] | None:
        """Its two sides, None for a slope or a value."""
        return self.cells if self.coefficients == (1.0, -1.0) else None

    @property
    def as_ratio(self) -> bool:
        """Whether its unit is a ratio."""
        return self.logarithmic and self.pair is not None

    def bounds(self, row: Row) -> tuple[float, float]:
        """The ends of the row's region on the line on which this is estimated.

        >>> from reprise.claims.region import Region
        >>> Comparison({}, "", (), (), logarithmic=False).bounds(Row(system={"s": "a"}, id="x",
        ...     than={"s": "b"}, region=Region(above=0)))
        (0.0, inf)
        """
        if row.contrast == "value":
            return row.region.bounds(self.expected or 0.0)
        if row.contrast != "ratio":
            if self.as_ratio and any(abs(end) not in (0, np.inf) for end in row.region.bounds()):
                raise InputError("times are compared as ratios: give the region of a ratio", given=row.id)
            return row.region.bounds(0.0)
        low, high = row.region.bounds(1.0)
        return float(np.log(low)) if low > 0 else -np.inf, float(np.log(high))


@dataclass(frozen=True)
class Gathered:
    """The comparisons of a row in one source, and how many combinations lack a system."""

    comparisons: Sequence[Comparison]
    incomplete: int = 0

    @property
    def note(self) -> str:
        """A clause about what was left out."""
        lacking = "combination lacks a system" if self.incomplete == 1 else "combinations lack a system"
        return f"; {self.incomplete} {lacking}, left out" if self.incomplete else ""


def gather(row: Row, cells: Cells, reference: Cells) -> Gathered:
    """The comparisons of a row among these cells; `reference` holds what values are compared with."""
    if row.contrast == "value":
        return Gathered(list(_values(row, cells, reference)))
    there = cells.select(**row.where)
    found, incomplete = [], 0
    for group in _combinations(row, there):
        links, lacks = _slope(row, cells, group) if row.contrast == "slope" else _links(row, cells, group)
        found += links
        incomplete += lacks
    return Gathered(_at_scale(row, found), incomplete)


def _combinations(row: Row, there: Cells) -> Iterator[Mapping[str, str]]:
    """The combinations that the row is asked for, of the values that are there, each once.

    An average over collections that are there themselves is no further collection.
    """
    averages = {c.dataset for c in there if c.parts and {p.dataset for _, p in c.parts} - {c.dataset}}
    given: set[frozenset[tuple[str, str]]] = set()
    for asked in row.for_every or [{}]:
        names = [
            [
                (factor, value)
                for value in there.values(factor)
                if (value in wanted if wanted != "all" else factor != "dataset" or value not in averages)
            ]
            for factor, wanted in asked.items()
        ]
        for group in product(*names):
            if frozenset(group) not in given:
                given.add(frozenset(group))
                yield dict(group)


def _links(row: Row, cells: Cells, group: Mapping[str, str]) -> tuple[list[Comparison], bool]:
    """The contrasts of one combination; none, and whether it has some of the systems, when it lacks one."""
    pairs = [
        tuple(_the_cell(row, cells, {**row.where, **group, **side}) for side in link) for link in row.links
    ]
    if not all(cell for pair in pairs for cell in pair):
        return [], any(cell for pair in pairs for cell in pair)
    links = []
    for (left, right), pair in zip(row.links, pairs, strict=True):
        times = any(cell.drawn.of == "rounds" for cell in pair)
        named = f"{label(left, right)} against {label(right, left)}" if len(pairs) > 1 else ""
        links.append(Comparison(group, named, pair, (1.0, -1.0), row.contrast == "ratio" or times))
    return links, False


def _the_cell(row: Row, cells: Cells, selector: Mapping[str, str | list[str]]) -> Cell | None:
    try:
        return cells.get(**selector)
    except LookupError as error:
        raise InputError(
            f"{row.id!r} does not say which cell it means: {error}",
            given=dict(selector),
            remedy="name more factors",
        ) from error


def _slope(row: Row, cells: Cells, group: Mapping[str, str]) -> tuple[list[Comparison], bool]:
    """The slope of least squares of the system along the factor, minus that of the other."""
    found: list[Cell] = []
    coefficients: list[float] = []
    systems = [(1.0, row.system[0]), *((-1.0, other) for other in row.than)]
    curves = [_curve(row, cells.select(**{**row.where, **group, **system})) for _, system in systems]
    if any(len(curve) < 2 for curve in curves):
        return [], any(curves)
    for (sign, _), curve in zip(systems, curves, strict=True):
        places = np.array(list(curve))
        away = np.log(places) if row.logarithmic else places
        away = away - away.mean()
        found += curve.values()
        coefficients += (sign * away / (away @ away)).tolist()
    return [Comparison(group, "", tuple(found), tuple(coefficients), row.logarithmic)], False


def _curve(row: Row, cells: Cells) -> dict[float, Cell]:
    curve: dict[float, Cell] = {}
    for cell in cells:
        if not cell[row.along]:
            continue
        place = number_at_end(cell[row.along])
        if place is None or place in curve or (row.logarithmic and place <= 0):
            raise InputError(
                f"{row.id!r} goes along {row.along!r}, which must be a number, one cell each",
                given=cell[row.along],
                remedy="name more factors",
            )
        curve[place] = cell
    return dict(sorted(curve.items()))


def _values(row: Row, cells: Cells, reference: Cells) -> Iterator[Comparison]:
    found = [
        cell
        for asked in row.for_every or [{}]
        for system in row.system
        for cell in cells.select(**{**row.where, **{k: v for k, v in asked.items() if v != "all"}, **system})
    ]
    for cell in {id(cell): cell for cell in found}.values():
        group = {**cell.factors, "dataset": cell.dataset, "measure": cell.measure}
        if row.value is not None:
            yield Comparison(group, "", (cell,), (1.0,), expected=row.value)
        elif (twin := twin_of(cell, reference)) is not None:
            decimals = 4 if twin.decimals is None else twin.decimals
            yield Comparison(group, "", (cell,), (1.0,), expected=twin.value, decimals=decimals)


def twin_of(cell: Cell, others: Cells) -> Cell | None:
    """The cell of the same system, dataset and measure in another source."""
    factors = {k: v for k, v in cell.factors.items() if v}
    for other in others.select(dataset=cell.dataset, measure=cell.measure, **factors):
        if {k: v for k, v in other.factors.items() if v} == factors:
            return other
    return None


def number_at_end(value: str) -> float | None:
    """The number that a factor's value ends in.

    >>> number_at_end("synthetic-1000000"), number_at_end("0.95"), number_at_end("wikipedia")
    (1000000.0, 0.95, None)
    """
    found = _NUMBER.search(value)
    return float(found[1]) if found else None


def _at_scale(row: Row, found: list[Comparison]) -> list[Comparison]:
    """Those at the scale that the claim speaks of count, or at the largest where there is none."""
    if not isinstance(row, Claim) or row.scale is None:
        return found
    factor = row.scale.factor
    places = {id(c): number_at_end(c.group[factor]) for c in found}
    known = {place for place in places.values() if place is not None}
    at = row.scale.at if row.scale.at in known else max(known, default=None)
    return [replace(c, counted=places[id(c)] in (None, at)) for c in found]
