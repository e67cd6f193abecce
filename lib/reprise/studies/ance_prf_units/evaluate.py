"""Units that evaluate: a retriever with Vector-PRF and fusion, an ANCE-PRF encoder alone and fused.

In all of them `judged` says what is evaluated ({"split", "dataset", "measures"}) and `searched` how
({"prebuilt", "depth", and the options of fusion}).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from reprise.studies.retrieval_units.dense import open_index, topic_vectors
from reprise.studies.retrieval_units.judge import Judge

Settings = Mapping[str, Any]
Factors = Mapping[str, str]

FUSED = ("pre-prf", "post-prf", "both-prf")


def evaluate_vectors(
    context: Any, *, judged: Settings, searched: Settings, factors: Factors
) -> dict[str, Any]:
    """Cells of one search with the vectors of the unit in the role "queries"."""
    from reprise.retrieval.own_documents import search_documents

    judge = Judge(context, **judged)
    vectors = np.load(context.folder_of("queries") / "vectors.npy")
    index = open_index(context, searched["prebuilt"])
    run = search_documents(
        lambda wanted: index.search(judge.topics, vectors, wanted),
        searched["depth"],
        remove_query=judge.remove_query,
    )
    return {"topics": judge.texts, "cells": judge.cells(run, factors)}


def evaluate_baselines(
    context: Any,
    *,
    judged: Settings,
    searched: Settings,
    factors: Factors,
    k: int,
    vector_prf: Mapping[str, Settings],
    weight: float,
    sparse: str,
) -> dict[str, Any]:
    """Cells of the retriever alone, with Vector-PRF, and both fused with a sparse list at each stage."""
    from reprise.retrieval.prf import rocchio_prf
    from reprise.retrieval.stages import search_stage

    judge = Judge(context, **judged)
    shared = {
        "query_vectors": topic_vectors(context),
        "query_ids": judge.topics,
        "remove_query": judge.remove_query,
        **_search(context, searched),
    }
    cells = judge.cells(search_stage("dense", **shared), {**factors, "system": "base"})
    fused = {**shared, "sparse": _sparse_run(context), "weight": weight}
    cells += judge.cells(
        search_stage("no-prf", **fused), {**factors, "system": "base", "sparse": sparse, "stage": "no-prf"}
    )
    for name, weights in context.progress(vector_prf.items(), label=factors["dense"]):
        prf = {"feedback": partial(rocchio_prf, **weights), "prf_depth": k}
        named = {**factors, "system": name, "k": str(k)}
        cells += judge.cells(search_stage("vprf", **shared, **prf), named)
        for stage in FUSED:
            cells += judge.cells(
                search_stage(stage, **fused, **prf), {**named, "sparse": sparse, "stage": stage}
            )
    return {"topics": judge.texts, "cells": cells}


def evaluate_fused(
    context: Any, *, judged: Settings, searched: Settings, factors: Factors, weight: float, sparse: str
) -> dict[str, Any]:
    """Cells of ANCE-PRF fused with a sparse list before feedback, after it, and both.

    The vectors in the role "dense" have read the dense list, those in the role "fused" the fused one.
    """
    from reprise.retrieval.ance_prf_search import search_trained

    judge = Judge(context, **judged)
    cells = []
    for stage in context.progress(FUSED, label=factors["dense"]):
        role = "dense" if stage == "post-prf" else "fused"
        vectors = np.load(context.folder_of(role) / "vectors.npy")
        run = search_trained(
            stage,
            lambda _, vectors=vectors: vectors,
            query_vectors=topic_vectors(context),
            query_ids=judge.topics,
            remove_query=judge.remove_query,
            sparse=_sparse_run(context),
            weight=weight,
            **_search(context, searched),
        )
        cells += judge.cells(run, {**factors, "sparse": sparse, "stage": stage})
    return {"cells": cells}


def fuse_first(context: Any, *, split: str, searched: Settings, weight: float) -> dict[str, Any]:
    """The dense list fused with the sparse one: what feeds feedback when interpolation comes before it."""
    from reprise.retrieval.stages import search_stage
    from reprise.studies.retrieval_units.collections import open_collection

    collection = open_collection(context)
    topics = [t.id for t in collection.split(split).topics]
    run = search_stage(
        "no-prf",
        remove_query=collection.remove_query,
        query_vectors=topic_vectors(context),
        query_ids=topics,
        sparse=_sparse_run(context),
        weight=weight,
        **_search(context, searched),
    )
    run.save(context.folder / "run.npz")
    return {"topics": len(topics), "results": run.size}


def _search(context: Any, searched: Settings) -> dict[str, Any]:
    """The options of `search_stage`, with the index opened."""
    options = {name: value for name, value in searched.items() if name != "prebuilt"}
    return {"index": open_index(context, searched["prebuilt"]), **options}


def _sparse_run(context: Any) -> Any:
    from reprise.retrieval.run import Run

    return Run.load(context.folder_of("sparse") / "run.npz")
