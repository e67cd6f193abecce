"""Documents and topics as lines of JSON, read so that every later step can trust their ids and texts.

Mended and counted: blanks at the end of an id, a text that is a number, NaN (what pandas writes for no text)
or holds lone surrogates (legal in JSON, and no text that can be encoded). Refused, with file and line: a line
that is not a JSON object, a field that stands there twice, lists, objects and truth values in the place of
text, and ids that files of runs and indexes cannot hold.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from reprise.data.collection import Document, Topic
from reprise.data.collection_files import Files, read_lines
from reprise.data.oddities import Oddities
from reprise.errors import InputError

FIELDS = ("_id", "title", "text", "domain")

LONGEST_ID = 512
"""Characters; the longest of BEIR's ids has 221. Arrays of ids are as wide as the longest of them."""


def read_documents(files: Files, odd: Oddities) -> Iterator[tuple[str, Document]]:
    """(where, document) of each line of corpus.jsonl."""
    for where, row in _rows(files, "corpus.jsonl"):
        texts = [clean_text(row.get(f), "documents", odd, f"{where}: {f!r}") for f in ("text", "title")]
        yield where, Document(_id(row, where, "documents", odd), *texts, _domain(row))


def read_topics(files: Files, odd: Oddities) -> Iterator[tuple[str, Topic]]:
    """(where, topic) of each line of queries.jsonl."""
    for where, row in _rows(files, "queries.jsonl"):
        text = clean_text(row.get("text"), "topics", odd, f"{where}: 'text'")
        yield where, Topic(_id(row, where, "topics", odd), text, _domain(row))


def clean_text(value: Any, things: str, odd: Oddities, where: str) -> str:
    """The value as text that can be encoded; `InputError`, saying where, for what is no text.

    >>> odd = Oddities()
    >>> clean_text("a", "topics", odd, ""), clean_text(None, "topics", odd, "")
    ('a', '')
    >>> clean_text(float("nan"), "topics", odd, "line 3")
    ''
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(f"{where} is no text", given=value, remedy="give it as a string")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            odd.add(things, f"{things} with lone surrogates, replaced", where)
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if math.isnan(value):
        odd.add(things, f"{things} with NaN for a text, taken for none", where)
        return ""
    odd.add(things, f"{things} with a number for a text", where)
    return str(value)


def clean_id(value: Any, things: str, odd: Oddities, where: str) -> str:
    """The value as an id without blanks at its ends; `InputError`, saying where, for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InputError(f"{where}: the id is no text", given=value, remedy="give it as a string")
    text = str(value)
    name = text.strip()
    if not name:
        raise InputError(f"{where}: the id is empty", remedy="give every line an id")
    if name != text:
        odd.add(things, f"{things} whose id had blanks at an end", name)
    if len(name) > LONGEST_ID:
        raise InputError(
            f"{where}: the id has {len(name):,} characters", given=name, remedy=f"use at most {LONGEST_ID}"
        )
    if len(name.splitlines()) != 1 or "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
        raise InputError(
            f"{where}: the id has a line break, a NUL or a lone surrogate", given=name, remedy="rename it"
        )
    return name


def _id(row: dict[str, Any], where: str, things: str, odd: Oddities) -> str:
    if row.get("_id") is None:
        raise InputError(f"{where} has no '_id'", given=sorted(row), remedy="give every line an id")
    return clean_id(row["_id"], things, odd, where)


def _rows(files: Files, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    empty = True
    for where, line in read_lines(files, name):
        empty = False
        try:
            row = json.loads(line, object_pairs_hook=_refuse_repeated)
        except InputError as error:
            raise InputError(f"{where}: {error.what}", given=line, remedy="keep one of them") from None
        except RecursionError:
            raise InputError(f"{where} is nested too deeply", given=line[:80], remedy="mend it") from None
        except ValueError as error:  # no JSON, or a number of more digits than Python reads
            what = error.msg if isinstance(error, json.JSONDecodeError) else str(error).partition(";")[0]
            raise InputError(f"{where} is not JSON: {what}", given=line[:200], remedy="mend it") from None
        if not isinstance(row, dict):
            raise InputError(f"{where} is not a JSON object", given=line[:200], remedy="mend the line")
        yield where, row
    if empty:
        raise InputError(f"{name} is empty", remedy="put a JSON object a line into it, or fetch it again")


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        for name in FIELDS:  # what else repeats is not read
            if names.count(name) > 1:
                raise InputError(f"the key {name!r} stands there twice")
    return row


def _domain(row: dict[str, Any]) -> str:
    metadata = row.get("metadata")
    return str(row.get("domain") or (metadata.get("domain") if isinstance(metadata, dict) else "") or "")
