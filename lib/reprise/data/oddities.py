"""What is odd about a collection's files: mended or left out while it is read, counted, said with numbers.

Published collections have odd lines, and a study goes on over them. What could change a number is never
mended in silence: it becomes an `Oddity`, which stands in the manifest, on the study's card and in what
`reprise doctor` says.
"""

from __future__ import annotations

from typing import NamedTuple

SHOWN = 3
"""How many examples are kept of each oddity."""


class Oddity(NamedTuple):
    """One kind of odd line: `what` it is, how many there are, `of` how many, and the first of them.

    >>> str(Oddity("test: judgements of documents that the corpus lacks", 1, 1406, ("q1 d9",)))
    'test: judgements of documents that the corpus lacks: 1 of 1,406 (q1 d9)'
    """

    what: str
    count: int
    of: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(self.examples) + (", ..." if self.count > len(self.examples) else "")
        return f"{self.what}: {self.count:,} of {self.of:,}" + (f" ({shown})" if self.examples else "")


class Oddities:
    """Collects oddities while a collection is read; `totals` says how many there are of each kind of thing.

    >>> odd = Oddities()
    >>> odd.add("documents", "documents without text", "d7")
    >>> odd.totals["documents"] = 20
    >>> [str(o) for o in odd.found()]
    ['documents without text: 1 of 20 (d7)']
    """

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self._found: dict[str, tuple[str, int, list[str]]] = {}

    def add(self, things: str, what: str, example: str) -> None:
        """Count one more of the `things` ("documents") that is odd in this way; long examples are cut."""
        _, count, examples = self._found.get(what, (things, 0, []))
        if len(examples) < SHOWN:
            examples.append(example if len(example) <= 80 else example[:77] + "...")
        self._found[what] = (things, count + 1, examples)

    def count(self, what: str) -> int:
        """How many are odd in this way so far."""
        return self._found[what][1] if what in self._found else 0

    def of(self, things: str) -> int:
        """How many of these things are odd so far, in whatever way."""
        return sum(count for kind, count, _ in self._found.values() if kind == things)

    def found(self) -> tuple[Oddity, ...]:
        """All of them, each kind in the place of its first one."""
        return tuple(
            Oddity(what, count, self.totals[things], tuple(examples))
            for what, (things, count, examples) in self._found.items()
        )
