"""Retrieval methods in the field's own terms: they take and return arrays and runs, and write no files
except the indexes they are asked to write."""

from __future__ import annotations

from typing import Any

from reprise.entry_points import find_entry

_MODULE_OF = {
    "BM25Index": "bm25",
    "DenseIndex": "dense",
    "ImpactIndex": "impact",
    "Run": "run",
    "average_prf": "prf",
    "feedback_vectors": "prf",
    "interpolate": "fusion",
    "load_encoder": "encoders",
    "open_cross_encoder": "cross_encoder",
    "read_trec": "trec_run",
    "reciprocal_rank_fusion": "fusion",
    "rocchio_prf": "prf",
    "search_stage": "stages",
    "write_trec": "trec_run",
}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    return find_entry(__name__, _MODULE_OF, name)


def __dir__() -> list[str]:
    return __all__
