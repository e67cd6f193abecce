"""How far the words of a topic are from the words of what it looks for.

The share of a topic's words (without function words, with plural and verb endings removed) that stand in
its most relevant documents: 1 means that exact matching has nothing to bridge.
"""

from __future__ import annotations

import re
from typing import Any

from reprise.data.collection import Collection

FUNCTION_WORDS = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "not",
        "of",
        "on",
        "or",
        "that",
        "the",
        "their",
        "this",
        "to",
        "with",
    }
)


def stem(word: str) -> str:
    """The word without its English endings, crudely: enough to match "returns" with "returned".

    >>> [stem(w) for w in ("matrices", "returns", "returned", "computing")]
    ['matric', 'return', 'return', 'comput']
    """
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def lexical_overlap(collection: Collection, split: str) -> dict[str, float]:
    """Mean share of a topic's stems that stand in its best documents, by domain and for "all".

    Where several documents have the highest grade, their stems are taken together. Topics without a relevant
    document are left out. Raises `InputError` for an unknown split.
    """
    chosen, positives = collection.split(split), collection.positives(split)
    texts = {d.id: d.full_text for d in collection.documents}
    shares: dict[str, list[float]] = {"all": []}
    for topic in chosen.topics:
        judged = positives.get(topic.id, {})
        best = max(judged.values(), default=0)
        wanted = _stems(topic.text)
        if best < 1 or not wanted:
            continue
        there = set().union(*(_stems(texts[d]) for d, grade in judged.items() if grade == best))
        for name in {"all", topic.domain} - {""}:
            shares.setdefault(name, []).append(len(wanted & there) / len(wanted))
    return {name: round(sum(s) / len(s), 6) for name, s in sorted(shares.items()) if s}


def examples(collection: Collection, split: str, n: int, opening: int = 160) -> list[dict[str, Any]]:
    """`n` topics spread evenly over the split, each with its judged documents (grade and opening text).

    Raises `InputError` for an unknown split.
    """
    chosen = collection.split(split)
    texts = {d.id: d.full_text for d in collection.documents}
    step = max(len(chosen.topics) // max(n, 1), 1)
    shown = []
    for topic in chosen.topics[step // 2 :: step][:n]:
        judged = sorted(chosen.qrels.get(topic.id, {}).items(), key=lambda item: (-item[1], item[0]))
        shown.append(
            {
                "id": topic.id,
                "topic": topic.text,
                "domain": topic.domain,
                "documents": [
                    {"id": d, "grade": grade, "opening": _opening(texts.get(d, ""), opening)}
                    for d, grade in judged
                ],
            }
        )
    return shown


def _stems(text: str) -> set[str]:
    return {stem(w) for w in re.findall(r"\w+", text.lower()) if w not in FUNCTION_WORDS}


def _opening(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length].rsplit(" ", 1)[0] + " ..."
