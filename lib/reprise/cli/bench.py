"""`reprise bench`: the benchmarks, each a ratio against a peer or against its goal in the same run."""

from __future__ import annotations

from typing import Annotated

import typer


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Names of benchmarks; all when none.")] = None,
) -> None:
    """Measure the methods against their peers, and the machinery against its goals."""
    from reprise.bench import run_benchmarks

    run_benchmarks(names or [])
