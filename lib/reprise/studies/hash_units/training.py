"""Units that train on the source domain: retriever, hashes, teacher and query generator.

They see the source's training queries and nothing of any target.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import numpy as np

from reprise.studies.hash_units.vectors import read_vectors
from reprise.studies.retrieval_units.collections import open_collection


def loop_settings(context: Any, loop: dict[str, Any]) -> Any:
    """The training loop's settings with this unit's seed and threads."""
    from reprise.retrieval.training import TrainingSettings

    return dataclasses.replace(TrainingSettings(**loop), seed=context.seed, threads=context.threads)


def loss_report(log: Any) -> dict[str, float]:
    """The mean loss of the first and last tenth of the steps: enough to see that it fell."""
    tenth = max(len(log.losses) // 10, 1)
    return {
        "first_loss": float(np.mean(log.losses[:tenth])),
        "last_loss": float(np.mean(log.losses[-tenth:])),
    }


def start_of(context: Any, start: str | None) -> Any:
    """Where a training starts: a released encoder's checkpoint, or the model in the role "model"."""
    from reprise.retrieval.paper_encoders import SPECS

    if start is None:
        return context.folder_of("model") / "model"
    return SPECS[start].checkpoint if start in SPECS else start


def source_triples(context: Any, mined: int, depth: int) -> list[Any]:
    """Training queries, their document, and negatives mined from the "base" retriever where there is one."""
    from reprise.retrieval.contrastive import Triple
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.hard_negatives import mine_hard_negatives
    from reprise.retrieval.own_documents import search_documents

    collection = open_collection(context)
    topics, positives = collection.split("train").topics, collection.positives("train")
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    negatives: dict[str, tuple[str, ...]] = {}
    if mined:
        vectors = read_vectors(context, "base", "train")
        index = DenseIndex.from_vectors(collection.doc_ids, vectors.documents)
        run = search_documents(
            partial(index.search, [t.id for t in topics], vectors.topics["train"]),
            depth,
            remove_query=collection.remove_query,
        ).select([t.id for t in topics if t.id in positives])
        negatives = mine_hard_negatives(
            run,
            positives,
            mined,
            generator=np.random.default_rng(context.seed),
            depth=depth,
            all_documents=collection.doc_ids,
        ).negatives
    return [
        Triple(topic.text, texts[document], tuple(texts[d] for d in negatives.get(topic.id, ())))
        for topic in topics
        for document in sorted(positives.get(topic.id, ()))
    ]


def train_base(context: Any, *, start: str, loop: dict, limits: dict) -> dict[str, Any]:
    """The uncompressed retriever: in-batch negatives on the source's training queries."""
    from reprise.retrieval.contrastive import train_dense

    triples = source_triples(context, 0, 1)
    log = train_dense(
        start,
        triples,
        context.folder / "model",
        loop_settings(context, loop),
        negatives=0,
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return {"triples": len(triples)} | loss_report(log)


def train_hash(
    context: Any, *, start: str | None, loop: dict, limits: dict, hashing: dict, mined: int, depth: int
) -> dict[str, Any]:
    """BPR on the source, from the uncompressed retriever."""
    from reprise.compression.bpr import HashSettings, train_bpr

    triples = source_triples(context, mined, depth)
    log = train_bpr(
        start_of(context, start),
        triples,
        context.folder / "model",
        loop_settings(context, loop),
        hashing=HashSettings(**hashing),
        negatives=1,
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return {"triples": len(triples)} | loss_report(log)


def fit_codebook(context: Any, *, subspaces: int, bits: int, iterations: int) -> dict[str, Any]:
    """OPQ and PQ on the uncompressed retriever's vectors of a corpus."""
    from reprise.compression.product import fit_product_code

    vectors = read_vectors(context, "base").documents
    code = fit_product_code(vectors, subspaces, bits=bits, iterations=iterations)
    code.save(context.folder / "codebook.npz")
    error = np.square(code.rotate(vectors) - code.decode(code.assign(vectors))).sum(1).mean()
    return {"training_vectors": len(vectors), "squared_error": float(error)}


def train_product(
    context: Any, *, start: str | None, loop: dict, trained_layers: int | None, method: dict
) -> dict[str, Any]:
    """JPQ on the source: query encoder and centroids, on the source's training queries."""
    from reprise.compression.jpq_training import Corpus, JpqSettings, JudgedQuery, train_jpq
    from reprise.compression.product import ProductCode

    collection = open_collection(context)
    positives = collection.positives("train")
    place = {document: i for i, document in enumerate(collection.doc_ids)}
    code = ProductCode.open(context.folder_of("codebook") / "codebook.npz")
    judged = [
        JudgedQuery(t.text, tuple(place[d] for d in sorted(positives[t.id])))
        for t in collection.split("train").topics
        if t.id in positives
    ]
    _, log = train_jpq(
        start_of(context, start),
        judged,
        Corpus(code.assign(read_vectors(context, "base").documents)),
        code,
        context.folder / "model",
        loop_settings(context, loop),
        method=JpqSettings(**method),
        trained_layers=trained_layers,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return {"queries": len(judged)} | loss_report(log)


def train_teacher(
    context: Any, *, start: str, loop: dict, max_tokens: int, negatives: int, mined: int, depth: int
) -> dict[str, Any]:
    """The cross-encoder, on negatives of the uncompressed retriever."""
    from reprise.retrieval.cross_encoder import train_cross_encoder

    triples = source_triples(context, mined, depth)
    log = train_cross_encoder(
        start,
        triples,
        context.folder / "model",
        loop_settings(context, loop),
        negatives=negatives,
        max_tokens=max_tokens,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return {"triples": len(triples)} | loss_report(log)


def train_query_generator(
    context: Any, *, start: str, loop: dict, decoder_layers: int, max_document_tokens: int, held_out: int
) -> dict[str, Any]:
    """A sequence-to-sequence generator: source document to its training query, the last ones held out."""
    from reprise.retrieval.query_generation import train_generator

    triples = source_triples(context, 0, 1)
    pairs = [(t.positive, t.query) for t in triples[: len(triples) - held_out]]
    log = train_generator(
        start,
        pairs,
        context.folder / "model",
        loop_settings(context, loop),
        decoder_layers=decoder_layers,
        max_document_tokens=max_document_tokens,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return {"pairs": len(pairs)} | loss_report(log)
