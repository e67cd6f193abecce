"""Collections of the catalogue https://ir-datasets.com, by their ids.

An id with judgements of its own ("vaswani", "beir/scifact/test") is one split; an id that has them only below
it ("beir/scifact") has one split for each of its parts. Downloads, where a part is not there yet, are the
library's own; without a network the collection is reported as missing.
"""

from __future__ import annotations

from typing import Any

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.errors import EnvironmentNotReady, InputError


def read_ir_dataset(
    name: str, *, documents: bool = True, relevance_threshold: int | None = None
) -> Collection:
    """A collection by its id; `documents=False` leaves the documents out (for those in a prebuilt index).

    `relevance_threshold` is 2 for TREC Deep Learning's judgements (as its organisers count) and 1 otherwise.
    Topics without judgements and topics without text are left out. Raises `InputError` for an unknown id, and
    `EnvironmentNotReady` when its files are neither here nor to be fetched.
    """
    import ir_datasets

    try:
        dataset = ir_datasets.load(name)
    except KeyError as error:
        raise InputError(
            f"there is no collection {name!r}",
            remedy="use 'pydocs', an id of ir-datasets.com, or a BEIR-layout folder",
        ) from error
    if dataset.has_qrels():
        base, _, last = name.rpartition("/")
        parts = {last if _has_documents(base) else "test": dataset}
    else:
        parts = _parts_below(name)
    if not parts:
        raise InputError(f"{name!r} has no judgements", remedy="choose an id that has")
    threshold = relevance_threshold or (2 if "trec-dl" in name else 1)
    try:
        read = tuple(Document(d.doc_id, *_text(d)) for d in dataset.docs_iter()) if documents else ()
        splits = {split: _read_split(part) for split, part in parts.items()}
    except (RuntimeError, OSError) as error:
        raise EnvironmentNotReady(
            f"the files of {name!r} are not here and cannot be had",
            given=str(error),
            remedy="connect once, or put them under IR_DATASETS_HOME",
        ) from error
    return Collection(name, read, splits, threshold)


def _has_documents(name: str) -> bool:
    import ir_datasets

    try:
        return bool(name) and bool(ir_datasets.load(name).has_docs())
    except KeyError:
        return False


def _parts_below(name: str) -> dict[str, Any]:
    import ir_datasets

    depth = name.count("/") + 1
    below = sorted(n for n in ir_datasets.registry if n.startswith(name + "/") and n.count("/") == depth)
    parts = {n.removeprefix(name + "/"): ir_datasets.load(n) for n in below}
    return {split: part for split, part in parts.items() if part.has_qrels()}


def _read_split(part: Any) -> Split:
    qrels: dict[str, dict[str, int]] = {}
    for judgement in part.qrels_iter():
        qrels.setdefault(judgement.query_id, {})[judgement.doc_id] = int(judgement.relevance)
    texts = {q.query_id: q.default_text() for q in part.queries_iter()}
    topics = tuple(Topic(i, text) for i, text in texts.items() if i in qrels and text.strip())
    return Split(topics, {t.id: qrels[t.id] for t in topics})


def _text(document: Any) -> tuple[str, str]:
    text = getattr(document, "text", None)
    return (document.default_text(), "") if text is None else (text, getattr(document, "title", "") or "")
