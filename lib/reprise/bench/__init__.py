"""Benchmarks: ratios against a peer in the same run, or times against a goal.

A module here whose `benchmark()` gives rows is one: {"name", "ours_s"} with either {"peer_s", "ratio",
"spread"} or {"goal_s"}, and a "note"; no rows where the machine lacks what it is about. Times are in
seconds; a ratio above 1 says that ours is faster. A row with "share" and "most" is of a share that must not
be larger than that.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any

from reprise.errors import ParameterError


def names() -> list[str]:
    """The names of all benchmarks, sorted."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in modules if hasattr(importlib.import_module(f"{__name__}.{name}"), "benchmark")]


def run_benchmarks(wanted: Sequence[str] = ()) -> bool:
    """Run the named benchmarks, or all, and print a table of each; whether every goal was met.

    Raises `ParameterError` for an unknown name.
    """
    from rich.console import Console
    from rich.table import Table

    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise ParameterError(
            f"there is no benchmark {unknown[0]!r}", remedy=f"choose from {', '.join(names())}"
        )
    console, met = Console(), True
    for name in wanted or names():
        rows = importlib.import_module(f"{__name__}.{name}").benchmark()
        if not rows:
            console.print(f"{name}: there is nothing to measure on this machine")
            continue
        table = Table("what", "ours", "against", "", "note", title=name, title_justify="left", box=None)
        for row in rows:
            table.add_row(row["name"], _time(row["ours_s"]), *_against(row), row.get("note", ""))
            met = met and row["ours_s"] <= row.get("goal_s", row["ours_s"])
            met = met and row.get("share", 0) <= row.get("most", 1)
        (console if console.is_terminal else Console(width=160)).print(table)
    return met


def _against(row: Mapping[str, Any]) -> tuple[str, str]:
    if "share" in row:
        return f"{row['share']:.1%}, at most {row['most']:.0%}", "met" if row["share"] <= row[
            "most"
        ] else "MISSED"
    if "goal_s" in row:
        return f"goal: {_time(row['goal_s'])}", "met" if row["ours_s"] <= row["goal_s"] else "MISSED"
    low, high = row["spread"]
    return f"peer: {_time(row['peer_s'])}", f"{row['ratio']:.2f}x ({low:.2f}-{high:.2f})"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} us"
