"""GPL's training data: generated queries, negatives from several retrievers, margins of a cross-encoder.

Wang et al., NAACL 2022 (arXiv 2112.07577), sections 3 and 4. Queries: a budget in all, so a small corpus
gets more queries a passage and a large one is sampled. Negatives: the top of each retriever without the
positive, one drawn a tuple. Label: the teacher's score of (query, positive) less that of (query, negative),
raw logits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprise.errors import InputError, ParameterError

if TYPE_CHECKING:
    from reprise.retrieval.run import Run

PairTeacher = Callable[[Sequence[tuple[str, str]]], np.ndarray]
"""(query, passage) texts -> raw scores (pairs,), such as `CrossEncoder.score`."""


class LabelledTuple(NamedTuple):
    """A generated query, the passage it was made from, a mined negative and the teacher's margin."""

    query: str
    positive: str
    negative: str
    margin: float


def check_labelled(labelled: Sequence[LabelledTuple]) -> None:
    """Raise `InputError`, naming the tuple, for an empty text or a margin that is not a number."""
    if not labelled:
        raise InputError("there are no tuples to adapt with", remedy="an empty domain cannot be adapted to")
    for place, tuple_ in enumerate(labelled):
        if not all(text.strip() for text in tuple_[:3]):
            raise InputError(f"tuple {place} has an empty text", given=tuple(tuple_[:3]))
        if not math.isfinite(tuple_.margin):
            raise InputError(f"the margin of tuple {place} is not a number", given=tuple_.margin)


def query_budget(documents: int, budget: int, at_least: int = 3) -> tuple[int, int]:
    """(documents to use, queries a document) for a budget of queries in all.

    When `at_least` queries for every document are more than the budget, so many documents are sampled that
    they are not; else every document gets budget / documents, rounded up.

    >>> query_budget(57_638, 250_000), query_budget(528_155, 250_000)    # FiQA and Robust04
    ((57638, 5), (83333, 3))
    """
    if min(documents, budget, at_least) < 1:
        raise ParameterError(
            "documents, budget and queries a document must be at least 1",
            given=(documents, budget, at_least),
            remedy="a domain without documents cannot be adapted to",
        )
    if at_least * documents > budget:
        return max(budget // at_least, 1), at_least
    return documents, math.ceil(budget / documents)


def pool_negatives(
    runs: Sequence[Run], positives: Mapping[str, str], depth: int = 50
) -> dict[str, tuple[str, ...]]:
    """For each query the first `depth` documents of every run without the positive, each once, in that order.

    Raises `InputError` for a query that no run gives a negative.

    >>> from reprise.retrieval.run import Run
    >>> runs = [Run.from_dict("a", {"q": {"x": 2.0, "y": 1.0}}), Run.from_dict("b", {"q": {"z": 1.0}})]
    >>> pool_negatives(runs, {"q": "x"})
    {'q': ('y', 'z')}
    """
    if depth < 1:
        raise ParameterError("depth must be at least 1", given=depth)
    tops = [dict(zip(run.query_ids, run.top(depth), strict=True)) for run in runs]
    pools = {}
    for query, positive in positives.items():
        found = dict.fromkeys(d for top in tops for d in top.get(query, ()) if d != positive)
        if not found:
            raise InputError(f"no retriever gives query {query!r} a negative", remedy="search deeper")
        pools[query] = tuple(found)
    return pools


def margin_factor(teacher: np.ndarray, student: np.ndarray) -> float:
    """What the teacher's margins are multiplied with to spread as far as the student's, on the same tuples.

    The ratio of root mean squares. MarginMSE asks for equal margins, which makes sense where both models were
    trained to one scale, as TAS-B was to a cross-encoder's; a student of cosines times 20 and a small teacher
    trained here are far apart, and the loss would then shrink the student instead of teaching it an order.
    Raises `InputError` when one of them tells no pair apart.

    >>> margin_factor(np.array([1.0, -1.0]), np.array([3.0, 5.0])) ** 2    # (9 + 25) / (1 + 1)
    17.0
    """
    squares = [float(np.square(np.asarray(margins, float)).mean()) for margins in (teacher, student)]
    if not all(0 < square < math.inf for square in squares):
        raise InputError(
            "teacher or student give every pair the same score, or none: their margins cannot be compared",
            given={"mean squares of teacher and student": squares},
            remedy="train the teacher for more steps, or leave its margins as they are",
        )
    return math.sqrt(squares[1] / squares[0])


def label_tuples(
    queries: Sequence[tuple[str, str, Sequence[str]]],
    teacher: PairTeacher,
    per_query: int,
    generator: np.random.Generator,
) -> list[LabelledTuple]:
    """`per_query` tuples for each (query, positive, negatives): negatives drawn without replacement.

    A query with fewer negatives gives fewer tuples. The teacher sees every positive pair once.

    >>> teacher = lambda pairs: np.array([float(len(passage)) for _, passage in pairs])
    >>> label_tuples([("q", "long one", ["short"])], teacher, 1, np.random.default_rng(0))[0].margin
    3.0
    """
    drawn = [
        (query, positive, [negatives[i] for i in np.sort(generator.permutation(len(negatives))[:per_query])])
        for query, positive, negatives in queries
    ]
    pairs = [(query, passage) for query, positive, chosen in drawn for passage in (positive, *chosen)]
    scores = iter(np.asarray(teacher(pairs), dtype=float).tolist())
    labelled = []
    for query, positive, chosen in drawn:
        top = next(scores)
        labelled += [LabelledTuple(query, positive, negative, top - next(scores)) for negative in chosen]
    return labelled
