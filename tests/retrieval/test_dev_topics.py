"""Values of topics against the measures' own, ties included, and what is no topic."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.evaluation.measures import evaluate
from reprise.retrieval.dev_topics import DevTopics


@pytest.mark.parametrize("measure", ["nDCG@10", "MRR@10", "R@10"])
def test_values_are_those_of_the_whole_ranking(measure):
    generator = np.random.default_rng(0)
    queries, documents = [f"q{i}" for i in range(6)], [f"d{i:02}" for i in range(30)]
    qrels = {q: {d: int(generator.integers(1, 3)) for d in generator.choice(documents, 4)} for q in queries}
    scores = generator.permutation(180).reshape(6, 30) / 7
    rows = (dict(zip(documents, row, strict=True)) for row in scores.tolist())
    whole = dict(zip(queries, rows, strict=True))
    expected = evaluate(whole, qrels, queries, [measure]).per_topic[measure]
    found = DevTopics(queries, documents, qrels, measure).values(scores)
    assert found == pytest.approx([expected[q] for q in queries])


def test_fewer_documents_than_the_measure_reads():
    assert DevTopics(["q"], ["a", "b"], {"q": {"a": 1}}).values(np.array([[1.0, 2.0]])) == pytest.approx(
        [1 / np.log2(3)]
    )


def test_topics_without_judgement_and_scores_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"needs a judgement.*'p'"):
        DevTopics(["q", "p"], ["a"], {"q": {"a": 1}, "p": {}})
    with pytest.raises(InputError, match="needs a judgement"):
        DevTopics([], ["a"], {})
    with pytest.raises(InputError, match="every topic with every document"):
        DevTopics(["q"], ["a"], {"q": {"a": 1}}).values(np.zeros((1, 2)))
