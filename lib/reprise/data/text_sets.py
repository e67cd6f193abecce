"""Running text for language models, as it lies under `REPRISE_DATA`/text.

Two forms: a passage a line of JSON ({"text"}: LAMBADA), and tokenised articles with headings (WikiText). The
second is for models over words: `detokenise` undoes what it can of that, and rare words stay "<unk>", so that
a perplexity on it is comparable with others only where they do the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reprise.data.oddities import Oddities, Oddity
from reprise.data.open_sets import find_open_set, read_lines, read_objects

HEADING = re.compile(r"^ = [^=].*[^=] = $")
"""The title of an article; those of sections have more signs."""


@dataclass(frozen=True)
class TextSet:
    """A part of a set: its documents in their order."""

    name: str
    part: str
    licence: str
    documents: tuple[str, ...]
    oddities: tuple[Oddity, ...]


def load_texts(name: str, part: str) -> TextSet:
    """The passages or articles of a part.

    Left out and counted: lines of JSON without a text. Raises as `find_open_set` and `read_lines`.
    """
    found, odd = find_open_set("text", name), Oddities()
    file = found.file(part)
    if ".jsonl" in file.suffixes:
        documents = tuple(_passages(file, odd))
    else:
        documents = tuple(_articles(line for _, line in read_lines(file, odd)))
    return TextSet(name, part, found.licence, documents, odd.found())


def split_last_word(text: str) -> tuple[str, str]:
    """A passage and its last word, by LAMBADA's rule: what follows the last space, with that space.

    >>> split_last_word("the sign said stop")
    ('the sign said', ' stop')
    """
    before, space, word = text.rpartition(" ")
    return before, space + word


def detokenise(text: str) -> str:
    """WikiText's text as it is written: marks without spaces around them.

    >>> detokenise('Its 1 @,@ 000 well @-@ known ( old ) houses , and " so on " .')
    'Its 1,000 well-known (old) houses, and "so on".'
    """
    text = re.sub(r" @([-,.])@ ", r"\1", text)
    text = re.sub(r"([(\[]) | (?=[)\]])", r"\1", text)
    text = re.sub(r' (["“]) (.+?) \1', r" \1\2\1", text)
    text = re.sub(r" ([,.;:!?%])(?= |$)", r"\1", text)
    return re.sub(r" ('s|n't|'re|'ve|'ll|'d|'m)\b", r"\1", text).strip()


def _passages(file: Path, odd: Oddities) -> Iterator[str]:
    for where, row in read_objects(file, odd):
        if isinstance(row.get("text"), str) and row["text"].strip():
            yield row["text"]
        else:
            odd.add("lines", "lines without a text, left out", where)


def _articles(lines: Iterable[str]) -> Iterator[str]:
    """Each article with its title as its first line."""
    held: list[str] = []
    for line in lines:
        if HEADING.match(line) and held:
            yield "\n".join(held)
            held = []
        held.append(line.strip())
    if held:
        yield "\n".join(held)
