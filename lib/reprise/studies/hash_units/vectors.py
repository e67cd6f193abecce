"""Units that turn texts into vectors, and how later units read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from reprise.compression.vectors import check_vectors
from reprise.studies.retrieval_units.collections import open_collection


class Vectors(NamedTuple):
    """Documents (documents, dim) and the topics of each split, float32."""

    documents: np.ndarray
    topics: dict[str, np.ndarray]


def encode(context: Any, *, encoder: str | None, splits: Sequence[str], reading: dict) -> dict[str, Any]:
    """Vectors of all documents and of the topics of some splits, by a released encoder or the "model"."""
    from reprise.retrieval.vocabulary import count_outside

    collection = open_collection(context)
    made = open_encoder(context, encoder, **reading)
    unit = bool(getattr(made, "normalise", False))
    vectors = check_vectors(made.encode_documents(collection.texts, progress=context.progress), unit=unit)
    np.save(context.folder / "documents.npy", vectors)
    for split in splits:
        topics = made.encode_queries([t.text for t in collection.split(split).topics])
        np.save(context.folder / f"topics-{split}.npy", check_vectors(topics, "topic", unit=unit))
    return {
        "documents": len(vectors),
        "dimension": int(vectors.shape[1]),
        "encoder": made.fingerprint,
        "vocabulary": count_outside(getattr(made, "tokenizer", None), collection.texts),
    }


def open_encoder(
    context: Any,
    encoder: str | None,
    *,
    precision: str,
    document_tokens: int,
    pooling: str = "mean",
    normalise: bool = True,
) -> Any:
    """The released encoder of that name or the one in the role "model", for documents of so many tokens.

    What was trained here, and the papers' encoders, know their own pooling.
    """
    from reprise.retrieval.encoders import TransformerEncoder, load_encoder

    source = encoder or context.folder_of("model") / "model"
    made = load_encoder(
        source, precision=precision, threads=context.threads, pooling=pooling, normalise=normalise
    )
    if isinstance(made, TransformerEncoder):
        return replace(made, max_document_tokens=document_tokens)
    return made  # the papers' encoders have limits of their own


def read_vectors(context: Any, role: str, *splits: str) -> Vectors:
    """The vectors that the unit in that role wrote."""
    folder = context.folder_of(role)
    return Vectors(
        np.load(folder / "documents.npy"),
        {split: np.load(folder / f"topics-{split}.npy") for split in splits},
    )
