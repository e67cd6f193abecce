"""The ledger: what a paper claims, and how far the numbers bear it out."""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry

_MODULE_OF = {
    "Verdict": "verdict",
    "judge_ledger": "judge.judge",
    "load_ledger": "ledger",
    "load_published": "published",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
