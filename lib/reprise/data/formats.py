"""Collections as folders: BEIR's layout, read and written, and TREC files, written.

BEIR: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels/<split>.tsv` with a
header and the columns query id, document id, grade (https://github.com/beir-cellar/beir). Each file may be
gzipped, and the folder may be a zip, as BEIR publishes them. TREC: `documents.trec`, `topics.<split>.tsv` and
`qrels.<split>.txt`.

Repaired in silence, since nothing is lost: Windows line ends, a byte order mark, empty lines. Kept: documents
without text, which count and are never found. Refused, with the file and the line: everything else.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from reprise.data.cache import write_atomically
from reprise.data.collection import Collection, Document, Split, Topic
from reprise.errors import InputError


def read_beir(folder: str | Path, *, relevance_threshold: int = 1) -> Collection:
    """The collection in a BEIR-layout folder or zip; its splits are the files under `qrels`.

    A split has the topics that it judges. A domain is read from a `domain` field or BEIR's `metadata.domain`,
    where there is one. Raises `InputError`, naming file and line, for what the module's docstring refuses.
    """
    folder = Path(folder).expanduser()
    files = _files(folder)
    name = folder.name.removesuffix(".zip")
    documents = {}
    for where, row in _rows(files, "corpus.jsonl"):
        document = Document(
            _field(row, "_id", where), str(row.get("text") or ""), str(row.get("title") or ""), _domain(row)
        )
        if document.id in documents:
            raise InputError(f"{where}: the document id {document.id!r} repeats", remedy="keep one of them")
        documents[document.id] = document
    topics = {}
    for where, row in _rows(files, "queries.jsonl"):
        topic = Topic(_field(row, "_id", where), str(row.get("text") or ""), _domain(row))
        if topic.id in topics:
            raise InputError(f"{where}: the topic id {topic.id!r} repeats", remedy="keep one of them")
        topics[topic.id] = topic
    splits = {}
    for path in sorted(f for f in files if f.startswith("qrels/") and f.removesuffix(".gz").endswith(".tsv")):
        qrels = _read_qrels(files, path, topics, documents)
        split = path.removeprefix("qrels/").removesuffix(".gz").removesuffix(".tsv")
        splits[split] = Split(tuple(t for t in topics.values() if t.id in qrels), qrels)
    if not splits:
        raise InputError(
            f"{name} has no judgements", given=sorted(files)[:10], remedy="put them in qrels/<split>.tsv"
        )
    return Collection(name, tuple(documents.values()), splits, relevance_threshold)


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


Files = Mapping[str, Path | tuple[Path, str]]
"""Name inside the collection -> where it is: a path, or a zip and a member of it."""


def _files(folder: Path) -> Files:
    if folder.is_dir():
        return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    if not folder.is_file():
        raise InputError(
            "there is no such folder or zip",
            given=str(folder),
            remedy="name a folder with corpus.jsonl, queries.jsonl and qrels/",
        )
    try:
        with zipfile.ZipFile(folder) as archive:
            broken = archive.testzip()
            members = [m for m in archive.namelist() if not m.endswith("/")]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"{folder.name} is not a whole zip file", given=str(folder), remedy="fetch it again"
        ) from error
    if broken:
        raise InputError(f"{folder.name}: {broken} is damaged", given=str(folder), remedy="fetch it again")
    top = {m.split("/")[0] for m in members}
    inner = f"{top.pop()}/" if len(top) == 1 and not any("/" not in m for m in members) else ""
    return {m.removeprefix(inner): (folder, m) for m in members}


def _lines(files: Files, name: str) -> Iterator[tuple[str, str]]:
    found = next((n for n in (name, f"{name}.gz") if n in files), None)
    if found is None:
        raise InputError(
            f"{name} is missing, gzipped or not",
            given=sorted(files)[:10],
            remedy="a collection has corpus.jsonl, queries.jsonl and qrels/<split>.tsv",
        )
    at = files[found]
    try:
        if isinstance(at, tuple):
            with zipfile.ZipFile(at[0]) as archive:
                raw: io.IOBase = io.BytesIO(archive.read(at[1]))
        else:
            raw = at.open("rb")
        with raw, gzip.open(raw) if found.endswith(".gz") else raw as stream:  # type: ignore[arg-type]
            # utf-8-sig drops a byte order mark; universal newlines drop Windows line ends
            for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8-sig"), start=1):
                if line.strip():
                    yield f"{found}, line {number}", line.rstrip("\n")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{found} is not a whole gzip file", remedy="fetch it again") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{found} is not UTF-8 text", remedy="convert it") from error


def _rows(files: Files, name: str) -> Iterator[tuple[str, dict[str, object]]]:
    for where, line in _lines(files, name):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{where} is not JSON: {error.msg}", given=line, remedy="mend it") from error
        if not isinstance(row, dict):
            raise InputError(f"{where} is not a JSON object", given=line, remedy="mend the line")
        yield where, row


def _field(row: dict[str, object], name: str, where: str) -> str:
    value = row.get(name)
    if value is None or value == "":
        raise InputError(f"{where} has no {name!r}", given=sorted(row), remedy="give every line an id")
    return str(value)


def _domain(row: dict[str, object]) -> str:
    metadata = row.get("metadata")
    return str(row.get("domain") or (metadata.get("domain") if isinstance(metadata, dict) else "") or "")


def _read_qrels(
    files: Files, name: str, topics: Mapping[str, Topic], documents: Mapping[str, Document]
) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for at, (where, line) in enumerate(_lines(files, name)):
        columns = [c.strip() for c in line.split("\t")]
        if at == 0 and len(columns) >= 3 and not columns[2].lstrip("-").isdigit():
            if columns[0].lower().startswith(("corpus", "doc")):
                raise InputError(
                    f"{where}: the columns are in the wrong order",
                    given=columns,
                    remedy="query id, document id, grade",
                )
            continue  # the header
        if len(columns) != 3:
            raise InputError(
                f"{where} has {len(columns)} columns, not 3",
                given=line,
                remedy="query id, document id, grade, with tabs between them",
            )
        topic, document, grade = columns
        if not grade.removeprefix("-").isdigit():
            raise InputError(
                f"{where}: the grade is not a whole number",
                given=columns,
                remedy="query id, document id, grade, in this order",
            )
        if topic not in topics:
            swapped = topic in documents and document in topics
            what = "the columns are in the wrong order" if swapped else f"the topic {topic!r} is unknown"
            raise InputError(
                f"{where}: {what}",
                given=columns,
                remedy="query id as in queries.jsonl, document id as in corpus.jsonl, grade",
            )
        if document not in documents:
            raise InputError(
                f"{where}: the document {document!r} is unknown",
                given=columns,
                remedy="add it to corpus.jsonl, or drop the judgement",
            )
        judged = qrels.setdefault(topic, {})
        if judged.setdefault(document, int(grade)) != int(grade):
            raise InputError(
                f"{where}: topic {topic!r} and document {document!r} have two different grades",
                given=[judged[document], int(grade)],
                remedy="keep one of them",
            )
    return qrels
