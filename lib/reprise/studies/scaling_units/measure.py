"""Units that make passages, encode and index them, and weigh and time it all.

Texts are windows of a real collection's documents, as long as MS MARCO's passages, and repeat when there are
more passages than windows. Vectors are those of the encoded passages; copies beyond them get a little noise
and unit length again, so that no two are equal. What is timed is the machine's and the moment's.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from reprise.experiment.measure import measure
from reprise.studies.retrieval_units.collections import open_collection

PART = 100_000
"""Vectors an index part: what a shard of a large collection would hold."""

NOISE = 0.3
"""Length of the noise that tells a copied vector from its original, which has length 1."""

TIMINGS = (
    "texts: passages a second",
    "encoding: passages a second and core",
    "encoding: GB of memory",
    "dense: joining, seconds",
    "dense: joining, GB of memory",
    "dense: searching, GB of own memory",
    "dense: ms a query",
    "dense: ms a query, batched",
    "BM25: passages a second",
    "BM25: ms a query",
)
"""Measures that no second run gives again."""

Cell = dict[str, Any]


def write_texts(context: Any, *, count: int, words: int) -> dict[str, Any]:
    """Write `count` passages of `words` words where every later unit reads its part."""
    from reprise.data.passage_file import write_passages

    documents = [d.full_text.split() for d in open_collection(context).documents]
    start = perf_counter()
    with measure() as cost:
        write_passages(
            context.folder / "passages", context.progress(_windows(documents, count, words), count)
        )
    seconds = perf_counter() - start
    size = _bytes(context.folder / "passages")
    return {
        "cells": [
            _cell(count, "texts: GB on disk", size / 1e9),
            _cell(count, "texts: passages a second", count / seconds),
        ],
        "seconds": seconds,
        "peak_memory_gb": cost.peak_memory_gb,
    }


def encode_part(
    context: Any, *, shard: int, shards: int, encoder: str, precision: str, max_document_tokens: int
) -> dict[str, Any]:
    """Encode one shard of the passages, as a unit of a study does it."""
    from reprise.data.passage_file import PassageFile
    from reprise.retrieval.encoders import load_encoder

    passages = PassageFile(context.folder_of("passages") / "passages")
    begin, end = passages.shard(shard, shards)
    model = load_encoder(encoder, precision=precision, threads=context.threads)
    model = dataclasses.replace(model, max_document_tokens=max_document_tokens)
    texts = passages.texts(begin, end)
    model.encode_documents(texts[: model.batch_size])  # the first batch pays for what later ones find ready
    start = perf_counter()
    with measure() as cost:
        vectors = model.encode_documents(texts, progress=context.progress)
    np.save(context.folder / "vectors.npy", vectors)
    return {
        "passages": len(vectors),
        "seconds": perf_counter() - start,
        "peak_memory_gb": cost.peak_memory_gb,
    }


def summarise_encoding(context: Any, *, shards: int) -> dict[str, Any]:
    """What the shards took together: passages a second on one core, and the memory of the largest."""
    made = [context.value(f"shard/{number}") for number in range(shards)]
    count = sum(m["passages"] for m in made)
    np.save(
        context.folder / "vectors.npy",
        np.concatenate([np.load(context.folder_of(f"shard/{n}") / "vectors.npy") for n in range(shards)]),
    )
    return {
        "cells": [
            _cell(count, "encoding: passages a second and core", count / sum(m["seconds"] for m in made)),
            _cell(count, "encoding: GB of memory", max(m["peak_memory_gb"] for m in made)),
        ]
    }


def measure_dense(context: Any, *, count: int, queries: int, depth: int) -> dict[str, Any]:
    """A flat index of `count` vectors, made in parts, joined on disk, mapped into memory and searched."""
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.join_indexes import join_indexes

    encoded = np.load(context.folder_of("vectors") / "vectors.npy")
    generator = np.random.default_rng(context.seed)
    asked = encoded[generator.integers(0, len(encoded), queries)]
    asked = _unit(asked + NOISE * _noise(asked.shape, generator))
    ids = [f"q{number}" for number in range(queries)]
    parts, joined = [], context.folder / "joined"
    try:
        for begin in context.progress(range(0, count, PART), label="parts"):
            places = np.arange(begin, min(begin + PART, count))
            vectors = encoded[places % len(encoded)]
            copies = places >= len(encoded)
            vectors[copies] += NOISE * _noise(vectors[copies].shape, generator)
            parts.append(context.folder / f"part-{begin}")
            DenseIndex.from_vectors([f"d{place}" for place in places], _unit(vectors)).save(parts[-1])
        before = _memory("VmRSS")
        with measure() as joining:
            join_indexes(parts, joined)
        own = _memory("RssAnon")
        index = DenseIndex.open(joined)
        index.search(ids, asked, depth)  # reads the whole file into the machine's page cache
        single = []
        for query, name in zip(asked, ids, strict=True):
            start = perf_counter()
            index.search([name], query[None], depth)
            single.append(perf_counter() - start)
        start = perf_counter()
        index.search(ids, asked, depth)
        batched = (perf_counter() - start) / queries
        cells = [
            _cell(count, "dense: GB on disk", _bytes(joined) / 1e9),
            _cell(count, "dense: joining, seconds", joining.seconds),
            _cell(count, "dense: joining, GB of memory", max(joining.peak_memory_gb - before, 0.0)),
            _cell(count, "dense: searching, GB of own memory", max(_memory("RssAnon") - own, 0.0)),
            _cell(count, "dense: ms a query", 1000 * float(np.median(single))),
            _cell(count, "dense: ms a query, batched", 1000 * batched),
        ]
        del index
    finally:
        for folder in (*parts, joined):  # gigabytes that nothing needs any more
            shutil.rmtree(folder, ignore_errors=True)
    return {"cells": cells, "dimension": int(encoded.shape[1])}


def measure_bm25(context: Any, *, count: int, queries: int, depth: int) -> dict[str, Any]:
    """A Lucene index of `count` passages, and BM25 over it; queries are the first words of some passages."""
    from reprise.data.passage_file import PassageFile
    from reprise.retrieval.bm25 import BM25Index

    passages = PassageFile(context.folder_of("passages") / "passages")
    asked = [
        " ".join(text.split()[:6]) or "empty"
        for place in np.random.default_rng(context.seed).integers(0, count, queries)
        for text in passages.texts(int(place), int(place) + 1)
    ]
    folder = context.folder / "index"
    try:
        start = perf_counter()
        index = BM25Index.build(passages.ids(0, count), passages.texts(0, count), folder)
        seconds = perf_counter() - start
        ids = [f"q{number}" for number in range(queries)]
        index.search(ids, asked, depth)
        single = []
        for name, text in zip(ids, asked, strict=True):
            start = perf_counter()
            index.search([name], [text], depth)
            single.append(perf_counter() - start)
        cells = [
            _cell(count, "BM25: passages a second", count / seconds),
            _cell(count, "BM25: GB on disk", _bytes(folder) / 1e9),
            _cell(count, "BM25: ms a query", 1000 * float(np.median(single))),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"cells": cells}


def _windows(documents: Sequence[list[str]], count: int, words: int) -> Iterator[tuple[str, str]]:
    """Passages: the first window of every document, then the second of each that has one, and so on."""
    made = offset = 0
    while made < count:
        before = made
        for tokens in documents:
            if made < count and (window := tokens[offset : offset + words]):
                yield f"p{made}", " ".join(window)
                made += 1
        offset = offset + words if made > before else 0  # past the longest document: from the start again


def _noise(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    return generator.standard_normal(shape, np.float32) / np.sqrt(np.float32(shape[1]))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _memory(field: str) -> float:
    """A field of this process's status in GB; 0 where the system has none."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith(field)), 0.0)


def _cell(count: int, measure: str, value: float) -> Cell:
    return {
        "dataset": "passages",
        "measure": measure,
        "factors": {"passages": str(count)},
        "value": float(value),
    }
