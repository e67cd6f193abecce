"""Retrieval measures over a run, topic by topic, through ir-measures (MacAvaney et al., ECIR 2022).

Names are those of the tables: MAP, nDCG@k, R@k, MRR@k. What is often left unsaid is fixed here:

* Ranks follow the run's own order: score descending, ties by document id ascending. The measures are
  given strictly decreasing stand-in scores, so no provider's tie rule (trec_eval's is document id
  *descending*) can change a rank.
* The lowest grade that counts as relevant in a binary measure is a parameter (2 on TREC Deep
  Learning); nDCG uses the grades as they are, with the linear gain of trec_eval.
* A judged topic without results counts as zero and is listed; a run that answers none is refused. A topic
  without judgements is left out and listed. A judged topic without any relevant document counts as zero, as
  trec_eval has it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any, Protocol

from reprise.errors import InputError, ParameterError
from reprise.texts import check_ids, check_texts

Results = Mapping[str, Mapping[str, float]]
"""Scores by topic and document: what a run's `to_dict()` returns."""

_NAME = re.compile(r"(nDCG|R|MRR)@([1-9]\d*)|MAP")


class RunLike(Protocol):
    """Anything that gives its documents as {topic id: ids in rank order}, by the project's tie rule."""

    def ranked(self) -> Mapping[str, Sequence[str]]: ...


@dataclass(frozen=True)
class Evaluation:
    """What a run scores: means over the `n` judged topics, and the values behind them.

    `per_topic` maps measure -> topic id -> value. `missing` are judged topics without results (they
    count as zero), `unjudged` the topics left out; `definitions` says each measure in ir-measures' terms.
    """

    mean: Mapping[str, float]
    per_topic: Mapping[str, Mapping[str, float]]
    n: int
    missing: tuple[str, ...]
    unjudged: tuple[str, ...]
    definitions: Mapping[str, str]


def evaluate(
    run: RunLike | Results,
    qrels: Mapping[str, Mapping[str, int]],
    topics: Sequence[str],
    measures: Sequence[str],
    relevance_threshold: int = 1,
) -> Evaluation:
    """Score a run on the given topics; results for other topics are ignored. A grade 1.0 is a grade of 1.

    Raises `ParameterError` for an unknown measure, the same one twice and none at all, and `InputError` for
    a score that is not a number, a grade that is not a whole one, an id that is not a text, a repeated
    topic, topics none of which is judged, and a run that answers none of those that are.

    >>> run, qrels = {"q1": {"a": 2.0, "b": 1.0}}, {"q1": {"b": 1}, "q2": {"a": 1}}
    >>> found = evaluate(run, qrels, ["q1", "q2"], ["MAP"])
    >>> found.per_topic["MAP"], found.mean["MAP"], found.missing
    ({'q1': 0.5, 'q2': 0.0}, 0.25, ('q2',))
    """
    import ir_measures

    parsed = _parse_measures(measures, relevance_threshold)
    check_ids(topics, "topic id")
    if len(set(topics)) < len(topics):
        raise InputError("a topic repeats", given=sorted({t for t in topics if list(topics).count(t) > 1}))
    judged = [t for t in topics if qrels.get(t)]
    if not judged:
        raise InputError(
            "none of the topics is judged",
            given=list(topics)[:5],
            remedy="give judgements for the topics of this run",
        )
    if isinstance(run, Mapping):
        lists = {t: rank_documents(run[t], t) for t in judged if run.get(t)}
    else:
        lists = run.ranked()
    if not any(lists.get(t) for t in judged):
        raise InputError(
            "the run answers none of the judged topics",
            given={"answered": list(run if isinstance(run, Mapping) else lists)[:3], "judged": judged[:3]},
            remedy="give the run of these topics; search takes their ids first, then the queries",
        )
    longest = max(map(len, lists.values()), default=0)
    stand_ins = [float(longest - rank) for rank in range(longest)]
    ranked = {t: dict(zip(lists[t], stand_ins, strict=False)) for t in judged if lists.get(t)}

    values: dict[str, dict[str, float]] = {name: dict.fromkeys(judged, 0.0) for name in measures}
    name_of = {measure: name for name, measure in parsed.items()}
    grades = {t: _whole_grades(qrels[t], t) for t in judged}
    for metric in ir_measures.iter_calc(list(parsed.values()), grades, ranked):
        values[name_of[metric.measure]][metric.query_id] = float(metric.value)
    return Evaluation(
        mean={name: math.fsum(by_topic.values()) / len(judged) for name, by_topic in values.items()},
        per_topic=values,
        n=len(judged),
        missing=tuple(t for t in judged if t not in ranked),
        unjudged=tuple(t for t in topics if not qrels.get(t)),
        definitions={name: str(measure) for name, measure in parsed.items()},
    )


def parse_measure(name: str, relevance_threshold: int = 1) -> Any:
    """The ir-measures object of a measure's name in the tables; `ParameterError` when there is none.

    >>> parse_measure("R@1000", relevance_threshold=2), parse_measure("nDCG@10")
    (R(rel=2)@1000, nDCG@10)
    """
    import ir_measures

    match = check_measure(name)
    if relevance_threshold < 1:
        raise ParameterError(
            "the relevance threshold must be at least 1, as grade 0 means not relevant",
            given=relevance_threshold,
        )
    if name == "MAP":
        return ir_measures.AP(rel=relevance_threshold)
    family, cutoff = match[1], int(match[2])
    if family == "nDCG":
        return ir_measures.nDCG @ cutoff
    return {"R": ir_measures.R, "MRR": ir_measures.RR}[family](rel=relevance_threshold) @ cutoff


def check_measure(name: str) -> re.Match[str]:
    """A measure's name as family and cutoff; `ParameterError`, with the nearest name, when there is none."""
    match = _NAME.fullmatch(name)
    if match is None:
        known = {m.lower(): m for m in ("MAP", "nDCG@10", "R@100", "R@1000", "MRR@10")}
        near = get_close_matches(name.lower(), known, 1, cutoff=0.4) or ["map"]
        raise ParameterError(
            f"unknown measure {name!r}",
            remedy=f"did you mean {known[near[0]]!r}? Known are MAP, nDCG@k, R@k and MRR@k",
        )
    return match


def _parse_measures(measures: Sequence[str], relevance_threshold: int) -> dict[str, Any]:
    check_texts(measures, "measure")
    if not measures:
        raise ParameterError("no measure is asked for", remedy='name some, such as ["MAP", "nDCG@10"]')
    twice = [name for name in dict.fromkeys(measures) if list(measures).count(name) > 1]
    if twice:
        raise ParameterError("a measure is asked for twice", given=twice, remedy="name each once")
    return {name: parse_measure(name, relevance_threshold) for name in measures}


def _whole_grades(grades: Mapping[str, int], topic: str) -> dict[str, int]:
    check_ids(grades, f"document id judged for topic {topic!r}")
    for document, grade in grades.items():
        if not isinstance(grade, Real) or grade != grade // 1:  # neither does an infinity or a NaN
            raise InputError(
                f"the grade of document {document!r} for topic {topic!r} is not a whole number", given=grade
            )
    # A grade below 0 is no gain, as in trec_eval, which crashes on a topic that has none above -2.
    return {document: max(int(grade), 0) for document, grade in grades.items()}


def rank_documents(scores: Mapping[str, float], topic: str = "") -> list[str]:
    """Document ids in rank order: score descending, ties by id ascending.

    Raises `InputError` for a NaN score and an id that is not a text.

    >>> rank_documents({"c": 1.0, "b": 2.0, "a": 1.0})
    ['b', 'a', 'c']
    """
    check_ids(scores, f"document id found for topic {topic!r}")
    if any(score != score for score in scores.values()):
        culprit = next(document for document, score in scores.items() if score != score)
        raise InputError(
            f"the score of document {str(culprit)!r} for topic {topic!r} is not a number",
            remedy="look at what made the run; a NaN has no rank",
        )
    return sorted(map(str, scores), key=lambda document: (-scores[document], document))
