"""Units that evaluate a dense retriever at every interpolation stage, alone and with feedback.

In all of them `judged` says what is evaluated ({"split", "dataset", "measures"}) and `searched` with
what ({"dense", "sparse", "prebuilt", and the options of fusion}).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from reprise.retrieval.stages import FUSED_STAGES, PRF_STAGES
from reprise.studies.retrieval_units.dense import open_index, topic_vectors
from reprise.studies.retrieval_units.judge import Judge

Settings = Mapping[str, Any]


def evaluate_sparse(context: Any, *, judged: Settings, sparse: str) -> dict[str, Any]:
    """Cells of a sparse retriever alone, which the paper's table leaves out."""
    from reprise.retrieval.run import Run

    judge = Judge(context, **judged)
    run = Run.load(context.folder_of("run") / "run.npz")
    return {"topics": judge.texts, "cells": judge.cells(run, {"sparse": sparse, "stage": "sparse"})}


def evaluate_stages(
    context: Any, *, judged: Settings, searched: Settings, weight: float, feedback: Mapping[str, Settings]
) -> dict[str, Any]:
    """Cells of one dense retriever: alone, with feedback, and fused with each sparse list at each stage."""
    judge = Judge(context, **judged)
    search = _Search(context, judge, **searched)
    systems = [
        (stage, sparse, setting)
        for stage, sparse in _systems(searched["sparse"])
        for setting in (feedback if stage in PRF_STAGES else [None])
    ]
    cells = []
    for stage, sparse, setting in context.progress(systems, label=searched["dense"]):
        run = search(stage, sparse, weight=weight, **(feedback[setting] if setting else {}))
        cells += judge.cells(run, search.factors(stage, sparse, prf=setting))
    return {"topics": judge.texts, "cells": cells}


def sweep_depth(
    context: Any,
    *,
    judged: Settings,
    searched: Settings,
    weight: float,
    feedback: Settings,
    depths: Sequence[int],
) -> dict[str, Any]:
    """Cells of every stage with feedback at several PRF depths k."""
    judge = Judge(context, **judged)
    search = _Search(context, judge, **searched)
    cells = []
    for stage, sparse in _systems(searched["sparse"]):
        for k in depths if stage in PRF_STAGES else ():
            run = search(stage, sparse, weight=weight, **{**feedback, "k": k})
            cells += judge.cells(run, search.factors(stage, sparse, k=str(k)))
    return {"cells": cells}


def sweep_weight(
    context: Any, *, judged: Settings, searched: Settings, weights: Sequence[float], feedback: Settings
) -> dict[str, Any]:
    """Cells of fusion without feedback and at both stages, at several interpolation weights."""
    judge = Judge(context, **judged)
    search = _Search(context, judge, **searched)
    cells = []
    for stage, sparse in _systems(searched["sparse"]):
        for weight in weights if stage in ("no-prf", "both-prf") else ():
            run = search(stage, sparse, weight=weight, **(feedback if stage in PRF_STAGES else {}))
            cells += judge.cells(run, search.factors(stage, sparse, weight=str(weight)))
    return {"cells": cells}


class _Search:
    """Search at a stage with what the unit needs opened once: index, topic vectors and sparse runs."""

    def __init__(
        self,
        context: Any,
        judge: Judge,
        *,
        dense: str,
        sparse: Sequence[str],
        prebuilt: str | None,
        **fusion: Any,
    ) -> None:
        from reprise.retrieval.run import Run

        self._dense = dense
        self._sparse = {name: Run.load(context.folder_of(f"run/{name}") / "run.npz") for name in sparse}
        self._shared = {
            "query_vectors": topic_vectors(context),
            "query_ids": judge.topics,
            "remove_query": judge.remove_query,
            "index": open_index(context, prebuilt),
            **fusion,
        }

    def __call__(
        self,
        stage: str,
        sparse: str | None,
        *,
        weight: float,
        alpha: float = 1.0,
        beta: float = 0.0,
        k: int = 3,
    ) -> Any:
        from reprise.retrieval.prf import rocchio_prf
        from reprise.retrieval.stages import search_stage

        return search_stage(
            stage,
            sparse=self._sparse[sparse] if sparse else None,
            weight=weight,
            prf_depth=k,
            feedback=partial(rocchio_prf, alpha=alpha, beta=beta),
            **self._shared,
        )

    def factors(self, stage: str, sparse: str | None, **others: str | None) -> dict[str, str]:
        """The factors of the system, without those that it does not have."""
        named = {"dense": self._dense, "sparse": sparse, "stage": stage, **others}
        return {name: value for name, value in named.items() if value is not None}


def _systems(sparse: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """(stage, sparse retriever) of every system on one dense retriever."""
    yield from (("dense", None), ("vprf", None))
    for name in sparse:
        yield from ((stage, name) for stage in FUSED_STAGES)
