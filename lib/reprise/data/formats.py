"""Collections as folders: BEIR's layout, read and written, and TREC files, written.

BEIR: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels/<split>.tsv` with a
header and the columns query id, document id, grade (https://github.com/beir-cellar/beir). Each file may be
gzipped, and the folder may be a zip, as BEIR publishes them. TREC: `documents.trec`, `topics.<split>.tsv` and
`qrels.<split>.txt`.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from reprise.data.assemble import assemble, judge_split, take_last
from reprise.data.cache import write_atomically
from reprise.data.collection import Collection, Topic
from reprise.data.collection_files import find_files, judgement_names
from reprise.data.judgement_files import read_judgements, split_files
from reprise.data.oddities import Oddities
from reprise.data.records import read_documents, read_topics
from reprise.errors import InputError


def read_beir(
    folder: str | Path, *, relevance_threshold: Annotated[int, Ge(1)] = 1, remove_query: bool = False
) -> Collection:
    """The collection in a BEIR-layout folder or zip; its splits are the files under `qrels`.

    A split has the topics that it judges. A domain is read from a `domain` field or BEIR's `metadata.domain`,
    where there is one. With `remove_query` a topic's own document, the one with its id, is left out of its
    lists. Odd lines are treated as `assemble` and `records` say; raises `InputError`, naming file and line,
    for what they refuse.
    """
    folder = Path(folder).expanduser()
    files = find_files(folder)
    name = folder.name.removesuffix(".zip")
    judged = split_files(files)
    odd = Oddities()
    documents = take_last("documents", read_documents(files, odd), odd)
    topics = take_last("topics", read_topics(files, odd), odd)
    if not judged:
        raise InputError(
            f"{name} has no judgements", given=sorted(files)[:10], remedy="put them in qrels/<split>.tsv"
        )
    splits = {
        split: judge_split(split, topics, read_judgements(files, file), documents, odd)
        for split, file in judged.items()
    }
    return assemble(
        name, documents, splits, odd, relevance_threshold=relevance_threshold, remove_query=remove_query
    )


def split_names(folder: str | Path) -> list[str]:
    """The splits that a BEIR-layout folder or zip has judgements of, by the names of its files alone."""
    return sorted(split_files(dict.fromkeys(judgement_names(Path(folder).expanduser()), Path(folder))))


def write_beir(collection: Collection, folder: str | Path) -> None:
    """Write the collection in BEIR's layout; the domain goes into a field of that name where there is one.

    Raises `InputError` for a topic id that has different texts in two splits, and `EnvironmentNotReady`
    when the folder cannot be written to.
    """
    folder = Path(folder)
    topics: dict[str, Topic] = {}
    for topic in (t for split in collection.splits.values() for t in split.topics):
        if topics.setdefault(topic.id, topic) != topic:
            raise InputError(
                f"the topic id {topic.id!r} has different texts in two splits",
                given=[topics[topic.id].text, topic.text],
                remedy="rename one of them",
            )
    documents = (
        {"_id": d.id, "title": d.title, "text": d.text, **({"domain": d.domain} if d.domain else {})}
        for d in collection.documents
    )
    queries = (
        {"_id": t.id, "text": t.text, **({"domain": t.domain} if t.domain else {})} for t in topics.values()
    )
    for name, rows in (("corpus.jsonl", documents), ("queries.jsonl", queries)):
        _write(folder / name, [json.dumps(row, ensure_ascii=False) for row in rows])
    for name, split in collection.splits.items():
        _write(
            folder / "qrels" / f"{name}.tsv",
            [
                "query-id\tcorpus-id\tscore",
                *(
                    f"{topic}\t{document}\t{grade}"
                    for topic, judged in split.qrels.items()
                    for document, grade in judged.items()
                ),
            ],
        )


def write_trec(collection: Collection, folder: str | Path) -> None:
    """Write the documents as TREC text, and topics and judgements of each split as trec_eval reads them.

    Raises `InputError` for an id with white space, which these formats cannot hold.
    """
    folder = Path(folder)
    for kind, ids in (
        ("document", collection.doc_ids),
        ("topic", [t.id for s in collection.splits.values() for t in s.topics]),
    ):
        for name in ids:
            if not name or len(name.split()) != 1:
                raise InputError(
                    f"the {kind} id {name!r} has white space, which TREC files cannot hold",
                    remedy="write it in BEIR's layout, or rename it",
                )
    _write(
        folder / "documents.trec",
        [
            f"<DOC>\n<DOCNO>{d.id}</DOCNO>\n<TEXT>\n{escape(d.full_text, quote=False)}\n</TEXT>\n</DOC>"
            for d in collection.documents
        ],
    )
    for name, split in collection.splits.items():
        _write(folder / f"topics.{name}.tsv", [f"{t.id}\t{' '.join(t.text.split())}" for t in split.topics])
        _write(
            folder / f"qrels.{name}.txt",
            [
                f"{topic} 0 {document} {grade}"
                for topic, judged in split.qrels.items()
                for document, grade in judged.items()
            ],
        )


def _write(path: Path, lines: list[str]) -> None:
    write_atomically(path, "".join(line + "\n" for line in lines).encode())
