"""Search with trained feedback: first list, its texts into the query encoder, second list.

It walks the road of `stages`, with the trained encoder in the place of vector feedback, so fusion before or
after feedback composes with it:

    query vector -> first list -> [fuse] -> texts of the first k -> ANCE-PRF encoder -> second list -> [fuse]

Vector-PRF composes as well: the vectors are a retriever's query vectors like any others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.ance_prf_model import PrfEncoder
from reprise.retrieval.ance_prf_passages import Passages, feedback_texts
from reprise.retrieval.run import Run
from reprise.retrieval.stages import PRF_STAGES, STAGE, search_stage
from reprise.retrieval.training import Progress

Reader = Callable[[Run], np.ndarray]
"""The list that feeds feedback -> new query vectors (queries, dim), in the order of the run's queries."""


def encode_feedback(
    encoder: PrfEncoder,
    texts: Sequence[str],
    run: Run,
    passages: Passages,
    k: int,
    progress: Progress | None = None,
) -> np.ndarray:
    """Vectors (queries, dim) of the queries of a run, read with their first k passages, in one batch.

    `texts` are the queries in the run's order. Raises `InputError` as `feedback_texts` does.
    """
    return encoder.encode(texts, feedback_texts(run, passages, k), progress)


def search_trained(stage: str, read: Reader, *, query_vectors: np.ndarray, **search: Any) -> Run:
    """Search at a stage with feedback; `search` are the options of `search_stage`, without `feedback`.

    `read` is handed the first list, fused before where the stage says so. Raises `ParameterError` for a
    stage without feedback, and as `search_stage` does.
    """
    if stage not in PRF_STAGES:
        raise ParameterError(f"stage {stage!r} has no feedback", given=list(PRF_STAGES))
    fused_before, _, fused_after = STAGE[stage]
    first = search_stage("no-prf" if fused_before else "dense", query_vectors=query_vectors, **search)
    return search_stage("no-prf" if fused_after else "dense", query_vectors=read(first), **search)
