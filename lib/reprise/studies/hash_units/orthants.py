"""The unit that measures where a corpus's sign codes lie, before and after adaptation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def measure_orthants(
    context: Any, *, dataset: str, systems: Mapping[str, Mapping[str, str]], radii: Sequence[float]
) -> dict[str, Any]:
    """Balance, entropy and radius occupancy of the codes of every system, a role of this unit each.

    The system "signs" has the signs of the base retriever's vectors.
    """
    from reprise.compression.binary import document_codes
    from reprise.compression.orthants import bit_balance, code_entropy, orthants_used, radius_occupancy
    from reprise.studies.hash_units.vectors import read_vectors

    cells, occupancy = [], []
    for role, factors in systems.items():
        if role == "base":
            codes = document_codes(read_vectors(context, "base").documents)
        else:
            codes = np.load(context.folder_of(role) / "codes.npy")
        found = {
            "bit balance": bit_balance(codes),
            "bit entropy": code_entropy(codes),
            "orthants per document": orthants_used(codes) / len(codes),
        }
        cells += [
            {"dataset": dataset, "measure": name, "factors": dict(factors), "value": value}
            for name, value in found.items()
        ]
        occupancy += [
            {
                "dataset": dataset,
                "measure": "radius occupancy",
                "factors": {**factors, "radius": str(radius)},
                "value": share,
            }
            for radius, share in zip(radii, radius_occupancy(codes, radii), strict=True)
        ]
    return {"cells": cells, "occupancy": occupancy}
