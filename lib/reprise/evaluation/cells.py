"""Cells: the one shape in which a number lives, ours or published.

A paper's table is a set of cells. A cell says which system on which dataset by which measure, the
value, and, where there are any, the samples behind it (one value a topic, a seed or a repetition).
The system is described by its *factors* ({"sparse": "bm25", "dense": "ance", "stage": "both-prf"}),
so that a claim can say "for every dense retriever" without listing names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

FEW = 50
"""So many cells are faster looked through than indexed."""


@dataclass(frozen=True)
class Sampling:
    """What the samples of a cell are, and with which other cells' samples they are paired.

    `of` is "topics", "seeds" (runs of training), "instances" (of a problem that is drawn), "targets" (tasks),
    "rounds" (of one interleaved timing, whose value is a median) or "count" (exact: nothing is sampled).
    Cells with the same `draw` have the same topics (seeds, rounds) behind them and are paired by their names;
    with different ones they are independent. `clustered` samples have names "cluster/member": the cluster
    is what is drawn. `trained` says that training of its own is behind the number, so that another seed
    would have given another one.
    """

    of: str
    draw: str = ""
    clustered: bool = False
    trained: bool = False


@dataclass(frozen=True)
class Cell:
    """One number: `value` of `measure` for the system described by `factors` on `dataset`.

    `samples` maps a topic id (or seed, or repetition) to its value; `n` is how many the mean is over.
    `sampling` says what they are: topics of the dataset unless it says otherwise. A mean of other cells keeps
    them: `parts` (weight, cell) for an average over collections, `runs` by seed for one over runs of
    training. `spread` is the standard deviation of one run and its degrees of freedom, where there is a
    single run. `source` says where a published value stands ("2205.00235v2, Table 1"), `marks` how it is
    printed ("bold", "vs_no_prf") and `decimals` with how many digits.
    """

    dataset: str
    measure: str
    factors: Mapping[str, str]
    value: float
    n: int | None = None
    samples: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    marks: tuple[str, ...] = ()
    decimals: int | None = None
    sampling: Sampling | None = None
    parts: tuple[tuple[float, Cell], ...] = ()
    runs: Mapping[str, Cell] = field(default_factory=dict)
    spread: tuple[float, int] | None = None

    @property
    def drawn(self) -> Sampling:
        """What its samples are."""
        return self.sampling or Sampling("topics", self.dataset)

    def __getitem__(self, name: str) -> str:
        """The factor of that name; `dataset` and `measure` count as factors; "" when it has none."""
        if name in ("dataset", "measure"):
            return getattr(self, name)
        return self.factors.get(name, "")


class Cells:
    """A set of cells that can be selected by factor.

    >>> table = Cells([Cell("dl19", "MAP", {"dense": "ance", "stage": "dense"}, 0.371),
    ...                Cell("dl19", "MAP", {"dense": "ance", "stage": "vprf"}, 0.3831)])
    >>> [c.value for c in table.select(stage="vprf")]
    [0.3831]
    >>> table.values("stage")
    ('dense', 'vprf')
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cells = tuple(cells)
        self._places: dict[str, dict[str, frozenset[int]]] = {}

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def select(self, **factors: str | Iterable[str]) -> Cells:
        """Cells whose factors equal (or are among) the given ones; "" selects cells without the factor."""
        if len(self._cells) < FEW:
            wanted = {k: {v} if isinstance(v, str) else set(v) for k, v in factors.items()}
            return Cells(c for c in self._cells if all(c[k] in v for k, v in wanted.items()))
        fitting = sorted((self._where(name, value) for name, value in factors.items()), key=len)
        places = fitting[0].intersection(*fitting[1:]) if fitting else range(len(self._cells))
        return Cells(self._cells[place] for place in sorted(places))

    def get(self, **factors: str) -> Cell | None:
        """The only cell that fits, None when there is none, `LookupError` when several fit."""
        found = self.select(**factors)._cells
        if len(found) > 1:
            raise LookupError(f"{len(found)} cells fit {factors}; name more factors")
        return found[0] if found else None

    def values(self, name: str) -> tuple[str, ...]:
        """The distinct values of a factor, in order of first appearance, without ""."""
        return tuple(dict.fromkeys(c[name] for c in self._cells if c[name]))

    def _where(self, name: str, values: str | Iterable[str]) -> frozenset[int]:
        """Places of the cells in which a factor has one of the values; looked up once for each factor."""
        if name not in self._places:
            found: dict[str, list[int]] = {}
            for place, cell in enumerate(self._cells):
                found.setdefault(cell[name], []).append(place)
            self._places[name] = {value: frozenset(places) for value, places in found.items()}
        places = self._places[name]
        if isinstance(values, str):
            return places.get(values, frozenset())
        return frozenset().union(*(places.get(value, ()) for value in values))
