"""Texts in a file that is mapped into memory: a process reads the stretch it works on, and no more.

A folder holds `texts` (UTF-8, one behind the other), `ends` (little-endian int64, where each text ends) and
`ids` (one a line). Written from a stream, so neither side ever holds the whole collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from reprise.errors import InputError, ParameterError


def write_passages(folder: str | Path, passages: Iterable[tuple[str, str]]) -> int:
    """Write (id, text) pairs in their order, and give their number.

    Raises `InputError` for an id that is empty or has a line break. That ids are unique is for the caller to
    check: this keeps none in memory.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    end = count = 0
    with (
        (folder / "texts").open("wb") as texts,
        (folder / "ends").open("wb") as ends,
        (folder / "ids").open("w", encoding="utf-8", newline="\n") as ids,
    ):
        for name, text in passages:
            if not name or len(name.splitlines()) != 1:
                raise InputError(f"document id {name!r} is empty or has line breaks", remedy="rename it")
            encoded = text.encode()
            end += len(encoded)
            count += 1
            texts.write(encoded)
            ends.write(end.to_bytes(8, "little"))
            ids.write(name + "\n")
    return count


class PassageFile:
    """The passages in a folder that `write_passages` wrote.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_passages(folder, [("a", "one"), ("b", ""), ("c", "drei")])
    3
    >>> PassageFile(folder).texts(1, 3), PassageFile(folder).ids(1, 3)
    (['', 'drei'], ['b', 'c'])
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        try:
            self._ends = np.memmap(self._folder / "ends", "<i8", "r")
        except (OSError, ValueError) as error:
            raise InputError(
                f"the folder holds no passages: {error}",
                given=str(folder),
                remedy="write them with write_passages",
            ) from error
        size = (self._folder / "texts").stat().st_size
        if size != self._ends[-1]:
            raise InputError(
                "the file of texts is not as long as its table says",
                given=(size, int(self._ends[-1])),
                remedy="write it anew",
            )

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._ends)

    def shard(self, number: int, shards: int) -> tuple[int, int]:
        """First passage and the one after the last of shard `number` (from 0) of `shards`, equal within one.

        Raises `ParameterError` for a shard that there is not, and where there are more shards than passages.
        """
        if not 0 <= number < shards <= len(self):
            raise ParameterError(
                "there is no such shard", given=(number, shards, len(self)), remedy="ask for fewer shards"
            )
        return len(self) * number // shards, len(self) * (number + 1) // shards

    def texts(self, start: int, stop: int) -> list[str]:
        """The texts from `start` up to `stop`, which alone are read."""
        if stop <= start:
            return []
        begin = int(self._ends[start - 1]) if start else 0
        content = self._texts[begin : int(self._ends[stop - 1])].tobytes()
        cuts = [0, *(self._ends[start:stop] - begin).tolist()]
        return [content[a:b].decode() for a, b in pairwise(cuts)]

    def ids(self, start: int, stop: int) -> list[str]:
        """The ids from `start` up to `stop`."""
        found = []
        with (self._folder / "ids").open(encoding="utf-8", newline="\n") as file:
            for place, line in enumerate(file):
                if place >= stop:
                    break
                if place >= start:
                    found.append(line[:-1])
        return found

    @cached_property
    def _texts(self) -> np.ndarray:
        size = (self._folder / "texts").stat().st_size
        return np.memmap(self._folder / "texts", np.uint8, "r") if size else np.zeros(0, np.uint8)
