"""The names that a package offers, looked up in its modules when they are first asked for.

A package says in a table which of its modules a name stands in. So `from reprise.data import load_collection`
works and `dir(reprise.data)` shows what there is, while importing a package stays free of all that its
modules need. The table is for those who use the library: the library itself imports from the modules, so that
what a result depends on can be read from its code.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any


def find_entry(package: str, table: Mapping[str, str], name: str) -> Any:
    """What `name` stands for in a package whose `table` says in which module each name is made.

    "judge.judge" says that it has another name there: a package cannot offer a function under the name of one
    of its modules, which takes its place once it is imported. An empty text says that it is a module itself.
    Raises `AttributeError`, as Python asks for.

    >>> find_entry("reprise.data", {"load_collection": "load"}, "load_collection").__module__
    'reprise.data.load'
    """
    if name not in table:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    module, _, renamed = table[name].partition(".")
    if not module:
        return importlib.import_module(f"{package}.{name}")
    return getattr(importlib.import_module(f"{package}.{module}"), renamed or name)
