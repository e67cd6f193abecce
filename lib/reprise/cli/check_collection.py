"""`reprise check-collection`: reads a collection as the studies would, and says what is odd about it."""

from __future__ import annotations

from typing import Annotated

import typer


def check_collection(
    name: Annotated[
        str, typer.Argument(help="A folder or zip in BEIR's layout, an id of ir-datasets.com, or pydocs.")
    ],
    relevance_threshold: Annotated[
        int | None, typer.Option(min=1, help="The lowest grade that counts as relevant.")
    ] = None,
) -> None:
    """Read a collection as the studies do, and say what it is and what is odd about it."""
    from rich.console import Console
    from rich.table import Table

    from reprise.data.load import load_collection
    from reprise.studies.retrieval_units.look import look_at

    options = {} if relevance_threshold is None else {"relevance_threshold": relevance_threshold}
    findings = look_at(name, load_collection(name, **options))
    table = Table("what", "", "found", box=None)
    for finding in findings:
        table.add_row(finding.what, "odd" if finding.odd else "", finding.found)
    Console(width=None if Console().is_terminal else 200).print(table)
    odd = sum(finding.odd for finding in findings)
    print(f"{name}: it can be read; {odd} of the above {'is' if odd == 1 else 'are'} odd")
