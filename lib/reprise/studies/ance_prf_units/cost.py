"""The unit that takes the time of a query, one at a time, and the size of what search needs on disk.

Times are of this machine and no part of what a second run gives again; only their ratio says something. All
ways are timed on the same topics in turn, after one untimed topic; a topic's time is the median of its
repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from reprise.studies.ance_prf_units.models import Start, open_encoder, open_passages
from reprise.studies.retrieval_units.collections import open_collection
from reprise.studies.retrieval_units.dense import open_index

TIME, SIZE = "ms/query", "index MB"


def measure_cost(
    context: Any,
    *,
    split: str,
    dataset: str,
    factors: Mapping[str, str],
    training: str,
    source: Start,
    form: Mapping[str, Any],
    k: int,
    weights: Mapping[str, float],
    queries: int,
    repeats: int,
    depth: int,
    precision: str,
    prebuilt: str | None,
    texts: str | None,
) -> dict[str, Any]:
    """Milliseconds a query of the retriever alone, with Rocchio and with ANCE-PRF; megabytes of the index."""
    from reprise.retrieval.ance_prf_search import encode_feedback
    from reprise.retrieval.encoders import load_encoder
    from reprise.retrieval.prf import feedback_vectors, rocchio_prf

    topics = open_collection(context).split(split).topics[: queries + 1]
    index, passages = open_index(context, prebuilt), open_passages(context, texts)
    retriever = load_encoder(
        source["start"] or context.folder_of("model") / "model", precision=precision, threads=context.threads
    )
    reader = open_encoder(context, source, form, precision=precision)

    def base(topic: Any) -> Any:
        vectors = retriever.encode_queries([topic.text])
        return vectors, index.search([topic.id], vectors, depth, threads=context.threads)

    def rocchio(topic: Any) -> Any:
        vectors, first = base(topic)
        found, mask = feedback_vectors(first, index, k)
        changed = rocchio_prf(vectors, found, **weights, mask=mask)
        return index.search([topic.id], changed, depth, threads=context.threads)

    def trained(topic: Any) -> Any:
        _, first = base(topic)
        read = encode_feedback(reader, [topic.text], first, passages, k)
        return index.search([topic.id], read, depth, threads=context.threads)

    ways: dict[tuple[str, str], Callable] = {("base", ""): base, ("rocchio", str(k)): rocchio}
    ways["ance-prf", str(k)] = trained
    for way in ways.values():
        way(topics[0])
    taken: dict[tuple[str, str], dict[str, float]] = {name: {} for name in ways}
    for topic in context.progress(topics[1:], label="cost"):
        times = [{name: _time(way, topic) for name, way in ways.items()} for _ in range(repeats)]
        for name in ways:
            taken[name][topic.id] = 1000 * float(np.median([t[name] for t in times]))
    size = _index_bytes(context, prebuilt) / 1e6
    cells = []
    for (system, depth_k), samples in taken.items():
        named = {**factors, "system": system, **({"k": depth_k} if depth_k else {})}
        named |= {"training": training} if system == "ance-prf" else {}
        value = float(np.mean(list(samples.values())))
        cells.append(_cell(dataset, TIME, named, value, samples))
        cells.append(_cell(dataset, SIZE, named, size, {}))
    return {"cells": cells}


def _cell(
    dataset: str, measure: str, factors: Mapping[str, str], value: float, samples: Mapping[str, float]
) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "dataset": dataset,
        "measure": measure,
        "factors": dict(factors),
        "value": round(value, 3),
    }
    if samples:
        cell |= {"n": len(samples), "samples": {t: round(v, 3) for t, v in samples.items()}}
    return cell


def _time(way: Callable, topic: Any) -> float:
    start = perf_counter()
    way(topic)
    return perf_counter() - start


def _index_bytes(context: Any, prebuilt: str | None) -> int:
    """What the files of the dense index take; feedback of either kind adds no other index."""
    from reprise.retrieval.lucene import prebuilt_folder

    folder = prebuilt_folder(prebuilt) if prebuilt else context.folder_of("index") / "index"
    return sum((Path(folder) / name).stat().st_size for name in ("index", "docid"))
