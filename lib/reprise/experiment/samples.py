"""Samples as results.json holds them: the names of topics or seeds once, then a list of values a cell.

A study with hundreds of topics has hundreds of values behind each of its cells; with every value under its
topic's name, names would be nine tenths of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

KEYS = "sample_keys"
"""Where the lists of names stand in results.json."""


def pack_samples(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with each cell's samples as {"keys": which list of names, "values": [...]}.

    >>> packed = pack_samples({"cells": [{"value": 0.5, "samples": {"q1": 0.0, "q2": 1.0}}]})
    >>> packed["sample_keys"], packed["cells"][0]["samples"]
    ([['q1', 'q2']], {'keys': 0, 'values': [0.0, 1.0]})
    """
    lists: dict[tuple[str, ...], int] = {}

    def pack(samples: Mapping[str, float]) -> dict[str, Any]:
        names = tuple(sorted(map(str, samples)))
        by_name = {str(name): value for name, value in samples.items()}
        return {"keys": lists.setdefault(names, len(lists)), "values": [by_name[name] for name in names]}

    packed = _with_samples(body, pack)
    return {**packed, KEYS: [list(names) for names in lists]} if lists else packed


def unpack_samples(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it was before `pack_samples`, up to the order of names.

    >>> body = {"cells": [{"value": 0.5, "samples": {"q1": 0.0, "q2": 1.0}}]}
    >>> unpack_samples(pack_samples(body)) == body
    True
    """
    lists = body.get(KEYS, [])

    def unpack(samples: Mapping[str, Any]) -> dict[str, float]:
        return dict(zip(lists[samples["keys"]], samples["values"], strict=True))

    return _with_samples({name: part for name, part in body.items() if name != KEYS}, unpack)


def _with_samples(body: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The body with the samples of every list of cells changed, wherever it stands at the top."""
    return {name: _changed(part, change) if isinstance(part, list) else part for name, part in body.items()}


def _changed(part: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [
        {**item, "samples": change(item["samples"])}
        if isinstance(item, dict) and item.get("samples")
        else item
        for item in part
    ]
