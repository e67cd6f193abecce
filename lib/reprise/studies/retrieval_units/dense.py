"""Units of dense retrieval: an index of document vectors, topic vectors, and a run a split."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from reprise.studies.retrieval_units.collections import open_collection


def _encoder(context: Any, encoder: str | None, precision: str) -> Any:
    """The encoder trained by the unit in the role "model", or the released one of that name."""
    from reprise.retrieval.encoders import load_encoder

    source = encoder or context.folder_of("model") / "model"
    return load_encoder(source, precision=precision, threads=context.threads)


def encode_collection(
    context: Any, *, encoder: str | None, precision: str, max_document_tokens: int | None
) -> dict[str, Any]:
    """Encode every document and store the vectors as a flat inner-product index.

    Documents are cut at `max_document_tokens`; None leaves the limit that the encoder brings.
    """
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.vocabulary import count_outside

    collection = open_collection(context)
    model = _encoder(context, encoder, precision)
    if max_document_tokens is not None:
        model = dataclasses.replace(model, max_document_tokens=max_document_tokens)
    vectors = model.encode_documents(collection.texts, progress=context.progress)
    DenseIndex.from_vectors(collection.doc_ids, vectors).save(context.folder / "index")
    return {
        "documents": len(vectors),
        "dimension": int(vectors.shape[1]),
        "encoder": model.fingerprint,
        "vocabulary": count_outside(getattr(model, "tokenizer", None), collection.texts),
    }


def encode_topics(context: Any, *, split: str, encoder: str | None, precision: str) -> dict[str, Any]:
    """Encode the topics of one split."""
    topics = open_collection(context).split(split).topics
    vectors = _encoder(context, encoder, precision).encode_queries([t.text for t in topics])
    np.save(context.folder / "vectors.npy", vectors)
    return {"topics": len(topics), "dimension": int(vectors.shape[1])}


def search_dense(context: Any, *, split: str, depth: int, prebuilt: str | None) -> dict[str, Any]:
    """The run of a dense retriever over one split, without feedback."""
    from reprise.retrieval.own_documents import search_documents

    collection = open_collection(context)
    ids = [t.id for t in collection.split(split).topics]
    index, vectors = open_index(context, prebuilt), topic_vectors(context)
    run = search_documents(
        lambda wanted: index.search(ids, vectors, wanted), depth, remove_query=collection.remove_query
    )
    run.save(context.folder / "run.npz")
    return {"topics": len(ids), "results": run.size}


def open_index(context: Any, prebuilt: str | None) -> Any:
    """The dense index this unit needs: one built here, or one of pyserini's prebuilt ones."""
    from reprise.retrieval.dense import DenseIndex

    return (
        DenseIndex.prebuilt(prebuilt) if prebuilt else DenseIndex.open(context.folder_of("index") / "index")
    )


def topic_vectors(context: Any) -> np.ndarray:
    """The topic vectors this unit needs: (topics, dimension)."""
    return np.load(context.folder_of("topics") / "vectors.npy")
