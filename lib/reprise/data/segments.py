"""Texts with segments: which sentences belong together, perhaps under a title, as they lie under
`REPRISE_DATA`/segments.

A line is {"id", "sentences", "segments": [{"start", "end" (exclusive), perhaps "title"}]}, and what else a
set has (speakers, turns, queries). Segments may leave sentences out or overlap, where their annotators had it
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reprise.data.oddities import Oddities, Oddity
from reprise.data.open_sets import find_open_set, read_objects


@dataclass(frozen=True)
class Segment:
    """Sentences `start` up to `end`, which is not among them; `more` is what else is said of it."""

    start: int
    end: int
    title: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SegmentedDocument:
    """A document, its sentences (or turns), its segments in their order, and what else its line has."""

    id: str
    sentences: tuple[str, ...]
    segments: tuple[Segment, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def boundaries(self) -> tuple[int, ...]:
        """Where a segment begins, but for the first sentence: what a segmentation has to find.

        >>> SegmentedDocument("d", ("a", "b", "c"), (Segment(0, 2), Segment(2, 3))).boundaries
        (2,)
        """
        return tuple(sorted({segment.start for segment in self.segments} - {0}))


@dataclass(frozen=True)
class SegmentSet:
    """A part of a set."""

    name: str
    part: str
    licence: str
    documents: tuple[SegmentedDocument, ...]
    oddities: tuple[Oddity, ...]


def load_segments(name: str, part: str = "documents") -> SegmentSet:
    """The documents of a part, in their order.

    Left out and counted: a document without id or sentences, one whose id repeats, and a segment that does
    not lie in its document. Raises as `find_open_set` and `read_lines`.
    """
    found, odd = find_open_set("segments", name), Oddities()
    documents: dict[str, SegmentedDocument] = {}
    total = 0
    for where, row in read_objects(found.file(part), odd):
        sentences, number = row.get("sentences"), row.get("id")
        if not isinstance(number, str | int) or not _sentences(sentences):
            odd.add("lines", "lines without an id or sentences, left out", where)
            continue
        if str(number) in documents:
            odd.add("lines", "documents whose id repeats, the first one kept", where)
            continue
        kept = []
        for given in row.get("segments") or []:
            total += 1
            if (segment := _segment(given, len(sentences))) is None:
                odd.add("segments", "segments outside their document, left out", where)
            else:
                kept.append(segment)
        more = {name: value for name, value in row.items() if name not in ("id", "sentences", "segments")}
        documents[str(number)] = SegmentedDocument(str(number), tuple(sentences), tuple(kept), more)
    odd.totals["segments"] = total
    return SegmentSet(name, part, found.licence, tuple(documents.values()), odd.found())


def _sentences(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def _segment(given: Any, sentences: int) -> Segment | None:
    if not isinstance(given, dict):
        return None
    start, end = given.get("start"), given.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= sentences:
        return None
    more = {name: value for name, value in given.items() if name not in ("start", "end", "title")}
    return Segment(start, end, str(given.get("title") or ""), more)
