"""Who took what: users and items in a fixed split, as they lie under `REPRISE_DATA`/interactions.

A line is a user and the items that it took, numbers from 0 with spaces between them, in `train` and `test`
(the form of NGCF and LightGCN).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reprise.data.oddities import Oddities, Oddity
from reprise.data.open_sets import OpenSet, find_open_set, read_lines


@dataclass(frozen=True)
class Interactions:
    """A set: pairs of user and item, (pairs, 2) int32 sorted, of each part; users and items are numbered from
    0."""

    name: str
    licence: str
    users: int
    items: int
    train: np.ndarray
    test: np.ndarray
    oddities: tuple[Oddity, ...]


def load_interactions(name: str) -> Interactions:
    """Both parts of a set.

    Left out and counted: lines that are not numbers, users without items, pairs that stand twice, and test
    pairs that the training part has as well. Raises as `find_open_set` and `read_lines`.
    """
    found, odd = find_open_set("interactions", name), Oddities()
    train, test = (_read(found, part, odd) for part in ("train", "test"))
    odd.totals["pairs"] = len(train) + len(test)
    width = 1 + max(int(part[:, 1].max()) for part in (train, test))
    known = np.isin(_keys(test, width), _keys(train, width))
    for user, item in test[known].tolist():
        odd.add("pairs", "test pairs that the training part has, left out", f"{user} {item}")
    users = 1 + max(int(part[:, 0].max()) for part in (train, test))
    return Interactions(name, found.licence, users, width, train, test[~known], odd.found())


def _read(found: OpenSet, part: str, odd: Oddities) -> np.ndarray:
    pairs: list[tuple[int, int]] = []
    for where, line in read_lines(found.file(part), odd):
        words = line.split()
        if not all(word.isascii() and word.isdigit() for word in words):
            odd.add("lines", "lines that are not numbers, left out", where)
        elif len(words) == 1:
            odd.add("lines", "users without items, left out", where)
        else:
            pairs += [(int(words[0]), int(item)) for item in words[1:]]
    sorted_pairs = np.unique(np.array(pairs, np.int32).reshape(-1, 2), axis=0)
    for _ in range(len(pairs) - len(sorted_pairs)):
        odd.add("pairs", f"{part}: pairs that stand twice, taken once", part)
    return sorted_pairs


def _keys(pairs: np.ndarray, width: int) -> np.ndarray:
    return pairs[:, 0].astype(np.int64) * width + pairs[:, 1]
