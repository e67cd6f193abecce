"""A run as a TREC run file: query, Q0, document, rank, score, tag; ranks are written and never read."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

from reprise.errors import InputError
from reprise.retrieval.run import Run


def read_trec(path: str | Path, name: str | None = None) -> Run:
    """Read a TREC run file (query, Q0, document, rank, score, tag), gzipped when it ends in .gz.

    The rank column is ignored, as trec_eval does. The run is called `name`, or by the tag of its first line.
    Raises `InputError`, naming the line, for a line that is not of this form, and as `from_arrays` does.
    """
    path = Path(path)
    results: dict[str, tuple[list[str], list[float]]] = {}
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                columns = line.split()
                if not columns:
                    continue
                try:
                    query, _, document, _, score, tag = columns
                    value = float(score)
                except ValueError:
                    raise InputError(
                        f"{path.name}, line {number}: not a line of a TREC run",
                        given=line.strip(),
                        remedy="give query, Q0, document, rank, score and tag, with blanks between",
                    ) from None
                name = name or tag
                documents, scores = results.setdefault(query, ([], []))
                documents.append(document)
                scores.append(value)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"the run file cannot be read: {error}", given=str(path)) from error
    return Run.from_lists(
        name or path.stem, list(results), [d for d, _ in results.values()], [s for _, s in results.values()]
    )


def write_trec(run: Run, path: str | Path) -> None:
    """Write a TREC run file, gzipped when the path ends in .gz; scores read back as the same float32.

    Raises `InputError` for an id with white space, which the format has no way to write.
    """
    tag = "-".join(run.name.split()) or "run"
    for what, ids in (("query", run.query_ids), ("document", run.doc_ids.tolist())):
        bad = next((i for i in ids if not i or i.split() != [i]), None)
        if bad is not None:
            raise InputError(
                f"a TREC run cannot hold the {what} id {bad!r}: it is empty or has white space",
                remedy="keep the run with save(), or rename the id",
            )
    path = Path(path)
    raw = path.open("wb")
    with raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw as file:
        for query, ids, scores in zip(run.query_ids, run.top(run.depth), run.scores, strict=True):
            # numpy's text of a float32 is the shortest that reads back as the same float32
            lines = _trec_lines(query, ids, scores[: len(ids)].astype(str), tag)
            file.write("".join(lines).encode())


def _trec_lines(query: str, ids: Iterable[str], scores: Iterable[str], tag: str) -> Iterable[str]:
    return (
        f"{query} Q0 {document} {rank} {score} {tag}\n"
        for rank, (document, score) in enumerate(zip(ids, scores, strict=True), start=1)
    )
