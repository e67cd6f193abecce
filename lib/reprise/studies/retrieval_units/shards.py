"""Units that encode a large collection in shards, on as many machines as a cluster has, and join them.

The texts are written once into a file that is mapped into memory, so the worker of a shard holds that shard
only. A vector is the same as without shards up to the last bits: batches are made of other neighbours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from reprise.studies.retrieval_units.collections import open_collection


def store_passages(context: Any) -> dict[str, Any]:
    """Write the collection's texts where shards can read their own part."""
    from reprise.data.passage_file import write_passages

    documents = open_collection(context).documents
    count = write_passages(context.folder / "passages", ((d.id, d.full_text) for d in documents))
    return {"documents": count}


def encode_shard(
    context: Any,
    *,
    shard: int,
    shards: int,
    encoder: str | None,
    precision: str,
    max_document_tokens: int | None,
) -> dict[str, Any]:
    """Encode the passages of one shard (from 0) into an index of their own."""
    from reprise.data.passage_file import PassageFile
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.encoders import load_encoder
    from reprise.retrieval.vocabulary import count_outside

    passages = PassageFile(context.folder_of("passages") / "passages")
    start, stop = passages.shard(shard, shards)
    source = encoder or context.folder_of("model") / "model"
    model = load_encoder(source, precision=precision, threads=context.threads)
    if max_document_tokens is not None:
        model = dataclasses.replace(model, max_document_tokens=max_document_tokens)
    texts = passages.texts(start, stop)
    vectors = model.encode_documents(texts, progress=context.progress)
    DenseIndex.from_vectors(passages.ids(start, stop), vectors).save(context.folder / "index")
    return {
        "documents": len(vectors),
        "dimension": int(vectors.shape[1]),
        "encoder": model.fingerprint,
        "vocabulary": count_outside(getattr(model, "tokenizer", None), texts),
    }


def join_shards(context: Any, *, shards: int) -> dict[str, Any]:
    """Join the indexes of the units in the roles "shard/0", "shard/1", ... into one."""
    from reprise.retrieval.join_indexes import join_indexes

    roles = [f"shard/{number}" for number in range(shards)]
    made = [context.value(role) for role in roles]
    count = join_indexes([context.folder_of(role) / "index" for role in roles], context.folder / "index")
    vocabulary = {name: sum(m["vocabulary"][name] for m in made) for name in made[0]["vocabulary"]}
    return {**made[0], "documents": count, "vocabulary": vocabulary}
