"""What stands for a text or an id, checked once where it enters the library, by name.

A string is a sequence of strings to Python, so one text handed over in place of a list would be read letter
by letter without a word. An id is a text as well: numbers are not turned into text, as 7 and "07" would then
be two topics or one by chance. numpy drops NUL characters at the end of a text, so an id that ends in one
would become another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from reprise.errors import InputError


def check_texts(texts: Iterable[str], what: str) -> None:
    """Raise `InputError` unless `texts` is a list of texts that can be written as UTF-8; `what` names one.

    >>> check_texts("hello", "document")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    reprise.errors.InputError: this is one document, not a list of them (given: 'hello'). To mend it: ...
    """
    _refuse_bare(texts, what)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"{what} {place} is not a text", given=text, remedy="give text (str)")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{what} {place} has half of a surrogate pair, which is no character",
                given=text[max(0, error.start - 20) : error.end + 20],
                remedy="read the text anew, or replace what cannot be encoded as UTF-8",
            ) from None


def check_ids(ids: Iterable[str], what: str) -> None:
    """Raise `InputError` unless `ids` is a list of texts none of which ends in NUL; `what` names one.

    >>> check_ids([7], "topic id")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    reprise.errors.InputError: the topic id 7 is not a text (given: 'int'). To mend it: write ids as text...
    """
    _refuse_bare(ids, what)
    for one in ids:
        if not isinstance(one, str):
            raise InputError(
                f"the {what} {one!r} is not a text",
                given=type(one).__name__,
                remedy="write ids as text, everywhere in the same way",
            )
        if one.endswith("\0"):
            raise InputError(f"the {what} {one!r} ends in a NUL character", remedy="rename it")


def id_array(ids: Sequence[str] | np.ndarray, what: str) -> np.ndarray:
    """The ids as an array of text; raises as `check_ids`.

    >>> id_array(["a", "bc"], "document id").tolist()
    ['a', 'bc']
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind == "U":
        return ids
    _refuse_bare(ids, what)
    listed = list(ids)
    check_ids(listed, what)
    return np.array(listed, dtype=str)


def _refuse_bare(texts: Iterable[str], what: str) -> None:
    if isinstance(texts, str | bytes):
        raise InputError(f"this is one {what}, not a list of them", given=texts, remedy="put it in a list")
