"""GPL's budget, negatives and margins, by hand."""

import numpy as np
import pytest

from reprise.compression.pseudo_labels import label_tuples, margin_factor, pool_negatives, query_budget
from reprise.errors import InputError, ParameterError
from reprise.retrieval.run import Run


@pytest.mark.parametrize(
    ("documents", "budget", "expected"),
    [
        (57_638, 250_000, (57_638, 5)),  # FiQA: 250,000 / 57,638 = 4.3
        (528_155, 250_000, (83_333, 3)),  # Robust04
        (3_633, 250_000, (3_633, 69)),  # NFCorpus
        (100, 300, (100, 3)),
        (101, 300, (100, 3)),
        (5, 2, (1, 3)),
    ],
)
def test_the_budget_of_queries(documents, budget, expected):
    assert query_budget(documents, budget) == expected


def test_an_empty_domain_has_no_budget():
    with pytest.raises(ParameterError, match="without documents"):
        query_budget(0, 100)


def test_negatives_of_several_retrievers_without_the_positive():
    runs = [
        Run.from_dict("a", {"q1": {"x": 3.0, "y": 2.0, "z": 1.0}, "q2": {"x": 1.0}}),
        Run.from_dict("b", {"q2": {"w": 2.0, "x": 1.0}, "q1": {"z": 2.0, "v": 1.0}}),
    ]
    assert pool_negatives(runs, {"q1": "y", "q2": "w"}, 2) == {"q1": ("x", "z", "v"), "q2": ("x",)}
    with pytest.raises(InputError, match="no retriever gives query 'q3'"):
        pool_negatives(runs, {"q3": "x"})
    with pytest.raises(ParameterError, match="depth"):
        pool_negatives(runs, {"q1": "y"}, 0)


def test_margins_by_hand_and_positives_asked_for_once():
    asked = []

    def teacher(pairs):
        asked.extend(pairs)
        return np.array([float(len(passage)) for _, passage in pairs])

    queries = [("q1", "four", ["a", "bb", "ccc"]), ("q2", "sixsix", ["a"])]
    labelled = label_tuples(queries, teacher, 2, np.random.default_rng(0))
    assert [t.query for t in labelled] == ["q1", "q1", "q2"]
    assert all(t.margin == len(t.positive) - len(t.negative) for t in labelled)
    assert len({t.negative for t in labelled[:2]}) == 2
    assert len(asked) == 2 + 3 and len(set(asked)) == 5


def test_margins_times_their_factor_spread_as_far_as_the_students():
    generator = np.random.default_rng(0)
    teacher, student = generator.normal(0.2, 0.3, 500), generator.normal(4, 6, 500)
    factor = margin_factor(teacher, student)
    assert np.square(factor * teacher).mean() == pytest.approx(np.square(student).mean())
    assert margin_factor(student, student) == 1


@pytest.mark.parametrize("teacher", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_teacher_that_tells_nothing_apart_has_no_factor(teacher):
    with pytest.raises(InputError, match="same score"):
        margin_factor(np.array(teacher), np.array([1.0, 2.0]))
