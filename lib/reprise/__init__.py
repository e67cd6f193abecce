"""Reprise: re-run the experiments of papers and judge their claims one by one.

From Python: `reprise.data`, `reprise.retrieval`, `reprise.language`, `reprise.evaluation` and
`reprise.claims`; `dir()` of each shows what it offers, and the README walks through it. Importing these is
cheap: every heavy dependency (torch, faiss, the JVM, pandas) is imported inside the functions that need it.
"""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry
from reprise.jvm import leave_stack_alone

__version__ = "0.1.0"

leave_stack_alone()

_MODULE_OF = {"claims": "", "data": "", "evaluation": "", "language": "", "retrieval": ""}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return ["__version__", *__all__]
