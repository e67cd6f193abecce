"""Collections of the catalogue https://ir-datasets.com, by their ids.

An id with judgements of its own ("vaswani", "beir/scifact/test") is one split; an id that has them only below
it ("beir/scifact") has one split for each of its parts. Downloads, where a part is not there yet, are the
library's own; without a network the collection is reported as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from annotated_types import Ge

from reprise.data.assemble import Judgement, assemble, judge_split, take_last
from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.oddities import Oddities
from reprise.data.records import clean_text
from reprise.errors import EnvironmentNotReady, InputError


def read_ir_dataset(
    name: str,
    *,
    documents: bool = True,
    relevance_threshold: Annotated[int, Ge(1)] | None = None,
    remove_query: bool = False,
) -> Collection:
    """A collection by its id; `documents=False` leaves the documents out (for those in a prebuilt index).

    `relevance_threshold` is 2 for TREC Deep Learning's judgements (as its organisers count) and 1 otherwise.
    Topics without judgements are left out; other odd lines are treated as `assemble` says. Raises
    `InputError` for an unknown id, and `EnvironmentNotReady` when its files are neither here nor to be had.
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
    odd = Oddities()
    try:
        read = take_last("documents", _documents(dataset, odd), odd) if documents else None
        splits = {split: read_split(split, part, read, odd) for split, part in parts.items()}
    except InputError:
        raise
    except (ValueError, KeyError, AssertionError) as error:
        raise InputError(
            f"the files of {name!r} are not what the catalogue takes them for: {error!r:.200}",
            remedy="fetch them again, or put the collection under REPRISE_DATA in BEIR's layout",
        ) from error
    except (RuntimeError, OSError) as error:
        raise EnvironmentNotReady(
            f"the files of {name!r} are not here and cannot be had",
            given=str(error),
            remedy="connect once, or put them under IR_DATASETS_HOME",
        ) from error
    return assemble(name, read, splits, odd, relevance_threshold=threshold, remove_query=remove_query)


def is_id(name: str) -> bool:
    """Whether the catalogue has it; nothing is downloaded.

    >>> is_id("vaswani"), is_id("my/folder")
    (True, False)
    """
    import ir_datasets

    try:
        ir_datasets.load(name)
    except KeyError:
        return False
    return True


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


def read_split(split: str, part: Any, documents: Mapping[str, Document] | None, odd: Oddities) -> Split:
    """The topics and judgements of a part of a collection; None for documents that are not looked at."""
    topics = (
        (f"topic {q.query_id!r}", Topic(q.query_id, clean_text(q.default_text(), "topics", odd, q.query_id)))
        for q in part.queries_iter()
    )
    judgements = (
        Judgement(f"judgements of {split!r}", j.query_id, j.doc_id, int(j.relevance))
        for j in part.qrels_iter()
    )
    return judge_split(split, take_last("topics", topics, odd), judgements, documents, odd)


def _documents(dataset: Any, odd: Oddities) -> Iterator[tuple[str, Document]]:
    for record in dataset.docs_iter():
        text, title = (clean_text(t, "documents", odd, record.doc_id) for t in _text(record))
        yield f"document {record.doc_id!r}", Document(record.doc_id, text, title)


def _text(document: Any) -> tuple[str | None, str | None]:
    """Text and title; what the catalogue makes of them has "None" for a field without a value."""
    if hasattr(document, "text"):
        return document.text, getattr(document, "title", "")
    return document.default_text(), ""
