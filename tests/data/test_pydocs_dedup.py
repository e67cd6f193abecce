"""Near-duplicates, against the comparison of all pairs."""

import random

import pytest

from reprise.data.pydocs_dedup import find_duplicates, shingles


def jaccard(a, b):
    a, b = shingles(a), shingles(b)
    return len(a & b) / len(a | b)


def test_similarity_by_hand():
    # abc bcd cde against abc bcd cdx: 2 shared of 4
    assert jaccard("a b c d e", "a b c d x") == 2 / 4


@pytest.mark.parametrize("threshold", [0.4, 0.6, 0.9])
def test_equals_the_comparison_of_all_pairs(threshold):
    draw = random.Random(7)
    base = [[draw.choice("abcdefghij") for _ in range(40)] for _ in range(6)]
    texts = []
    for _ in range(80):
        text = list(draw.choice(base))
        for _ in range(draw.randrange(12)):
            text[draw.randrange(len(text))] = draw.choice("abcdefghijklmnop")
        texts.append(" ".join(text))
    kept, dropped = [], set()
    for i, text in enumerate(texts):
        if any(jaccard(text, texts[k]) >= threshold for k in kept):
            dropped.add(i)
        else:
            kept.append(i)
    found = find_duplicates(texts, threshold)
    assert set(found) == dropped
    for i, k in found.items():
        assert k in kept
        assert jaccard(texts[i], texts[k]) == max(jaccard(texts[i], texts[o]) for o in kept if o < i)
