"""When to interpolate: a sparse list fused with a dense one before feedback, after it, both, or neither.

Li et al. (SIGIR 2022, arXiv 2205.00235, section 2). All of the paper's systems walk one road:

    query vector -> first list -> [fuse] -> feedback -> second list -> [fuse]

    stage      first list that feeds PRF     second list    final list
    dense      -                             -              dense
    vprf       dense                         dense          second list
    no-prf     -                             -              dense fused with sparse
    pre-prf    dense fused with sparse       dense          second list, not fused again
    post-prf   dense                         dense          second list fused with sparse
    both-prf   dense fused with sparse       dense          second list fused with sparse

A feedback passage may come from the sparse list alone; the paper does not speak of it. Its vector is fetched
from the dense index by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.fusion import interpolate
from reprise.retrieval.own_documents import search_documents
from reprise.retrieval.prf import feedback_vectors
from reprise.retrieval.run import Run


class Stage(NamedTuple):
    """What a system does: fuse the list that feeds feedback, use feedback, fuse the final list."""

    fused_before: bool
    feedback: bool
    fused_after: bool


STAGE = {
    "dense": Stage(False, False, False),
    "vprf": Stage(False, True, False),
    "no-prf": Stage(False, False, True),
    "pre-prf": Stage(True, True, False),
    "post-prf": Stage(False, True, True),
    "both-prf": Stage(True, True, True),
}

STAGES = tuple(STAGE)
PRF_STAGES = tuple(name for name, stage in STAGE.items() if stage.feedback)
FUSED_STAGES = tuple(name for name, stage in STAGE.items() if stage.fused_before or stage.fused_after)

Feedback = Callable[..., np.ndarray]
"""(queries, feedback vectors, mask=mask) -> queries: `average_prf`, or `rocchio_prf` with its weights."""


def search_stage(
    stage: str,
    *,
    query_vectors: np.ndarray,
    query_ids: Sequence[str],
    index: DenseIndex,
    sparse: Run | None = None,
    feedback: Feedback | None = None,
    prf_depth: int = 3,
    weight: float = 0.5,
    normalisation: str = "min-max",
    normalised: str = "both",
    missing: str = "zero",
    fusion_depth: int | None = None,
    depth: int = 1000,
    remove_query: bool = False,
) -> Run:
    """Search at one of `STAGES`; `query_vectors` are (queries, dim), the options of fusion `interpolate`'s.

    The first `prf_depth` documents of the list that feeds PRF are its feedback; a query with fewer uses
    those, and one with none goes on as it was (see `prf`). A query that the sparse run lacks is fused with
    an empty list; queries that only the sparse run has are left out. Dense lists are searched `fusion_depth`
    deep where that is more than `depth`; with `remove_query` they never hold a query's own document (see
    `own_documents`), of which the sparse run must be free.

    Raises `ParameterError` for an unknown stage and for a missing sparse run or feedback function, and
    `InputError` for vectors that do not fit the index and for a feedback document that it does not hold.
    """
    if stage not in STAGE:
        raise ParameterError(f"unknown stage {stage!r}", given=list(STAGES))
    fused_before, with_feedback, fused_after = STAGE[stage]
    if stage in FUSED_STAGES and sparse is None:
        raise ParameterError(f"stage {stage!r} fuses with a sparse run", remedy="give one")
    if stage in PRF_STAGES and feedback is None:
        raise ParameterError(f"stage {stage!r} needs a feedback function", remedy="give rocchio_prf")

    def search(vectors: np.ndarray) -> Run:
        deepest = max(depth, fusion_depth or 0)
        return search_documents(
            lambda wanted: index.search(query_ids, vectors, wanted), deepest, remove_query=remove_query
        )

    def fuse(dense: Run) -> Run:
        return interpolate(
            sparse.select(query_ids),
            dense,
            weight,
            normalisation=normalisation,
            normalised=normalised,
            missing=missing,
            fusion_depth=fusion_depth,
            depth=depth,
        ).select(query_ids)

    found = search(query_vectors)
    if with_feedback:
        feeding = fuse(found) if fused_before else found
        vectors, mask = feedback_vectors(feeding, index, prf_depth)
        found = search(feedback(query_vectors, vectors, mask=mask))
    return fuse(found) if fused_after else found.cut(depth)
