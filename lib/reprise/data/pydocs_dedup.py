"""Near-duplicate texts: exact Jaccard similarity of word shingles, found by prefix filtering.

The similarity join of Bayardo, Ma and Srikant (WWW 2007): two sets of similarity t or more share an
element among the |x| - ceil(t |x|) + 1 rarest of each, so only texts that meet there are compared. Exact
and without random hashing, unlike MinHash, so the result is the same everywhere.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain

from reprise.data.pydocs_text import words


def shingles(text: str, size: int = 3) -> frozenset[str]:
    """All runs of `size` words; a shorter text is one shingle.

    >>> sorted(shingles("one two three four"))
    ['one two three', 'two three four']
    """
    found = words(text)
    if len(found) <= size:
        return frozenset({" ".join(found)})
    return frozenset(map(" ".join, zip(*(found[i:] for i in range(size)), strict=False)))


def find_duplicates(texts: Sequence[str], threshold: float) -> dict[int, int]:
    """Which texts to drop, each with the earlier text, itself kept, that it is most similar to.

    No two of the texts that are left have a similarity of `threshold` or more.

    >>> find_duplicates(["a b c d e", "x y z", "A b c d, e!"], 0.7)
    {2: 0}
    """
    sets = [shingles(text) for text in texts]
    frequency = Counter(chain.from_iterable(sets))
    index: dict[str, list[int]] = defaultdict(list)
    dropped: dict[int, int] = {}
    for at, here in enumerate(sets):
        size = len(here)
        rarest_first = sorted(sorted(here), key=frequency.__getitem__)
        prefix = rarest_first[: size - math.ceil(threshold * size) + 1]
        best = (0.0, 0)
        # a shingle that occurs once leads nowhere: it need not be looked up or kept
        prefix = [shingle for shingle in prefix if frequency[shingle] > 1]
        for other in {o for shingle in prefix for o in index[shingle]}:
            there = sets[other]
            if min(size, len(there)) >= threshold * max(size, len(there)):
                shared = len(here & there)
                best = max(best, (shared / (size + len(there) - shared), -other))
        if best[0] >= threshold:
            dropped[at] = -best[1]
        else:
            for shingle in prefix:
                index[shingle].append(at)
    return dropped
