"""Units that evaluate: indexes that need no training on the base vectors, and trained hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reprise.studies.hash_units.vectors import open_encoder, read_vectors
from reprise.studies.retrieval_units.collections import open_collection
from reprise.studies.retrieval_units.judge import Judge


def evaluate_untrained(
    context: Any,
    *,
    judged: dict,
    depth: int,
    methods: Sequence[str],
    subspaces: int,
    bits: int,
    iterations: int,
    pca_dimensions: int,
    candidates: int,
) -> dict[str, Any]:
    """Cells and sizes of the uncompressed retriever and of every index that learns from vectors alone.

    "opq-source" has the codebook of the source domain: JPQ's start there, before any training. ITQ is
    left out for a corpus of fewer documents than dimensions, which has no rotation to learn from.
    """
    from reprise.compression.jpq import JpqIndex
    from reprise.compression.product import ProductCode

    vectors = read_vectors(context, "base", judged["split"])
    makers = untrained_methods(
        vectors.documents.shape[1], subspaces, bits, iterations, pca_dimensions, candidates
    )
    judge = Judge(context, **judged)
    cells, sizes = [], []
    for method in context.progress(list(methods), label=judged["dataset"]):
        if method == "itq" and len(vectors.documents) < vectors.documents.shape[1]:
            continue
        if method == "opq-source":
            code = ProductCode.open(context.folder_of("codebook") / "codebook.npz")
            index: Any = JpqIndex.from_vectors(vectors.documents, code)
        else:
            index = makers[method](vectors.documents)
        factors = {"method": method, "adaptation": "none"}
        run = as_run(context, judge, index, vectors.topics[judged["split"]], depth)
        cells += judge.cells(run, factors)
        sizes += size_cells(judged["dataset"], factors, index)
    return {"topics": judge.texts, "cells": cells, "sizes": sizes}


def untrained_methods(
    dim: int, subspaces: int, bits: int, iterations: int, pca_dimensions: int, candidates: int
) -> dict[str, Callable[[np.ndarray], Any]]:
    """How each method makes its index from document vectors."""
    from reprise.compression.binary import BinaryIndex
    from reprise.compression.lsh import itq_index, lsh_index
    from reprise.compression.product import product_index
    from reprise.compression.rabitq import rabitq_index
    from reprise.compression.reduction import pca_index, truncated_index
    from reprise.compression.scalar import eight_bit_index, half_precision_index

    return {
        "dense": flat_index,
        "fp16": half_precision_index,
        "sq8": eight_bit_index,
        "pca": lambda v: pca_index(v, pca_dimensions, centred=True),
        "pca-fair": lambda v: pca_index(v, pca_dimensions, centred=False),
        "pq": lambda v: product_index(v, subspaces, bits=bits),
        "opq": lambda v: product_index(v, subspaces, bits=bits, rotated=True, iterations=iterations),
        "lsh": lambda v: lsh_index(v, dim),
        "itq": itq_index,
        "signs": lambda v: BinaryIndex.from_vectors(v, candidates),
        "signs-hamming": lambda v: BinaryIndex.from_vectors(v, 0),
        "rabitq": rabitq_index,
        "truncated": lambda v: truncated_index(v, dim // 32),
    }


def flat_index(vectors: np.ndarray) -> Any:
    """Uncompressed vectors, searched exactly."""
    import faiss

    from reprise.compression.index import fill

    return fill(faiss.IndexFlatIP(vectors.shape[1]), vectors, None, 4.0 * vectors.shape[1])


def evaluate_encoder(
    context: Any,
    *,
    judged: dict,
    depth: int,
    factors: dict,
    encoder: str | None,
    reading: dict,
    candidates: int | None,
) -> dict[str, Any]:
    """Cells of a trained encoder: its signs with so many candidates rescored, or uncompressed for None.

    The codes of the documents stay in the unit's folder.
    """
    from reprise.compression.binary import BinaryIndex, document_codes

    collection = open_collection(context)
    made = open_encoder(context, encoder, **reading)
    judge = Judge(context, **judged)
    documents = made.encode_documents(collection.texts, progress=context.progress)
    topics = made.encode_queries([judge.texts[t] for t in judge.topics])
    codes = document_codes(documents)
    np.save(context.folder / "codes.npy", codes)
    index = flat_index(documents) if candidates is None else BinaryIndex(codes, candidates)
    run = as_run(context, judge, index, topics, depth)
    return {"cells": judge.cells(run, factors), "sizes": size_cells(judged["dataset"], factors, index)}


def evaluate_product(
    context: Any, *, judged: dict, depth: int, factors: dict, reading: dict
) -> dict[str, Any]:
    """Cells of a trained JPQ: documents coded with the initial centroids, scored with the trained ones."""
    from reprise.compression.jpq import JpqIndex, corpus_fingerprint
    from reprise.compression.jpq_training import open_codebooks

    collection = open_collection(context)
    codes = open_codebooks(context.folder_of("model") / "model")
    index = JpqIndex.from_vectors(
        read_vectors(context, "base").documents,
        codes["initial"],
        codes["trained"],
        corpus=corpus_fingerprint(collection.doc_ids, collection.texts),
    )
    made = open_encoder(context, None, **reading)
    judge = Judge(context, **judged)
    run = as_run(context, judge, index, made.encode_queries([judge.texts[t] for t in judge.topics]), depth)
    return {"cells": judge.cells(run, factors), "sizes": size_cells(judged["dataset"], factors, index)}


def evaluate_towers(
    context: Any,
    *,
    judged: dict,
    depth: int,
    factors: dict,
    reading: dict,
    towers: Sequence[str],
) -> dict[str, Any]:
    """Cells of a released JPQ, a query tower and a document tower; nothing is trained."""
    from dataclasses import replace

    from reprise.compression.jpq import JpqIndex
    from reprise.compression.jpq_checkpoint import open_tower

    collection = open_collection(context)
    (queries, trained), (documents, initial) = (
        open_tower(name, precision=reading["precision"], threads=context.threads) for name in towers
    )
    documents = replace(documents, max_document_tokens=reading["document_tokens"])
    vectors = documents.encode_documents(collection.texts, progress=context.progress)
    index = JpqIndex.from_vectors(vectors, initial, trained)
    judge = Judge(context, **judged)
    run = as_run(context, judge, index, queries.encode_queries([judge.texts[t] for t in judge.topics]), depth)
    return {"cells": judge.cells(run, factors), "sizes": size_cells(judged["dataset"], factors, index)}


def as_run(context: Any, judge: Judge, index: Any, topics: np.ndarray, depth: int) -> Any:
    """Search all topics on one thread and name the documents."""
    from reprise.retrieval.own_documents import search_documents
    from reprise.retrieval.run import Run

    doc_ids = open_collection(context).doc_ids

    def search(wanted: int) -> Run:
        return Run.from_arrays("hash", judge.topics, doc_ids, *index.nearest(topics, wanted))

    return search_documents(search, depth, remove_query=judge.remove_query)


def size_cells(dataset: str, factors: dict[str, str], index: Any) -> list[dict[str, Any]]:
    """Bytes of a code by its definition, and of the whole index as written."""
    return [
        {"dataset": dataset, "measure": measure, "factors": dict(factors), "value": float(value)}
        for measure, value in (("bytes per vector", index.code_bytes), ("index bytes", index.stored_bytes))
    ]
