"""From what a reader found to a collection: one rule for odd lines, whatever they were read from.

* A judgement of a document that the corpus lacks stays: it counts in every denominator and is never found,
  which is trec_eval's meaning.
* A judged topic without text is left out, with its judgements.
* Of documents, topics and judgements that repeat the last stands, as in BEIR's own reader.
* Documents without text are kept and never found.

All of it is counted (`Collection.oddities`). Where more than a tenth of the judgements or topics point
nowhere, or more than a tenth of anything repeats with another content, it is the wrong corpus, and refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.oddities import Oddities
from reprise.errors import InputError

WRONG_CORPUS = 0.1
"""The share of odd ones above which the files do not belong together."""

Record = TypeVar("Record", Document, Topic)


class Judgement(NamedTuple):
    """One line of a judgement file; `where` it stands ("qrels/test.tsv, line 3")."""

    where: str
    topic: str
    document: str
    grade: int


def take_last(things: str, records: Iterable[tuple[str, Record]], odd: Oddities) -> dict[str, Record]:
    """(where, record) pairs as {id: record}, "documents" or "topics", the last of those that repeat.

    Raises `InputError` when there is none, and, naming the line, when more than a tenth repeat with another
    text.
    """
    found: dict[str, Record] = {}
    repeated = f"{things} whose id repeats with another text, the last one taken"
    first = ""
    for where, record in records:
        if (before := found.get(record.id)) is not None:
            same = before == record
            odd.add(things, f"{things} that stand there twice" if same else repeated, record.id)
            first = first or ("" if same else f"{where}: the id {record.id!r} repeats with another text")
        elif things == "documents" and not record.full_text.strip():
            odd.add(things, "documents without text, kept and never found", record.id)
        found[record.id] = record
    if not found:
        raise InputError(f"there are no {things}", remedy="look at the file, which is empty")
    odd.totals[things] = odd.totals.get(things, 0) + len(found)
    if odd.count(repeated) > WRONG_CORPUS * len(found):
        raise InputError(first, remedy="keep one text for each id")
    return found


def judge_split(
    name: str,
    topics: Mapping[str, Topic],
    judgements: Iterable[Judgement],
    documents: Mapping[str, Document] | None,
    odd: Oddities,
) -> Split:
    """The split of that name: the topics that it judges, in their order; see the module for odd lines.

    With `documents=None` they are in a prebuilt index and not looked for. Raises `InputError`, with the first
    line at fault, for a split without judgements and for one whose judgements belong to another corpus.
    """
    qrels: dict[str, dict[str, int]] = {}
    nowhere: dict[str, str] = {}
    lacking: list[Judgement] = []
    things = f"{name}: judgements"
    total = 0
    regraded = f"{name}: judgements that repeat with another grade, the last one taken"
    first_regraded = ""
    for judgement in judgements:
        total += 1
        where, topic, document, grade = judgement
        judged = qrels.setdefault(topic, {})
        if document in judged:
            same = judged[document] == grade
            what = f"{name}: judgements that stand there twice" if same else regraded
            odd.add(things, what, f"{topic} {document}")
            first_regraded = first_regraded or ("" if same else where)
        elif documents is not None and document not in documents:
            lacking.append(judgement)
        judged[document] = grade
        if topic not in topics or not topics[topic].text.strip():
            nowhere.setdefault(topic, where)
    if not qrels:
        raise InputError(
            f"the split {name!r} has no judgements",
            remedy="put query id, document id and grade into it, or remove its file",
        )
    odd.totals |= {things: total, f"{name}: judged topics": len(qrels)}
    if odd.count(regraded) > WRONG_CORPUS * total:
        raise InputError(
            f"{first_regraded}: a judgement repeats with another grade", remedy="keep one of them"
        )
    if len(nowhere) > WRONG_CORPUS * len(qrels):
        _refuse_topics(name, nowhere, len(qrels), documents)
    for topic in nowhere:
        odd.add(f"{name}: judged topics", f"{name}: judged topics without text, left out", topic)
        del qrels[topic]
    lacking = [judgement for judgement in lacking if judgement.topic in qrels]
    if len(lacking) > WRONG_CORPUS * total:
        raise InputError(
            f"{lacking[0].where}: {len(lacking):,} of {total:,} judgements in {name!r} are of documents that "
            f"the corpus lacks, the first of {lacking[0].document!r}",
            remedy="these judgements belong to another corpus: put the right one beside them",
        )
    for judgement in lacking:
        what = f"{name}: judgements of documents that the corpus lacks, never found"
        odd.add(things, what, f"{judgement.topic} {judgement.document}")
    return Split(tuple(topic for i, topic in topics.items() if i in qrels), qrels)


def assemble(
    name: str,
    documents: Mapping[str, Document] | None,
    splits: Mapping[str, Split],
    odd: Oddities,
    *,
    relevance_threshold: int,
    remove_query: bool,
) -> Collection:
    """The collection, with everything odd that was found in it."""
    for split_name, split in splits.items():
        odd.totals[f"{split_name}: topics"] = len(split.topics)
        for topic in split.topics:
            own = (documents or {}).get(topic.id)
            if own is not None and _same_text(topic, own):  # ids alone may agree by chance
                what = "removed from their own lists" if remove_query else "which find themselves"
                odd.add(f"{split_name}: topics", f"{split_name}: topics that are documents, {what}", topic.id)
    return Collection(
        name,
        tuple(documents.values()) if documents is not None else (),
        splits,
        relevance_threshold,
        remove_query,
        odd.found(),
    )


def _same_text(topic: Topic, document: Document) -> bool:
    words = topic.text.split()
    return words in (document.text.split(), document.full_text.split())


def _refuse_topics(
    name: str, nowhere: Mapping[str, str], total: int, documents: Mapping[str, Document] | None
) -> None:
    topic, where = next(iter(nowhere.items()))
    if documents is not None and all(t in documents for t in nowhere):
        raise InputError(
            f"{where}: the columns are in the wrong order, {topic!r} is a document",
            remedy="query id as in queries.jsonl, document id as in corpus.jsonl, grade",
        )
    raise InputError(
        f"{where}: {len(nowhere):,} of {total:,} judged topics in {name!r} have no text, "
        f"the first is {topic!r}",
        remedy="these judgements belong to other topics: put the right ones beside them",
    )
