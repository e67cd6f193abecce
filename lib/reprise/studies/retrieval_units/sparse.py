"""Units of sparse retrieval: BM25 and uniCOIL, each an index and a run a split."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from reprise.studies.retrieval_units.collections import open_collection


def build_bm25(context: Any, *, language: str) -> dict[str, Any]:
    """Index the collection's documents with Lucene's analyser of that language."""
    from reprise.retrieval.bm25 import BM25Index

    collection = open_collection(context)
    BM25Index.build(collection.doc_ids, collection.texts, context.folder / "index", language=language)
    return {"documents": len(collection.documents)}


def search_bm25(
    context: Any, *, split: str, depth: int, k1: float, b: float, prebuilt: str | None, language: str
) -> dict[str, Any]:
    """The BM25 run of one split."""
    from reprise.retrieval.bm25 import BM25Index
    from reprise.retrieval.own_documents import search_documents

    collection = open_collection(context)
    topics = collection.split(split).topics
    index = (
        BM25Index.prebuilt(prebuilt, language=language)
        if prebuilt
        else BM25Index.open(context.folder_of("index") / "index", language=language)
    )
    ids, texts = [t.id for t in topics], [t.text for t in topics]
    run = search_documents(
        lambda wanted: index.search(ids, texts, depth=wanted, k1=k1, b=b),
        depth,
        remove_query=collection.remove_query,
    )
    run.save(context.folder / "run.npz")
    return {"topics": len(topics), "results": run.size}


def build_unicoil(context: Any, *, precision: str, max_document_tokens: int) -> dict[str, Any]:
    """Weigh the first tokens of every document and index the quantised weights as impacts."""
    from reprise.retrieval.impact import ImpactIndex
    from reprise.retrieval.unicoil import UniCoil

    collection = open_collection(context)
    model = UniCoil.open(context.folder_of("model") / "model", precision=precision, threads=context.threads)
    model = dataclasses.replace(model, max_document_tokens=max_document_tokens)
    weights = model.weigh_documents(collection.texts, progress=context.progress)
    ImpactIndex.build(collection.doc_ids, weights, context.folder / "index")
    return {"documents": len(weights), "postings": sum(len(w) for w in weights)}


def weigh_topics(context: Any, *, split: str, precision: str, released: str | None) -> dict[str, Any]:
    """The token weights of a split's topics, by the model trained here or by the released checkpoint."""
    from reprise.retrieval.unicoil import UniCoil, weigh_queries_released

    topics = open_collection(context).split(split).topics
    texts = [t.text for t in topics]
    if released:
        weights = weigh_queries_released(released, texts)
    else:
        model = UniCoil.open(
            context.folder_of("model") / "model", precision=precision, threads=context.threads
        )
        weights = model.weigh_queries(texts)
    (context.folder / "weights.json").write_text(json.dumps(weights))
    return {"topics": len(topics)}


def search_unicoil(context: Any, *, split: str, depth: int, prebuilt: str | None) -> dict[str, Any]:
    """The uniCOIL run of one split."""
    from reprise.retrieval.impact import ImpactIndex
    from reprise.retrieval.own_documents import search_documents

    collection = open_collection(context)
    topics = collection.split(split).topics
    weights = json.loads((context.folder_of("weights") / "weights.json").read_text())
    index = (
        ImpactIndex.prebuilt(prebuilt) if prebuilt else ImpactIndex.open(context.folder_of("index") / "index")
    )
    ids = [t.id for t in topics]
    run = search_documents(
        lambda wanted: index.search(ids, weights, depth=wanted), depth, remove_query=collection.remove_query
    )
    run.save(context.folder / "run.npz")
    return {"topics": len(topics), "results": run.size}
