"""A docstring taken apart: its summary sentence, and the body that becomes a document.

Call signatures at the head (compiled objects carry theirs in the docstring) are dropped, since they would
give the object's own name away.
"""

from __future__ import annotations

import re

_SIGNATURE = re.compile(r"[\w.]+\s*\(.*?\)\s*(?:->\s*[^\n]*)?(?:\n--\s*)?(?=\n|$)", re.DOTALL)
_SECTION = re.compile(
    r"(?:[A-Z][\w ]{2,30}:\s*\n|[A-Z]\w{2,30}\n[-=]{3}|\.\. \w+::|>>>|```|[-*] |:param"
    r"|\||=+$|[\w`*, ]+ ?\([^)\n]*\).{0,80}?:)"
)
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|etc|resp|approx|Eq|Fig|No|no|Dr|al|w\.r\.t)|\b[A-Z])\.$")


def split_summary(text: str) -> tuple[str, str]:
    r"""(summary sentence, body) of a docstring; the summary is "" when the text begins with a section.

    The rest of the first paragraph stays in the body.

    >>> split_summary("svd(a)\n\nFactorise a matrix. It may be\nlarge.\n\nNotes\n-----\nSlow.")
    ('Factorise a matrix.', 'It may be\nlarge.\n\nNotes\n-----\nSlow.')
    """
    text = text.strip()
    while (signature := _SIGNATURE.match(text)) and "\n\n" not in signature[0]:
        text = text[signature.end() :].strip()
    paragraph = re.split(r"\n\s*\n", text, maxsplit=1)[0]
    if not paragraph or _SECTION.match(paragraph):
        return "", text
    end = _sentence_end(paragraph)
    return " ".join(paragraph[:end].split()), text[end:].strip()


def words(text: str) -> list[str]:
    """Lower-case words and numbers: what two texts are compared by.

    >>> words("Return x_1, or None.")
    ['return', 'x_1', 'or', 'none']
    """
    return re.findall(r"\w+", text.lower())


def stands_in(words_of_topic: list[str], words_of_document: list[str]) -> bool:
    """Whether one text stands in another, word by word, whatever the case, punctuation and white space.

    >>> stands_in(words("Sparse  matrix"), words("A sparse\\nmatrix."))
    True
    """
    return f" {' '.join(words_of_topic)} " in f" {' '.join(words_of_document)} "


def _sentence_end(paragraph: str) -> int:
    for found in re.finditer(r"[.!?](?=\s|$)", paragraph):
        following = paragraph[found.end() :].lstrip()
        starts = not following or not following[0].islower()
        if starts and not _ABBREVIATION.search(paragraph[: found.end()]):
            return found.end()
    return len(paragraph)
