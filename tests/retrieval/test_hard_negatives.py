"""Hard negatives: from the ranks asked for, no positive, none of its group; random ones are counted."""

from types import SimpleNamespace

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.hard_negatives import mine_hard_negatives

RANKED = {"q1": [f"d{i}" for i in range(10)], "q2": [f"d{i}" for i in reversed(range(10))]}
POSITIVES = {"q1": ["d0"], "q2": {"d0": 3, "d8": 1}}


def run_of(ranked):
    return SimpleNamespace(
        query_ids=tuple(ranked), top=lambda depth: [docs[:depth] for docs in ranked.values()]
    )


def mine(per_query, seed=0, ranked=RANKED, **options):
    generator = np.random.default_rng(seed)
    return mine_hard_negatives(run_of(ranked), POSITIVES, per_query, generator=generator, **options)


def test_ranks_and_positives():
    mined = mine(3, depth=5, skip_top=1)
    assert set(mined.negatives["q1"]) <= {"d1", "d2", "d3", "d4"} and len(set(mined.negatives["q1"])) == 3
    assert mined.negatives["q2"] == ("d7", "d6", "d5")  # ranks 2 to 5 are d8 d7 d6 d5, and d8 is relevant
    assert (mined.random_documents, mined.short_queries) == (0, 0)


def test_same_generator_same_negatives():
    assert mine(4, seed=7) == mine(4, seed=7)
    assert mine(4, seed=7) != mine(4, seed=8)


def test_every_rank_is_drawn_about_equally_often():
    counts = dict.fromkeys(RANKED["q1"], 0)
    for seed in range(600):
        for document in mine(3, seed=seed).negatives["q1"]:
            counts[document] += 1
    assert counts.pop("d0") == 0
    assert min(counts.values()) > 150 and max(counts.values()) < 250  # 600 * 3 / 9 = 200


def test_documents_of_the_positives_group_are_left_out():
    groups = {"d0": "numpy.sort", "d1": "numpy.sort", "d2": "numpy.argsort"}
    mined = mine(2, depth=4, groups=groups, all_documents=RANKED["q1"])
    assert set(mined.negatives["q1"]) == {"d2", "d3"}  # d1 is another name of d0


def test_too_few_candidates_are_filled_up_and_counted():
    mined = mine(4, depth=3, all_documents=[f"d{i}" for i in range(10)])
    assert mined.negatives["q1"][:2] == ("d1", "d2")  # what the run gives comes first
    assert mined.negatives["q2"][:2] == ("d9", "d7")
    for query, relevant in (("q1", {"d0"}), ("q2", {"d0", "d8"})):
        assert len(set(mined.negatives[query])) == 4 and not relevant & set(mined.negatives[query])
    assert (mined.random_documents, mined.short_queries) == (4, 2)
    with pytest.raises(InputError, match=r"'q1' has too few candidates.*\(2, 4\)"):
        mine(4, depth=3)
    with pytest.raises(InputError, match="the collection has too few documents"):
        mine(4, depth=3, all_documents=["d1", "d2", "d3"])


def test_a_query_without_results_gets_random_ones_only():
    mined = mine(2, ranked={"q1": []}, all_documents=["d0", "d5", "d6"])
    assert set(mined.negatives["q1"]) == {"d5", "d6"} and mined.random_documents == 2


def test_bad_input():
    with pytest.raises(InputError, match="'q9' has no positive"):
        mine(1, ranked={"q9": ["d1"]})
    with pytest.raises(ParameterError, match="per_query"):
        mine(0)
    with pytest.raises(ParameterError, match="skip_top"):
        mine(1, depth=5, skip_top=5)
