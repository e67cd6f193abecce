"""Measures, significance tests and reproducibility measures over runs and cells."""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry

_MODULE_OF = {
    "Cell": "cells",
    "Cells": "cells",
    "adjust": "correction",
    "bootstrap_interval": "intervals",
    "compare": "significance",
    "compare_family": "significance",
    "compare_runs": "rankings",
    "equivalence_test": "equivalence",
    "evaluate": "measures",
    "measure_reproducibility": "reproducibility",
    "paired_differences": "significance",
    "paired_t_test": "significance",
    "permutation_test": "significance",
    "t_interval": "intervals",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
