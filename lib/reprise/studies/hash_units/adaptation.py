"""Units that adapt to a target domain: queries made from its documents, the teacher's margins, trainings.

Of a target they see its documents and nothing else: its topics, judgements and training queries are never
opened here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from reprise.errors import InputError
from reprise.studies.hash_units.training import loop_settings, loss_report, start_of
from reprise.studies.hash_units.vectors import open_encoder, read_vectors
from reprise.studies.retrieval_units.collections import open_collection


def make_queries(
    context: Any,
    *,
    generator: str,
    released: str | None,
    budget: int,
    at_least: int,
    encoder: str | None,
    reading: dict,
) -> dict[str, Any]:
    """Queries for sampled documents of the target within the budget: a list of (document id, query)."""
    from reprise.compression.pseudo_labels import query_budget

    collection = open_collection(context)
    used, per_document = query_budget(len(collection.documents), budget, at_least)
    order = np.random.default_rng(context.seed).permutation(len(collection.documents))[:used]
    documents = [collection.documents[i] for i in np.sort(order)]
    made = open_generator_named(context, generator, released, encoder, reading)
    found = made.generate(
        [d.full_text for d in documents], per_document, context.seed, progress=context.progress
    )
    queries = [(d.id, q) for d, said in zip(documents, found, strict=True) for q in said]
    if not queries:
        raise InputError(
            "no query could be made for this domain", remedy="raise the budget or use another generator"
        )
    (context.folder / "queries.json").write_text(json.dumps(queries))
    return {
        "documents": len(documents),
        "with_queries": sum(bool(said) for said in found),
        "queries": len(queries),
        "examples": [{"document": d, "query": q} for d, q in queries[:5]],
    }


def open_generator_named(
    context: Any, generator: str, released: str | None, encoder: str | None, reading: dict
) -> Any:
    """The extractive generator over an encoder, or a sequence-to-sequence one: released or trained here."""
    from reprise.retrieval.query_generation import ExtractiveGenerator, open_generator

    if generator == "extractive":
        return ExtractiveGenerator(open_encoder(context, encoder, **reading))
    source = released or context.folder_of("generator") / "model"
    options = {} if released else {"max_query_tokens": 24}
    tokens = reading["document_tokens"]
    return open_generator(source, threads=context.threads, max_document_tokens=tokens, **options)


def label_queries(
    context: Any,
    *,
    miners: Sequence[str],
    encoders: Sequence[str | None],
    readings: Sequence[dict],
    precision: str,
    depth: int,
    per_query: int,
    teacher: str | None,
    max_tokens: int,
    student_scale: float | None,
) -> dict[str, Any]:
    """GPL's tuples: negatives of several retrievers, one or more drawn a query, the teacher's margins.

    With a `student_scale` margins are brought to the spread of the first miner's, cosines times this scale.
    """
    from reprise.compression.pseudo_labels import label_tuples, margin_factor, pool_negatives
    from reprise.retrieval.dense import DenseIndex

    collection = open_collection(context)
    queries = read_queries(context)
    ids, asked = [f"g{i}" for i in range(len(queries))], [query for _, query in queries]
    runs, vectors = [], []
    for name, encoder, reading in zip(miners, encoders, readings, strict=True):
        documents = read_vectors(context, f"vectors/{name}").documents
        vectors.append(open_encoder(context, encoder, **reading).encode_queries(asked))
        index = DenseIndex.from_vectors(collection.doc_ids, documents)
        runs.append(index.search(ids, vectors[-1], depth + 1))
    positives = {i: document for i, (document, _) in zip(ids, queries, strict=True)}
    pools = pool_negatives(runs, positives, depth)
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    labelled = label_tuples(
        [(q, texts[d], [texts[n] for n in pools[i]]) for i, (d, q) in zip(ids, queries, strict=True)],
        open_teacher(context, teacher, precision, max_tokens).score,
        per_query,
        np.random.default_rng(context.seed),
    )
    margins = np.array([t.margin for t in labelled])
    factor = 1.0
    if student_scale is not None:
        documents = read_vectors(context, f"vectors/{miners[0]}").documents
        vector_of = dict(zip(collection.texts, documents, strict=True))
        query_of = dict(zip(asked, vectors[0], strict=True))
        apart = [query_of[t.query] @ (vector_of[t.positive] - vector_of[t.negative]) for t in labelled]
        factor = margin_factor(margins, student_scale * np.array(apart))
    labelled = [t._replace(margin=factor * t.margin) for t in labelled]
    saved = {"factor": factor, "tuples": [list(t) for t in labelled]}
    (context.folder / "labels.json").write_text(json.dumps(saved))
    return {
        "tuples": len(labelled),
        "mean_margin": float(margins.mean()),
        "share_above_zero": float((margins > 0).mean()),
        "factor": factor,
    }


def open_teacher(context: Any, teacher: str | None, precision: str, max_tokens: int) -> Any:
    """The released cross-encoder of that name, or the one in the role "teacher"."""
    from reprise.retrieval.cross_encoder import open_cross_encoder

    source = teacher or context.folder_of("teacher") / "model"
    return open_cross_encoder(source, precision=precision, threads=context.threads, max_tokens=max_tokens)


def read_queries(context: Any) -> list[tuple[str, str]]:
    """(document id, query) of the unit in the role "queries"."""
    return [tuple(q) for q in json.loads((context.folder_of("queries") / "queries.json").read_text())]


def read_labels(context: Any) -> tuple[list[Any], float]:
    """The tuples of the unit in the role "labels", and what the teacher's logits were multiplied with."""
    from reprise.compression.pseudo_labels import LabelledTuple

    saved = json.loads((context.folder_of("labels") / "labels.json").read_text())
    return [LabelledTuple(*t) for t in saved["tuples"]], saved["factor"]


def generated_triples(context: Any) -> list[Any]:
    """Generated queries with their document, for in-batch negatives."""
    from reprise.retrieval.contrastive import Triple

    collection = open_collection(context)
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    return [Triple(query, texts[document]) for document, query in read_queries(context)]


def adapt_dense(
    context: Any, *, method: str, start: str | None, loop: dict, limits: dict, scale: float
) -> dict[str, Any]:
    """The uncompressed retriever adapted: GenQ (in-batch negatives) or GPL (MarginMSE)."""
    from reprise.retrieval.contrastive import Triple, train_dense
    from reprise.retrieval.distillation import train_distilled

    source = start_of(context, start)
    shared = {
        "folder": context.folder / "model",
        "settings": loop_settings(context, loop),
        **limits,
        "checkpoint_folder": context.checkpoints,
        "progress": context.progress,
    }
    if method == "genq":
        return loss_report(train_dense(source, generated_triples(context), negatives=0, **shared))
    labelled, _ = read_labels(context)
    margins = {t[:3]: t.margin for t in labelled}

    def teacher(queries: Sequence[str], passages: Sequence[str]) -> np.ndarray:
        """Scores of which only margins count: the positive's is the stored margin, the negative's zero."""
        scores = np.zeros((len(queries), len(passages)))
        for i, query in enumerate(queries):
            scores[i, i] = margins[query, passages[i], passages[len(queries) + i]]
        return scores

    triples = [Triple(t.query, t.positive, (t.negative,)) for t in labelled]
    log = train_distilled(
        source, triples, teacher, margin_weight=1.0, kl_weight=0.0, scale=scale, negatives=1, **shared
    )
    return loss_report(log)


def adapt_hash(
    context: Any, *, method: str, start: str | None, loop: dict, limits: dict, hashing: dict
) -> dict[str, Any]:
    """BPR adapted from the uncompressed retriever: GenQ, GPL, or GPL with the released code's loss."""
    from reprise.compression.bpr import HashSettings, train_bpr, train_bpr_gpl

    source = start_of(context, start)
    shared = {
        "folder": context.folder / "model",
        "settings": loop_settings(context, loop),
        **limits,
        "checkpoint_folder": context.checkpoints,
        "progress": context.progress,
    }
    settings = HashSettings(**hashing, defect=method == "gpl-defect")
    if method == "genq":
        log = train_bpr(source, generated_triples(context), hashing=settings, negatives=0, **shared)
    else:
        log = train_bpr_gpl(source, read_labels(context)[0], hashing=settings, **shared)
    return loss_report(log)


def adapt_product(
    context: Any,
    *,
    method: str,
    start: str | None,
    loop: dict,
    trained_layers: int | None,
    settings: dict,
    teacher: str | None,
    precision: str,
    max_tokens: int,
) -> dict[str, Any]:
    """JPQ adapted on the target's own codebook: GenQ (JPQ's loss) or GPL (the teacher on the live index).

    With GPL the teacher's logits are multiplied with what they are multiplied with in the "labels".
    """
    from reprise.compression.jpq_training import Corpus, JpqSettings, JudgedQuery, train_jpq
    from reprise.compression.product import ProductCode

    collection = open_collection(context)
    place = {document: i for i, document in enumerate(collection.doc_ids)}
    code = ProductCode.open(context.folder_of("codebook") / "codebook.npz")
    factor = read_labels(context)[1] if method == "gpl" else 1.0
    _, log = train_jpq(
        start_of(context, start),
        [JudgedQuery(query, (place[document],)) for document, query in read_queries(context)],
        Corpus(code.assign(read_vectors(context, "base").documents), collection.texts),
        code,
        context.folder / "model",
        loop_settings(context, loop),
        method=JpqSettings(**settings, teacher_scale=factor),
        teacher=open_teacher(context, teacher, precision, max_tokens).score if method == "gpl" else None,
        trained_layers=trained_layers,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return loss_report(log)
