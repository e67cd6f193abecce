"""Units of the query encoder: its training, and the vectors it gives for topics with their feedback."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from reprise.studies.ance_prf_units.examples import read_examples
from reprise.studies.retrieval_units.collections import open_collection
from reprise.studies.retrieval_units.dense import open_index

Start = Mapping[str, Any]
"""Where an encoder comes from: {"start": a retriever's name or None for the unit in the role "model",
"checkpoint": what stands in for a paper's released weights or None}."""


def train_query_encoder(
    context: Any,
    *,
    source: Start,
    k: int,
    form: Mapping[str, Any],
    loop: Mapping[str, Any],
    objective: Mapping[str, Any],
    shards: int,
    processes: int,
    prebuilt: str | None,
    texts: str | None,
) -> dict[str, Any]:
    """Train the encoder that reads k passages, from the retriever's own query encoder."""
    from reprise.retrieval.ance_prf import train_prf
    from reprise.retrieval.ance_prf_parallel import train_prf_parallel
    from reprise.retrieval.training import TrainingSettings

    folders = [context.folder_of(f"examples/{shard}") for shard in range(shards)]
    examples = read_examples(folders, open_passages(context, texts), k)
    device = "cuda" if processes > 1 and context.device.startswith("cuda") else context.device
    settings = dataclasses.replace(
        TrainingSettings(**loop), seed=context.seed, threads=context.threads, device=device
    )
    encoder = open_encoder(context, source, form, device="cpu" if processes > 1 else device)
    index = open_index(context, prebuilt)
    if processes > 1:
        index.save(context.checkpoints / "index") if not (context.checkpoints / "index").exists() else None
        log = train_prf_parallel(
            encoder,
            [e._replace(negatives=tuple(map(str, e.negatives))) for e in examples],
            context.checkpoints / "index",
            settings,
            processes=processes,
            work_folder=context.checkpoints,
            **objective,
        )
    else:
        log = train_prf(
            encoder,
            examples,
            index,
            settings,
            **objective,
            checkpoint_folder=context.checkpoints,
            progress=context.progress,
        )
    encoder.save(context.folder / "model")
    tenth = max(len(log.losses) // 10, 1)
    return {
        "examples": len(examples),
        "first_loss": float(np.mean(log.losses[:tenth])),
        "last_loss": float(np.mean(log.losses[-tenth:])),
    }


def encode_with_feedback(
    context: Any,
    *,
    source: Start,
    split: str,
    k: int,
    form: Mapping[str, Any],
    precision: str,
    texts: str | None,
) -> dict[str, Any]:
    """The vectors of one split's topics, read with the first k passages of the run in the role "first"."""
    from reprise.retrieval.ance_prf_search import encode_feedback
    from reprise.retrieval.run import Run

    topics = open_collection(context).split(split).topics
    first = Run.load(context.folder_of("first") / "run.npz").select([t.id for t in topics])
    encoder = open_encoder(context, source, form, precision=precision)
    vectors = encode_feedback(
        encoder, [t.text for t in topics], first, open_passages(context, texts), k, context.progress
    )
    np.save(context.folder / "vectors.npy", vectors)
    return {"topics": len(topics), "dimension": int(vectors.shape[1])}


def open_encoder(
    context: Any,
    source: Start,
    form: Mapping[str, Any],
    *,
    precision: str = "float32",
    device: str | None = None,
) -> Any:
    """The encoder of the unit in the role "trained", or the one that `source` names."""
    from reprise.data.load import find_folder
    from reprise.retrieval.ance_prf_load import load_prf_encoder

    options = {"precision": precision, "threads": context.threads, "device": device or context.device}
    if context.has("trained"):
        return load_prf_encoder(context.folder_of("trained") / "model", **options)
    start = source["start"] or context.folder_of("model") / "model"
    checkpoint = source["checkpoint"] and (find_folder(source["checkpoint"]) or source["checkpoint"])
    return load_prf_encoder(start, checkpoint=checkpoint, **options, **form)


def open_passages(context: Any, texts: str | None) -> Any:
    """The texts of the collection this unit needs; `texts` names pyserini's index where it has none."""
    from reprise.retrieval.ance_prf_passages import PassagesInLucene, PassagesInMemory

    if texts is not None:
        return PassagesInLucene.prebuilt(texts)
    collection = open_collection(context)
    return PassagesInMemory(dict(zip(collection.doc_ids, collection.texts, strict=True)))
